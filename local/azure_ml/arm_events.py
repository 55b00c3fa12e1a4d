"""System topics, their subscriptions and their metrics, as Event Grid (2025-02-15) and Azure Monitor (2024-02-01) answer."""

import re
from collections import Counter
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.azure_ml.arm_config import Subscription, SystemTopic
from local.azure_ml.arm_routes import known_subscription
from local.azure_ml.endpoints import Call, route
from local.azure_ml.errors import arm_error
from local.azure_ml.rendering import page_json
from local.azure_ml.timestamps import sas_time
from local.azure_ml.world import World

_TOPICS = "providers/Microsoft.EventGrid/systemTopics"
_FILTER = re.compile(r"EventSubscriptionName eq '\*'")
_METRICS = ("DeliverySuccessCount", "DeliveryAttemptFailCount", "DeadLetteredCount", "DroppedEventCount")


def list_topics(world: World, call: Call) -> Response:
    """List of system topics, of a subscription or of one of its resource groups."""
    subscription, group = known_subscription(world, call), call.path.get("group")
    found = [
        _topic(each)
        for each in world.arm.topics
        if each.subscription_id.lower() == subscription.lower()
        and (group is None or each.resource_group.lower() == group.lower())
    ]
    return JSONResponse(page_json(world, call.url_path, dict(call.query), found))


def list_subscriptions(world: World, call: Call) -> Response:
    """List of the subscriptions of one topic."""
    topic = _named(world, call)
    found = [_subscription(topic, each) for each in topic.subscriptions]
    return JSONResponse(page_json(world, call.url_path, dict(call.query), found))


def show_metrics(world: World, call: Call) -> Response:
    """GET of metrics, split by subscription and summed by the hour."""
    topic, names = _named(world, call), call.query.get("metricnames", "").split(",")
    unknown = [name for name in names if name not in _METRICS]
    if unknown or not _FILTER.fullmatch(call.query.get("$filter", "")):
        raise arm_error(400, "BadRequest", f"Failed to find metric configuration for {unknown or 'that filter'}.")
    counts = _counts(world, topic)
    body = {
        "cost": 0,
        "timespan": call.query.get("timespan", ""),
        "interval": "PT1H",
        "value": [_metric(topic, name, counts) for name in names],
        "namespace": "microsoft.eventgrid/systemtopics",
        "resourceregion": topic.region,
    }
    return JSONResponse(body)


def _named(world: World, call: Call) -> SystemTopic:
    for each in world.arm.topics:
        if each.arm_id.lower() == "/".join(call.url_path.split("/")[:9]).lower():
            return each
    raise arm_error(404, "ResourceNotFound", f"The Resource '{call.url_path}' was not found.")


def _topic(topic: SystemTopic) -> dict[str, Any]:
    identity = {
        "type": "SystemAssigned",
        "principalId": topic.principal,
        "tenantId": "",
        "userAssignedIdentities": None,
    }
    return {
        "properties": {
            "provisioningState": "Succeeded",
            "source": topic.source,
            "topicType": "Microsoft.MachineLearningServices.Workspaces",
            "metricResourceId": "183c0fb1-17ff-47b6-ac77-5a47420ab01e",
        },
        "identity": identity if topic.principal else None,
        "location": topic.region,
        "tags": None,
        "id": topic.arm_id,
        "name": topic.name,
        "type": "Microsoft.EventGrid/systemTopics",
    }


def _subscription(topic: SystemTopic, each: Subscription) -> dict[str, Any]:
    queue = {"resourceId": each.account_id, "queueName": each.queue, "queueMessageTimeToLiveInSeconds": -1}
    destination = {"endpointType": "StorageQueue", "properties": queue}
    container = {"resourceId": each.account_id, "blobContainerName": each.dead_letters}
    kept = {"endpointType": "StorageBlob", "properties": container} if each.dead_letters else None
    delivered = (
        {
            "deliveryWithResourceIdentity": {"identity": {"type": "SystemAssigned"}, "destination": destination},
            "deadLetterWithResourceIdentity": {"identity": {"type": "SystemAssigned"}, "deadLetterDestination": kept}
            if kept
            else None,
        }
        if each.by_identity
        else {"destination": destination, "deadLetterDestination": kept}
    )
    properties = {
        **delivered,
        "eventDeliverySchema": "EventGridSchema",
        "filter": {"includedEventTypes": list(each.event_types) if each.event_types is not None else None},
        "labels": None,
        "provisioningState": each.state,
        "retryPolicy": {"maxDeliveryAttempts": 30, "eventTimeToLiveInMinutes": 1440},
        "topic": topic.source,
    }
    place = f"{topic.arm_id}/eventSubscriptions/{each.name}"
    kind = "Microsoft.EventGrid/systemTopics/eventSubscriptions"
    return {"properties": properties, "id": place, "name": each.name, "type": kind}


def _counts(world: World, topic: SystemTopic) -> dict[str, Counter[str]]:
    """By metric, how often in which hour."""
    workspace = topic.source.rsplit("/", 1)[-1]
    counts: dict[str, Counter[str]] = {name: Counter() for name in _METRICS}
    for hour, metric, number in world.events.tally(workspace):
        counts[metric][hour] += number
    for metric, number in world.arm.metrics.items():
        counts[metric][_hour(sas_time())] += number
    return counts


def _metric(topic: SystemTopic, name: str, counts: dict[str, Counter[str]]) -> dict[str, Any]:
    data = [{"timeStamp": hour, "total": float(number)} for hour, number in sorted(counts[name].items())]
    of_each = [
        {
            "metadatavalues": [
                {
                    "name": {"value": "eventsubscriptionname", "localizedValue": "eventsubscriptionname"},
                    "value": each.name,
                }
            ],
            "data": data,
        }
        for each in topic.subscriptions
    ]
    return {
        "id": f"{topic.arm_id}/providers/Microsoft.Insights/metrics/{name}",
        "type": "Microsoft.Insights/metrics",
        "name": {"value": name, "localizedValue": name},
        "unit": "Count",
        "timeseries": of_each if data else [],
        "errorCode": "Success",
    }


def _hour(wire: str) -> str:
    return f"{wire[:13]}:00:00Z"


def arm_event_routes() -> list[Route]:
    """Return all routes of this module."""
    subscription, group = "/subscriptions/{subscription}", "/subscriptions/{subscription}/resourceGroups/{group}"
    topic = f"{group}/{_TOPICS}/{{topic}}"
    return [
        route("GET", f"{subscription}/{_TOPICS}", "arm_read", list_topics),
        route("GET", f"{group}/{_TOPICS}", "arm_read", list_topics),
        route("GET", f"{topic}/eventSubscriptions", "arm_read", list_subscriptions),
        route("GET", f"{topic}/providers/Microsoft.Insights/metrics", "arm_read", show_metrics),
    ]
