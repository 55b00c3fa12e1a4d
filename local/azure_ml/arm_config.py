"""What Azure Resource Manager answers beside workspaces: providers, topics, roles. Changed as a whole by a control route."""

import uuid
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field, TypeAdapter

from local.azure_ml.built_in_roles import BUILT_IN
from local.azure_ml.config_values import DEFAULT_SUBSCRIPTION, STRICT

LONG_AGO = "2026-01-05T08:00:00.0000000Z"


@dataclass(frozen=True, slots=True)
class Role:
    """A role definition. An empty ``guid`` becomes one derived from the name."""

    name: str
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    not_data_actions: tuple[str, ...] = ()
    guid: str = ""
    built_in: bool = False
    __pydantic_config__ = STRICT

    @property
    def id(self) -> str:
        """Its GUID."""
        return self.guid or str(uuid.uuid5(uuid.NAMESPACE_URL, f"role:{self.name}"))


@dataclass(frozen=True, slots=True)
class Assignment:
    """A role, by its name, given to a principal at a scope. ``created_on`` is in RFC 3339."""

    scope: Annotated[str, Field(pattern="^/")]
    role: str
    principal: str
    principal_type: str = "ServicePrincipal"
    condition: str | None = None
    created_on: str = LONG_AGO
    __pydantic_config__ = STRICT


@dataclass(frozen=True, slots=True)
class Denial:
    """A deny assignment for principals, by default for everybody."""

    name: str
    scope: str
    actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    principals: tuple[str, ...] = ("00000000-0000-0000-0000-000000000000",)
    excluded: tuple[str, ...] = ()
    __pydantic_config__ = STRICT


@dataclass(frozen=True, slots=True)
class Subscription:
    """An event subscription that delivers to a storage queue with the topic's identity.

    ``event_types`` of ``None`` lets everything through; ``dead_letters`` of ``None`` keeps nothing.
    """

    name: str
    account_id: str
    queue: str
    dead_letters: str | None = None
    event_types: tuple[str, ...] | None = None
    state: str = "Succeeded"
    by_identity: bool = True
    __pydantic_config__ = STRICT


@dataclass(frozen=True, slots=True)
class SystemTopic:
    """The Event Grid topic of one workspace, by its ARM id; ``resource_group`` may be another than the workspace's."""

    name: str
    source: str
    resource_group: str
    subscription_id: str = DEFAULT_SUBSCRIPTION
    region: str = "westeurope"
    principal: str | None = None
    subscriptions: tuple[Subscription, ...] = ()
    __pydantic_config__ = STRICT

    @property
    def arm_id(self) -> str:
        """The ARM resource id."""
        group = f"/subscriptions/{self.subscription_id}/resourceGroups/{self.resource_group}"
        return f"{group}/providers/Microsoft.EventGrid/systemTopics/{self.name}"


@dataclass(frozen=True, slots=True)
class Arm:
    """All of it.

    Attributes:
        providers: registration state by namespace; a namespace not named is ``Registered``.
        resources: ARM ids of what exists besides workspaces and registries.
        components: ARM ids of Application Insights components, by instrumentation key.
        topics: system topics.
        roles: custom roles, beside the built-in ones.
        assignments: role assignments.
        denials: deny assignments.
        groups: object ids of members by object id of the group; groups may be members.
        metrics: counts that are added to what subscriptions did in this hour, by the metric's name.
    """

    providers: dict[str, str] = field(default_factory=dict)
    resources: tuple[str, ...] = ()
    components: dict[str, str] = field(default_factory=dict)
    topics: tuple[SystemTopic, ...] = ()
    roles: tuple[Role, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    denials: tuple[Denial, ...] = ()
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    metrics: dict[str, int] = field(default_factory=dict)
    __pydantic_config__ = STRICT

    @property
    def all_roles(self) -> tuple[Role, ...]:
        """Custom roles and those of Azure."""
        return (*self.roles, *_BUILT_IN)

    def groups_of(self, principal: str) -> set[str]:
        """The principal and every group it is in, whatever is nested in them."""
        found, before = {principal.lower()}, 0
        while len(found) > before:
            before = len(found)
            found |= {group.lower() for group, members in self.groups.items() if found & set(map(str.lower, members))}
        return found


_BUILT_IN = tuple(
    Role(name, actions, not_actions, data_actions, not_data_actions, guid, built_in=True)
    for name, (guid, actions, not_actions, data_actions, not_data_actions) in BUILT_IN.items()
)

ARM: TypeAdapter[Arm] = TypeAdapter(Arm)
