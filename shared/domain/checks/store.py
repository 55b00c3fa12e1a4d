"""Whether the storage account answers and holds what infra/ makes there, and whether its clock agrees with ours."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from shared.domain.checks.commands import get, list_roles, make_storage_part, peek, show_account
from shared.domain.checks.finding import Finding, Unseen, finding
from shared.domain.checks.places import Asker
from shared.domain.checks.roles import pending

Service = Literal["table", "queue", "container"]

LARGEST_SKEW = timedelta(seconds=60)
"""How far clocks may differ. Webhooks are taken for 300 s around their time, leases are counted in minutes."""


@dataclass(frozen=True, slots=True)
class Store:
    """One service of the storage account: how each of its parts answered, and to whom.

    `parts` holds the number of messages of each queue, 0 for tables and containers. `scope` is the account's resource
    id where that is known.
    """

    account: str
    service: Service
    parts: Mapping[str, int | Unseen]
    asker: Asker
    scope: str | None = None


def judge_clock(ours: datetime, theirs: datetime | Unseen) -> Finding:
    """Compare this machine's clock with that of storage; both aware."""
    command = get("https://login.microsoftonline.com/")
    if isinstance(theirs, Unseen):
        return finding("clock_unseen", "", "The clock of storage could not be read.", command, unseen=theirs)
    apart = abs(ours - theirs)
    if apart > LARGEST_SKEW:
        said = (
            f"This machine's clock and that of storage are {apart.total_seconds():.0f} s apart; expected at most 60 s"
        )
        return finding("clock_differs", "", f"{said}: signatures and tokens will be refused.", command)
    return finding("clock_agrees", "", "This machine's clock agrees with that of storage to within a minute.")


def judge_storage(store: Store, now: datetime) -> list[Finding]:
    """Judge one service; parts that answered alike are told together."""
    about = f"{store.service}s of {store.account}"
    answering = [name for name, seen in store.parts.items() if not isinstance(seen, Unseen)]
    found = [finding("storage_answers", about, f"{', '.join(answering)}: there.")] if answering else []
    reasons = {seen.reason: seen for seen in store.parts.values() if isinstance(seen, Unseen)}
    for reason, seen in reasons.items():
        names = [name for name, each in store.parts.items() if isinstance(each, Unseen) and each.reason == reason]
        found += _amiss(store, about, names, seen, now)
    return [*found, *_set_aside(store)]


def _amiss(store: Store, about: str, names: list[str], seen: Unseen, now: datetime) -> Iterator[Finding]:
    all_names = ", ".join(names)
    roles = list_roles(store.asker.principal, store.scope or f"<id of {store.account}>")
    match seen.reason:
        case "not_found":
            for name in names:
                said = f"There is no {store.service} {name}; infra/ makes it."
                yield finding(
                    "storage_part_missing", about, said, make_storage_part(store.service, name, store.account)
                )
        case "unreachable" | "timeout":
            said = f"{all_names}: no answer; network rules, private endpoints or DNS keep this machine out."
            yield finding("storage_unreachable", about, said, show_account(store.account), unseen=seen)
        case "forbidden" if store.asker.judged and (why := pending(store.asker.access, now)):
            yield finding("storage_role_pending", about, f"{all_names} may not be read yet: {why}.", roles)
        case "forbidden" if store.asker.judged:
            yield finding("storage_forbidden", about, f"{all_names} may not be read.", roles, unseen=seen)
        case _:
            said = f"{all_names} could not be read by whoever runs this."
            yield finding("storage_unseen", about, said, roles, unseen=seen)


def _set_aside(store: Store) -> Iterator[Finding]:
    for name, held in store.parts.items():
        if name.endswith("-poison") and isinstance(held, int) and held:
            said = f"About {held} messages lie in {name}: each failed five times and is about to go to the quarantine."
            yield finding("messages_set_aside", f"{store.service}s of {store.account}", said, peek(name, store.account))
