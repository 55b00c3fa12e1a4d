"""What the subscriptions of a system topic did, from Azure Monitor's metrics API (2024-02-01).

Names: learn.microsoft.com/azure/azure-monitor/reference/supported-metrics/microsoft-eventgrid-systemtopics-metrics.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from shared.adapters.azure_ml_http import CONFUSED
from shared.adapters.control_plane_http import not_understood
from shared.domain.azure_facts import Deliveries

METRICS = ("DeliverySuccessCount", "DeliveryAttemptFailCount", "DeadLetteredCount", "DroppedEventCount")


def deliveries_in(body: Mapping[str, Any], subscription: str, days: int) -> Deliveries:
    """The totals of one subscription, and the last hour in which it delivered.

    Raises:
        Unreadable: the answer has another form.
    """
    try:
        points = list(_points(body, subscription))
        delivered, failed, dead_lettered, dropped = (
            round(sum(total for name, _, total in points if name == metric)) for metric in METRICS
        )
    except CONFUSED as error:
        raise not_understood("Reading metrics", "they have another form than Azure Monitor's") from error
    hours = [at for name, at, total in points if name == METRICS[0] and total]
    return Deliveries(days, delivered, failed, dead_lettered, dropped, max(hours, default=None))


def _points(body: Mapping[str, Any], subscription: str) -> Iterator[tuple[str, datetime, float]]:
    for metric in body["value"]:
        for series in metric["timeseries"]:
            if subscription.casefold() in {str(each["value"]).casefold() for each in series["metadatavalues"]}:
                for point in series["data"]:
                    at = datetime.fromisoformat(point["timeStamp"]).astimezone(UTC)
                    yield metric["name"]["value"], at, float(point.get("total") or 0)
