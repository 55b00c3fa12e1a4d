"""Check a deployment before it bites: every check runs, whatever the others found, and the order is always the same."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial

from shared.domain.azure_facts import SystemTopic
from shared.domain.checks.configured import (
    judge_identity,
    judge_policies,
    judge_policy_build,
    judge_senders,
    judge_settings,
)
from shared.domain.checks.events import Destination, Route, judge_events
from shared.domain.checks.finding import Finding, Unseen
from shared.domain.checks.places import judge_registry, judge_workspace
from shared.domain.checks.providers import PROVIDERS, judge_provider
from shared.domain.checks.roles import Holder, judge_roles
from shared.domain.checks.site import judge_app, judge_sign_in
from shared.domain.checks.store import Service, Store, judge_clock, judge_storage
from shared.domain.errors import DocumentInvalid
from shared.domain.needed_actions import DELIVERS, HOST_BLOBS, KEEPS, Needed, needed
from shared.domain.people import People
from shared.domain.resource_ids import Resource
from shared.workflow.deployment import Deployment
from shared.workflow.look_outside import View, looked

EVENT_QUEUE = "model-events"
_AT_ONCE = 8

Task = Callable[[], Sequence[Finding]]


def check_deployment(deployment: Deployment, principals: tuple[str, ...] = ()) -> list[Finding]:
    """Run every check.

    Args:
        deployment: to be looked at.
        principals: object ids of the identities whose roles are judged; none for whoever runs the checks.
    """
    view, now = View(deployment, principals), deployment.clock.now()
    tasks = [*_of_settings(view), *_of_azure(view, now), *_of_roles(view, now), *_of_storage(view, now)]
    tasks += [*_of_documents(view, now), *_of_app(view)]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return [each for found in pool.map(lambda task: task(), tasks) for each in found]


def _of_settings(view: View) -> Iterator[Task]:
    told, store = view.deployment.told, view.deployment.store
    yield lambda: judge_settings(told.faults, told.references)
    yield lambda: [judge_identity(view.caller(), told.tenant)]
    if store is not None:
        yield lambda: [judge_clock(view.deployment.clock.now(), looked(store.clock))]


def _of_azure(view: View, now: datetime) -> Iterator[Task]:
    told = view.deployment.told
    for subscription in dict.fromkeys(each.subscription for each in told.workspaces.values()):
        for namespace in PROVIDERS:
            yield partial(_provider, view, subscription, namespace)
    if told.part != "people":  # which has no right there, by design
        for alias in told.workspaces:
            yield partial(_workspace, view, alias, now)
        for name in told.registries:
            yield partial(_registry, view, name, now)
    for alias in told.workspaces:
        yield partial(_events, view, alias, now)


def _provider(view: View, subscription: str, namespace: str) -> list[Finding]:
    state = view.ask(lambda: view.deployment.control_plane.provider_state(subscription, namespace))
    return [judge_provider(subscription, namespace, state)]


def _workspace(view: View, alias: str, now: datetime) -> list[Finding]:
    workspace = view.deployment.told.workspaces[alias]
    seen = view.ask(lambda: view.deployment.control_plane.read(workspace))
    return [judge_workspace(alias, workspace, seen, view.asker(workspace.id if seen else None), now)]


def _registry(view: View, name: str, now: datetime) -> list[Finding]:
    place = view.place(name)
    known = view.registry(name) if isinstance(place, Unseen) and place.reason == "forbidden" else None
    asker = view.asker(known.id if known else None)
    return [judge_registry(name, place, view.deployment.discovery.host, known, asker, now)]


def _events(view: View, alias: str, now: datetime) -> list[Finding]:
    told = view.deployment.told
    destination = Destination(EVENT_QUEUE, told.account)
    route = Route(alias, told.workspaces[alias], view.topic(alias), view.subscriptions(alias))
    subscription = route.subscription(destination)
    if isinstance(topic := route.topic, SystemTopic) and subscription is not None:
        done = view.ask(lambda: view.deployment.control_plane.deliveries(topic, subscription.name, now))
        route = Route(alias, route.workspace, topic, route.subscriptions, done)
    return judge_events(route, destination)


def _of_roles(view: View, now: datetime) -> Iterator[Task]:
    told = view.deployment.told
    for alias in told.workspaces:
        yield partial(_app_roles, view, now, alias, partial(told.workspaces.get, alias))
    for name in told.registries:
        yield partial(_app_roles, view, now, name, partial(view.registry, name))
    if told.account is not None and not told.by_key:
        yield partial(_app_roles, view, now, told.account, view.storage)
    if told.host_account is not None and told.host_account != told.account:
        yield partial(_app_roles, view, now, told.host_account, view.host_storage, (HOST_BLOBS,))
    if told.topic is not None:
        yield partial(_app_roles, view, now, told.topic, view.own_topic)
    for vault in dict.fromkeys(filter(None, told.references.values())):
        yield partial(_app_roles, view, now, vault, partial(view.vault, vault))
    if told.instrumentation_key is not None:
        yield partial(_app_roles, view, now, "Application Insights", view.component)
    for alias in told.workspaces:
        yield partial(_delivery_roles, view, now, alias)


def _app_roles(
    view: View,
    now: datetime,
    about: str,
    locate: Callable[[], Resource | None],
    instead: tuple[Needed, ...] = (),
) -> list[Finding]:
    """What each identity may do on a resource that it needs by its kind, or for something else `instead`."""
    told, resource = view.deployment.told, locate()
    found: list[Finding] = []
    for holder in view.holders():
        if resource is None:
            unseen = Unseen(
                "not_found", "It was not found in the subscriptions of storage and workspaces that could be looked at."
            )
            found += judge_roles(about, holder, (), unseen, f"<id of {about}>", now)
        elif wanted := instead or needed(resource.kind, told.part, reads_files=told.reads_files):
            found += judge_roles(about, holder, wanted, view.access(holder.principal, resource.id), resource.id, now)
    return found


def _delivery_roles(view: View, now: datetime, alias: str) -> list[Finding]:
    """What the topic of a workspace may do in our storage, where it delivers with an identity of its own."""
    topic, seen = view.topic(alias), view.subscriptions(alias)
    if not isinstance(topic, SystemTopic) or topic.principal is None:
        return []
    destination = Destination(EVENT_QUEUE, view.deployment.told.account)
    subscription = Route(alias, view.deployment.told.workspaces[alias], topic, seen).subscription(destination)
    if subscription is None or subscription.account is None:
        return []
    holder, account = Holder(topic.principal, f"The system topic {topic.name}"), subscription.account
    parts = [(subscription.queue, f"{account}/queueServices/default/queues/{subscription.queue}", DELIVERS)]
    if kept := subscription.dead_letters:
        parts.append((kept, f"{account}/blobServices/default/containers/{kept}", KEEPS))
    return [
        each
        for name, scope, wanted in parts
        for each in judge_roles(
            f"{alias} to {name}", holder, (wanted,), view.access(holder.principal, scope), scope, now
        )
    ]


def _of_storage(view: View, now: datetime) -> Iterator[Task]:
    deployment = view.deployment
    if (store := deployment.store) is not None:
        yield partial(_service, view, "table", deployment.tables, store.table, now)
        yield partial(_service, view, "queue", deployment.queues, store.queue, now)
        yield partial(_service, view, "container", deployment.containers, store.container, now)


def _service(
    view: View, service: Service, names: tuple[str, ...], look: Callable[[str], int], now: datetime
) -> list[Finding]:
    parts = _each(names, look)
    refused = any(isinstance(each, Unseen) and each.reason == "forbidden" for each in parts.values())
    account = view.storage() if refused else None
    scope = account.id if account else None
    return judge_storage(Store(view.deployment.told.account or "", service, parts, view.asker(scope), scope), now)


def _each(names: tuple[str, ...], look: Callable[[str], int]) -> dict[str, int | Unseen]:
    """Look at each, until one gives no answer: the others lie at the same host, and would be waited for too."""
    parts: dict[str, int | Unseen] = {}
    for name in names:
        seen = looked(partial(look, name))
        if isinstance(seen, Unseen) and not seen.reached:
            return parts | dict.fromkeys([each for each in names if each not in parts], seen)
        parts[name] = seen
    return parts


def _of_documents(view: View, now: datetime) -> Iterator[Task]:
    told = view.deployment.told
    yield lambda: _documents(view)
    yield lambda: [judge_policy_build(told.policy_build, now, in_azure=told.in_azure)]
    if told.serves:
        yield lambda: judge_senders(told.senders, _people(view)[0])


def _documents(view: View) -> list[Finding]:
    people, faults = _people(view)
    policies = 0
    try:
        policies = len(view.deployment.policy_source.policies())
    except DocumentInvalid as invalid:
        faults += invalid.faults
    counts = f"policies {policies}, people {len(people.everyone) if people else 0}"
    return judge_policies(view.deployment.told.policies, counts, faults)


def _people(view: View) -> tuple[People | None, tuple[str, ...]]:
    try:
        return view.deployment.directory.people(), ()
    except DocumentInvalid as invalid:
        return None, invalid.faults


def _of_app(view: View) -> Iterator[Task]:
    told, app = view.deployment.told, view.deployment.app
    if not told.serves:
        return
    url = told.url or ""
    unknown = Unseen("not_configured", "")
    if app is None:
        yield lambda: judge_app(url, unknown, view.deployment.version)
        return
    yield lambda: judge_sign_in(url, told.client_id, looked(app.page))
    yield lambda: judge_app(url, looked(app.health), view.deployment.version)
