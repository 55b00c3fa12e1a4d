"""System topics and their subscriptions as values, from Event Grid's management API (2025-02-15)."""

from collections.abc import Mapping
from typing import Any

from shared.domain.azure_facts import EventSubscription, SystemTopic


def topic_in(item: Mapping[str, Any]) -> SystemTopic:
    """A system topic; one with several identities is known by its own, which is the one that infra/ delivers with."""
    identity = _object(item, "identity")
    return SystemTopic(
        id=str(item.get("id", "")),
        name=str(item.get("name", "")),
        source=str(_object(item, "properties").get("source") or ""),
        principal=_text(identity.get("principalId")),
    )


def subscription_in(item: Mapping[str, Any]) -> EventSubscription:
    """A subscription. What is delivered by an identity stands in another place than what is delivered without one."""
    properties = _object(item, "properties")
    destination = _object(_object(properties, "deliveryWithResourceIdentity"), "destination")
    queue = _object(destination or _object(properties, "destination"), "properties")
    kept = _object(_object(properties, "deadLetterWithResourceIdentity"), "deadLetterDestination")
    container = _object(kept or _object(properties, "deadLetterDestination"), "properties")
    types = _object(properties, "filter").get("includedEventTypes")
    return EventSubscription(
        name=str(item.get("name", "")),
        state=str(properties.get("provisioningState") or "not said"),
        account=_text(queue.get("resourceId")),
        queue=_text(queue.get("queueName")),
        dead_letters=_text(container.get("blobContainerName")),
        event_types=tuple(map(str, types)) if isinstance(types, list) and types and "All" not in types else None,
    )


def _object(holder: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = holder.get(key)
    return found if isinstance(found, dict) else {}


def _text(value: Any) -> str | None:
    return str(value) if value else None
