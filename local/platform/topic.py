"""A look into the event topic: what was published, and trouble ordered for the next publications."""

import ssl
from typing import Any

import httpx

from local.platform.address import Address


class TopicView:
    """A client of the topic's own routes."""

    def __init__(self, address: Address) -> None:
        tls = ssl.create_default_context(cafile=address.ca_bundle)
        self._http = httpx.Client(base_url=address.topic, verify=tls, trust_env=False)

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def events(self, promotion: str | None = None) -> list[dict[str, Any]]:
        """The CloudEvents in the order of arrival, duplicates included; those of one promotion, or all."""
        found = [each["event"] for each in self._http.get("/events").raise_for_status().json()["events"]]
        subject = "promotion/" + promotion.replace(":", "/") if promotion else None
        return [event for event in found if subject in (None, event.get("subject"))]

    def order_fault(self, **fault: Any) -> None:
        """Misbehave at the next publications; `local.event_topic.Fault` says how."""
        self._http.post("/faults", json=fault).raise_for_status()
