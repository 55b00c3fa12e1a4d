"""Look at a deployment from outside, at each thing once, whichever check asks first, and never raise for what is away."""

from collections.abc import Callable, Hashable
from functools import partial
from threading import Lock
from typing import Any, TypeVar, cast

from shared.domain.azure_facts import Caller, EventSubscription, RegistryPlace, SystemTopic
from shared.domain.azure_roles import RoleAssignment, RoleDefinition
from shared.domain.checks.finding import Unseen
from shared.domain.checks.places import Asker
from shared.domain.checks.roles import Access, Holder
from shared.domain.errors import NoToken, PortError, Unreadable
from shared.domain.resource_ids import TYPES, Resource, segments
from shared.workflow.deployment import Deployment

T = TypeVar("T")

_REASONS = (
    *("forbidden", "not_found", "unauthorized", "throttled", "timeout"),
    *("unreachable", "unavailable", "redirected", "not_understood", "unclear"),
)


def looked(look: Callable[[], T]) -> T | Unseen:
    """What is seen, or why it cannot be."""
    try:
        return look()
    except PortError as error:
        reason = next((each for each in _REASONS if error.code.endswith(each)), "unclear")
        return Unseen("no_token" if isinstance(error, NoToken) else reason, str(error))


class View:
    """What is seen of one deployment by whoever looks; safe between threads.

    Args:
        deployment: to look at.
        principals: object ids of the identities that the checks are about; none for whoever looks.
    """

    def __init__(self, deployment: Deployment, principals: tuple[str, ...] = ()) -> None:
        self.deployment = deployment
        self._named = tuple(each.casefold() for each in principals)
        self._lock = Lock()
        self._seen: dict[Hashable, _Once] = {}

    def caller(self) -> Caller | Unseen:
        """As whom the checks run."""
        return self._once("caller", lambda: looked(self.deployment.control_plane.caller))

    def holders(self) -> tuple[Holder, ...]:
        """The identities that the checks are about; none where nobody is known."""
        caller = self.caller()
        if self._named:
            return tuple(Holder(each, f"Identity {each}") for each in self._named)
        if isinstance(caller, Unseen):
            return ()
        return (Holder(caller.object_id, caller.name, "ServicePrincipal" if caller.application else "User"),)

    def asker(self, scope: str | None) -> Asker:
        """Who looks, and what they may do at a scope, where that is known and says something of the app."""
        caller = self.caller()
        if isinstance(caller, Unseen):
            return Asker("<object id>", judged=False)
        judged = not self._named or caller.object_id.casefold() in self._named
        access = self.access(caller.object_id, scope) if judged and scope else None
        return Asker(caller.object_id, judged, access)

    def ask(self, look: Callable[[], T]) -> T | Unseen:
        """What Azure says; it is not asked where there is no token, for each try would wait for one."""
        caller = self.caller()
        if isinstance(caller, Unseen) and caller.reason == "no_token":
            return Unseen("no_token", "There is no token to ask with: see identity.")
        return looked(look)

    def place(self, registry: str) -> RegistryPlace | Unseen:
        """Where a registry is served."""
        return self._once(("place", registry), lambda: self.ask(lambda: self.deployment.discovery.locate(registry)))

    def registry(self, name: str) -> Resource | None:
        """A registry as a resource: discovery knows it, or the resource manager lists it beside a workspace."""
        place = self.place(name)
        if isinstance(place, RegistryPlace):
            return Resource.parse(place.id)
        return self._found(TYPES["registry"], name)

    def topic(self, alias: str) -> SystemTopic | Unseen | None:
        """The system topic of a workspace."""
        workspace = self.deployment.told.workspaces[alias]
        look = self.deployment.control_plane.system_topic
        return self._once(("topic", alias), lambda: self.ask(lambda: look(workspace)))

    def subscriptions(self, alias: str) -> tuple[EventSubscription, ...] | Unseen:
        """The subscriptions of that topic."""
        topic = self.topic(alias)
        if not isinstance(topic, SystemTopic):
            return ()
        look = self.deployment.control_plane.event_subscriptions
        return self._once(("subscriptions", topic.id), lambda: self.ask(lambda: look(topic)))

    def storage(self) -> Resource | None:
        """The storage account as a resource: a subscription of events names it, or the resource manager lists it."""
        account = self.deployment.told.account
        if account is None:
            return None
        for alias in self.deployment.told.workspaces:
            seen = self.subscriptions(alias)
            for each in () if isinstance(seen, Unseen) else seen:
                if each.account and segments(each.account)[-1:] == [account]:
                    return Resource.parse(each.account)
        return self._found(TYPES["storage"], account)

    def own_topic(self) -> Resource | None:
        """The custom topic that takes our events, as a resource."""
        name = self.deployment.told.topic
        return self._found(TYPES["topic"], name) if name else None

    def host_storage(self) -> Resource | None:
        """The storage account of the host's blobs, as a resource."""
        name = self.deployment.told.host_account
        return self._found(TYPES["storage"], name, *self._beside_storage()) if name else None

    def vault(self, name: str) -> Resource | None:
        """A vault that settings refer to, as a resource."""
        return self._found(TYPES["vault"], name, *self._beside_storage())

    def component(self) -> Resource | None:
        """The Application Insights component that takes our telemetry, as a resource."""
        key = self.deployment.told.instrumentation_key
        if key is None:
            return None
        places, look = self._subscriptions(*self._beside_storage()), self.deployment.control_plane.component
        seen = self._once(("component", key), lambda: self.ask(lambda: look(places, key)))
        return None if isinstance(seen, Unseen) else seen

    def access(self, principal: str, scope: str) -> Access | Unseen:
        """What a principal may do at a scope."""
        key = ("access", principal, scope.casefold())
        return self._once(key, lambda: self.ask(lambda: self._access(principal, scope)))

    def definitions(self, assignments: tuple[RoleAssignment, ...], scope: str) -> dict[str, RoleDefinition]:
        """The definitions of assigned roles by GUID, without those that are gone; raises what the port raises."""
        found, read = {}, self.deployment.control_plane.definition
        for role in dict.fromkeys(each.role for each in assignments):
            seen = self._once(("role", role), partial(looked, partial(read, role, scope)))
            if isinstance(seen, RoleDefinition):
                found[role] = seen
            elif seen.reason != "not_found":
                raise Unreadable(f"control_plane_{seen.reason}", seen.sentence)
        return found

    def _access(self, principal: str, scope: str) -> Access:
        control_plane = self.deployment.control_plane
        assignments = control_plane.assignments(scope, principal)
        return Access(principal, scope, assignments, self.definitions(assignments, scope), control_plane.denials(scope))

    def _beside_storage(self) -> tuple[str, ...]:
        """The subscription that the app itself is deployed to: its storage account lies there."""
        storage = self.storage()
        return (storage.subscription,) if storage else ()

    def _subscriptions(self, *first: str) -> tuple[str, ...]:
        workspaces = self.deployment.told.workspaces.values()
        return tuple(dict.fromkeys((*first, *(each.subscription for each in workspaces))))

    def _found(self, type: str, name: str, *first: str) -> Resource | None:
        subscriptions, find = self._subscriptions(*first), self.deployment.control_plane.find
        seen = self._once(("found", type, name), lambda: self.ask(lambda: find(subscriptions, type, name)))
        return None if isinstance(seen, Unseen) else seen

    def _once(self, key: Hashable, look: Callable[[], T]) -> T:
        with self._lock:
            once = self._seen.setdefault(key, _Once(look))
        return cast("T", once())


class _Once:
    """Looks once; others who ask meanwhile wait for it."""

    def __init__(self, look: Callable[[], Any]) -> None:
        self._look = look
        self._lock = Lock()
        self._seen: list[Any] = []

    def __call__(self) -> Any:
        with self._lock:
            if not self._seen:
                self._seen.append(self._look())
        return self._seen[0]
