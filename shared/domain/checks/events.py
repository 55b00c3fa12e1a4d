"""Whether a workspace's events reach our queue, and what becomes of those that do not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shared.domain.azure_facts import Deliveries, EventSubscription, SystemTopic
from shared.domain.checks.commands import PROVISION, list_dead_letters, list_topics, show_subscription
from shared.domain.checks.finding import Finding, Unseen, finding
from shared.domain.instants import instant_text
from shared.domain.resource_ids import Resource, segments

EVENT_TYPES = tuple(f"Microsoft.MachineLearningServices.{name}" for name in ("ModelRegistered", "RunCompleted"))
"""What the app acts on."""

_UNDER_WAY = frozenset({"Creating", "Updating"})


@dataclass(frozen=True, slots=True)
class Destination:
    """Where events must go: a queue of a storage account by its name, None where settings do not say it."""

    queue: str
    account: str | None

    def is_of(self, subscription: EventSubscription) -> bool:
        """Whether a subscription delivers there; to an account of any name, where ours is not known."""
        account = segments(subscription.account or "")[-1:]
        return subscription.queue == self.queue and (self.account is None or account == [self.account])


@dataclass(frozen=True, slots=True)
class Route:
    """How the events of one workspace travel, as far as it could be seen.

    `topic` is the system topic whose source is the workspace, None where there is none; `subscriptions` its own;
    `deliveries` what the one that delivers to our queue did.
    """

    alias: str
    workspace: Resource
    topic: SystemTopic | Unseen | None
    subscriptions: Sequence[EventSubscription] | Unseen = ()
    deliveries: Deliveries | Unseen | None = None

    def subscription(self, destination: Destination) -> EventSubscription | None:
        """The one that delivers to our queue, if there is one that could be seen."""
        seen = () if isinstance(self.subscriptions, Unseen) else self.subscriptions
        return next(filter(destination.is_of, seen), None)


def judge_events(route: Route, destination: Destination) -> list[Finding]:
    """Judge the way of one workspace's events."""
    for unseen in (route.topic, route.subscriptions):
        if isinstance(unseen, Unseen):
            said = "Whether its events are delivered could not be read (Microsoft.EventGrid/systemTopics/read)."
            return [finding("events_unseen", route.alias, said, list_topics(route.workspace), unseen=unseen)]
    topic, subscription = route.topic, route.subscription(destination)
    if not isinstance(topic, SystemTopic):
        said = f"{route.workspace.name} has no Event Grid system topic: only the timer finds its registrations."
        return [finding("system_topic_missing", route.alias, said, PROVISION)]
    if subscription is None:
        where = f"the queue {destination.queue} of {destination.account or 'our storage account'}"
        said = f"No subscription of {topic.name} delivers to {where}: only the timer finds its registrations."
        return [finding("subscription_missing", route.alias, said, PROVISION)]
    show = show_subscription(topic.id, subscription.name)
    amiss = [*_set_up(route.alias, subscription, show), *_done(route, subscription, destination, show)]
    return amiss or [_arrive(route, topic, subscription, show)]


def _set_up(alias: str, subscription: EventSubscription, show: str) -> Iterator[Finding]:
    if subscription.state in _UNDER_WAY:
        said = f"The subscription {subscription.name} is {subscription.state}; expected Succeeded in a few minutes."
        yield finding("subscription_pending", alias, said, show)
    elif subscription.state != "Succeeded":
        said = f"The subscription {subscription.name} is {subscription.state}; expected Succeeded."
        yield finding("subscription_not_provisioned", alias, said, show)
    wanted = {each.casefold() for each in EVENT_TYPES}
    let_through = {each.casefold() for each in subscription.event_types or EVENT_TYPES}
    if missing := wanted - let_through:
        names = ", ".join(each for each in EVENT_TYPES if each.casefold() in missing)
        yield finding("event_types_missing", alias, f"{subscription.name} does not let {names} through.", PROVISION)
    if subscription.dead_letters is None:
        said = f"{subscription.name} has no container for events that cannot be delivered: Event Grid drops them."
        yield finding("dead_letter_missing", alias, said, PROVISION)


def _done(route: Route, subscription: EventSubscription, destination: Destination, show: str) -> Iterator[Finding]:
    done = route.deliveries
    if not isinstance(done, Deliveries):
        return
    since = f"in the last {done.days} days"
    if done.dead_lettered:
        account, container = destination.account or "<account>", subscription.dead_letters or "dead-letters"
        said = f"{done.dead_lettered} events could not be delivered {since}, and lie in the container {container}."
        yield finding("events_dead_lettered", route.alias, said, list_dead_letters(account, container))
    if done.dropped:
        said = f"{done.dropped} events were dropped {since}: they could neither be delivered nor kept."
        yield finding("events_dropped", route.alias, said, show)
    if done.failed and not done.delivered:
        said = f"{done.failed} deliveries failed {since} and none went through: may the topic's identity send?"
        yield finding("events_undelivered", route.alias, said, show)


def _arrive(route: Route, topic: SystemTopic, subscription: EventSubscription, show: str) -> Finding:
    way = f"{topic.name} delivers to {subscription.queue} by {subscription.name}"
    done = route.deliveries
    if isinstance(done, Unseen):
        said = f"{way}. How often it did could not be read (Microsoft.Insights/metrics/read)."
        return finding("deliveries_unseen", route.alias, said, show, unseen=done)
    if done is None or done.last is None:
        return finding("events_arrive", route.alias, f"{way}; none came in the last days.")
    hour = f"{instant_text(done.last)[:13].replace('T', ' ')} UTC"
    said = f"{way}: {done.delivered} in the last {done.days} days, the last in the hour from {hour}; no dead letters."
    return finding("events_arrive", route.alias, said)
