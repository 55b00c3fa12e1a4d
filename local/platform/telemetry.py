"""A look at what the app told Application Insights."""

import ssl
from typing import Any

import httpx

from local.platform.address import Address


class TelemetryView:
    """A client of the ingestion endpoint's own routes."""

    def __init__(self, address: Address) -> None:
        tls = ssl.create_default_context(cafile=address.ca_bundle)
        self._http = httpx.Client(base_url=address.telemetry, verify=tls, trust_env=False)

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def steps(self) -> list[dict[str, Any]]:
        """Envelopes of spans, in the order of arrival."""
        return self._items("RemoteDependencyData")

    def measures(self) -> list[dict[str, Any]]:
        """Envelopes of readings, in the order of arrival."""
        return self._items("MetricData")

    def everything(self) -> list[dict[str, Any]]:
        """All envelopes, in the order of arrival."""
        return self._items(None)

    def _items(self, kind: str | None) -> list[dict[str, Any]]:
        query = {"kind": kind} if kind else {}
        found: list[dict[str, Any]] = self._http.get("/items", params=query).raise_for_status().json()["items"]
        return found
