"""The port ControlPlane on Azure Resource Manager's REST API; docs/checks.md lists what it calls."""

import base64
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from shared.adapters.control_plane_http import ControlPlaneHttp, not_understood
from shared.adapters.event_metrics import METRICS, deliveries_in
from shared.adapters.event_topics import subscription_in, topic_in
from shared.adapters.role_listing import read_assignments, read_definitions, read_denials
from shared.domain.azure_facts import Caller, Deliveries, EventSubscription, SystemTopic
from shared.domain.azure_roles import DenyAssignment, RoleAssignment, RoleDefinition
from shared.domain.errors import DocumentInvalid, InvalidId, Unreadable
from shared.domain.resource_ids import Resource, same

_PROVIDERS = {"api-version": "2021-04-01"}
_WORKSPACES = {"api-version": "2025-06-01"}
_EVENTS = {"api-version": "2025-02-15"}
_METRICS = {"api-version": "2024-02-01"}
_COMPONENTS = {"api-version": "2020-02-02"}
_COMPONENTS_PROVIDER = "providers/Microsoft.Insights/components"
_ROLES = {"api-version": "2022-04-01"}
_ROLES_PROVIDER = "providers/Microsoft.Authorization"
_DAYS = 7

_OF_PEOPLE = ("upn", "unique_name", "preferred_username", "scp")
_NAMES = ("name", "upn", "unique_name", "preferred_username", "xms_mirid", "appid", "azp")

T = TypeVar("T")
Reader = Callable[[str, Any], tuple[T, ...]]


class AzureControlPlane:
    """ControlPlane. Safe to share between threads; reads only."""

    def __init__(self, http: ControlPlaneHttp) -> None:
        self._http = http

    def caller(self) -> Caller:
        """Whom our token speaks of. It is not verified: Azure does that, and nothing is decided by it here."""
        what = "Reading our own token"
        claims = _claims(self._http.token(what))
        if claims is None:
            raise not_understood(what, "it is no JSON web token")
        return _caller(claims)

    def provider_state(self, subscription: str, namespace: str) -> str:
        """How a resource provider is registered; one call."""
        what = f"Reading the provider {namespace} of subscription {subscription}"
        found = self._http.get(what, f"/subscriptions/{subscription}/providers/{namespace}", _PROVIDERS)
        return str(found.get("registrationState") or "not said")

    def read(self, resource: Resource) -> None:
        """Read a workspace; one call."""
        self._http.get(f"Reading {resource.name}", resource.id, _WORKSPACES)

    def find(self, subscriptions: Sequence[str], type: str, name: str) -> Resource | None:
        """The resource of a type and a name; one call for each subscription, until it is found.

        Raises:
            Unreadable: it was not found where we could look, and some subscription could not be looked at.
        """
        return _first(subscriptions, lambda subscription: self._named(subscription, type, name))

    def component(self, subscriptions: Sequence[str], key: str) -> Resource | None:
        """The component that has an instrumentation key: a list for each subscription; raises what `find` does."""
        return _first(subscriptions, lambda subscription: self._keyed(subscription, key))

    def system_topic(self, workspace: Resource) -> SystemTopic | None:
        """The topic of a workspace, looked for beside it first: at most two lists."""
        provider = "providers/Microsoft.EventGrid/systemTopics"
        subscription = f"/subscriptions/{workspace.subscription}"
        for place in (f"{subscription}/resourceGroups/{workspace.group}", subscription):
            items = self._http.pages("Listing system topics", f"{place}/{provider}", _EVENTS)
            for topic in map(topic_in, items):
                if same(topic.source, workspace.id):
                    return topic
        return None

    def event_subscriptions(self, topic: SystemTopic) -> tuple[EventSubscription, ...]:
        """All subscriptions of a system topic; one list."""
        what = f"Listing the subscriptions of {topic.name}"
        return tuple(map(subscription_in, self._http.pages(what, f"{topic.id}/eventSubscriptions", _EVENTS)))

    def deliveries(self, topic: SystemTopic, subscription: str, until: datetime) -> Deliveries:
        """What a subscription did in the week before `until`, by the hour; one call."""
        span = f"{until - timedelta(days=_DAYS):%Y-%m-%dT%H:%M:%SZ}/{until:%Y-%m-%dT%H:%M:%SZ}"
        asked = {
            "metricnames": ",".join(METRICS),
            "aggregation": "Total",
            "interval": "PT1H",
            "timespan": span,
            # All subscriptions are asked for, because it is not told in which case Azure Monitor spells their names.
            "$filter": "EventSubscriptionName eq '*'",
            "top": "100",
        }
        what = f"Reading the metrics of {topic.name}"
        found = self._http.get(what, f"{topic.id}/providers/Microsoft.Insights/metrics", {**_METRICS, **asked})
        return deliveries_in(found, subscription, _DAYS)

    def assignments(self, scope: str, principal: str | None = None) -> tuple[RoleAssignment, ...]:
        """Role assignments; `assignedTo` takes groups into account, and only `atScope()` leaves out what lies below.

        Filters: learn.microsoft.com/azure/role-based-access-control/role-assignments-list-rest.
        """
        asked = {**_ROLES, "$filter": f"atScope() and assignedTo('{principal}')"} if principal else _ROLES
        return self._listed("role assignments", scope, "roleAssignments", asked, read_assignments)

    def definition(self, role: str, scope: str) -> RoleDefinition:
        """A role by its GUID; one call."""
        what = f"Reading the role {role}"
        found = self._http.get(what, f"{scope}/{_ROLES_PROVIDER}/roleDefinitions/{role}", _ROLES)
        return _understood(what, [found], read_definitions)[0]

    def denials(self, scope: str) -> tuple[DenyAssignment, ...]:
        """Deny assignments at or above a scope; one list."""
        asked = {**_ROLES, "$filter": "atScope()"}
        return self._listed("deny assignments", scope, "denyAssignments", asked, read_denials)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _listed(self, named: str, scope: str, kind: str, asked: Mapping[str, str], read: Reader[T]) -> tuple[T, ...]:
        what = f"Listing the {named} of {scope}"
        return _understood(what, list(self._http.pages(what, f"{scope}/{_ROLES_PROVIDER}/{kind}", asked)), read)

    def _named(self, subscription: str, type: str, name: str) -> Iterable[Resource]:
        asked = {**_PROVIDERS, "$filter": f"resourceType eq '{type}' and name eq '{name}'"}
        what = f"Looking for {name} in subscription {subscription}"
        for item in self._http.pages(what, f"/subscriptions/{subscription}/resources", asked):
            yield _resource(what, item)

    def _keyed(self, subscription: str, key: str) -> Iterable[Resource]:
        what = f"Listing the components of subscription {subscription}"
        path = f"/subscriptions/{subscription}/{_COMPONENTS_PROVIDER}"
        for item in self._http.pages(what, path, _COMPONENTS):
            held = item.get("properties")
            if isinstance(held, dict) and str(held.get("InstrumentationKey")).casefold() == key.casefold():
                yield _resource(what, item)


def _first(subscriptions: Sequence[str], look: Callable[[str], Iterable[Resource]]) -> Resource | None:
    trouble: Unreadable | None = None
    for subscription in subscriptions:
        try:
            for found in look(subscription):
                return found
        except Unreadable as error:
            trouble = error
    if trouble is not None:
        raise trouble
    return None


def _resource(what: str, item: Mapping[str, Any]) -> Resource:
    try:
        return Resource.parse(str(item.get("id", "")))
    except InvalidId as error:
        raise not_understood(what, "its answer names no such resource") from error


def _claims(token: str) -> dict[str, Any] | None:
    """What a token says (RFC 7519 section 3: the second of three parts), None where it is none."""
    try:
        part = token.split(".")[1]
        found = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (IndexError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _caller(claims: Mapping[str, Any]) -> Caller:
    """Claims of access tokens: learn.microsoft.com/entra/identity-platform/access-token-claims-reference."""
    name = next((str(claims[key]) for key in _NAMES if claims.get(key)), "nobody named")
    application = claims.get("idtyp") == "app" or not any(claims.get(key) for key in _OF_PEOPLE)
    return Caller(str(claims.get("oid", "")), str(claims.get("tid", "")), name, application)


def _understood(what: str, items: list[Any], read: Reader[T]) -> tuple[T, ...]:
    try:
        return read(what, items)
    except DocumentInvalid as invalid:
        raise not_understood(what, " ".join(invalid.faults)) from invalid
