"""Bring the histories of an export back into an empty store, row by row as they were; safe to run again.

What follows the histories is made again by the app: the relay begins at the first row for the tables, and after the last
one for the topic, so that nobody is told twice (R5). Claims are no part of an export: they follow from the histories (R7).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, ParamSpec, TypeVar

from shared.domain.chain import Tip, check_chain
from shared.domain.errors import ClearanceError, Unreadable
from shared.domain.exported_history import ExportedHistory, exported_histories
from shared.domain.instants import instant_text
from shared.ports import Bookmarks, Claims, Clock, Histories, every
from shared.workflow.plan_restore import RestorePlan, raw_of
from shared.workflow.relay import TABLES, TOPIC

P = ParamSpec("P")
T = TypeVar("T")
Standing = Literal["empty", "begun"]

_BOOKMARK = "restore"
_PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)  # seconds between tries of one call
_TOLD = 20  # differences that a refusal lists


class RestoreRefused(ClearanceError):
    """Nothing more is written. `faults` list what is in the way, where that is more than the sentence says."""

    code = "restore_refused"

    def __init__(self, sentence: str, faults: tuple[str, ...] = ()) -> None:
        super().__init__(sentence)
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Destination:
    """Where histories are brought back to.

    `place` is how people know the storage account; `pause` lets so many seconds pass, because of that trouble.
    """

    place: str
    histories: Histories
    claims: Claims
    bookmarks: Bookmarks
    clock: Clock
    pause: Callable[[float, Unreadable], None]


def standing(destination: Destination, sha256: str) -> Standing:
    """Whether a restore of the export with this SHA-256 has begun there; it is "empty" where nothing has.

    Raises:
        RestoreRefused: rows stand there that no restore of this export has written.
    """
    begun = destination.bookmarks.get(_BOOKMARK)
    if begun is not None:
        if begun.get("sha256") == sha256:
            return "begun"
        told = f"its restore began at {begun.get('begun_at')} and has not ended"
        raise RestoreRefused(f"{destination.place} is being filled from another export, {begun.get('sha256')}: {told}.")
    occupant = destination.histories.occupant()
    if occupant is not None:
        raise RestoreRefused(
            f"{destination.place} holds histories already, {occupant} is the first of them. Nothing is merged: restore into "
            "an account that is new, and keep this one to compare with."
        )
    return "empty"


def restore_histories(
    destination: Destination, plan: RestorePlan, lines: Iterable[str], sha256: str, told: Callable[[int], None]
) -> None:
    """Write every history of a plan, take the claims that follow from them, and hold the heads against the export.

    Args:
        destination: where to.
        plan: what `plan_restore` made of the same lines.
        lines: of the export, once more.
        sha256: of the export.
        told: is told how many histories stand, after each.

    Raises:
        RestoreRefused: somebody else writes there, or the export is no longer what was planned.
        HistoryClash: another row stands where one of these belongs.
        Unreadable: the store cannot be reached; the same again goes on from there.
    """
    _begin(destination, sha256)
    count = 0
    for count, exported in enumerate(exported_histories(lines), 1):
        _write(destination, plan, exported)
        told(count)
    if count != len(plan.histories):
        raise _changed(f"it has {count} histories, it had {len(plan.histories)}")
    _take_claims(destination, plan)
    _compare(destination, plan)
    _patiently(destination, destination.bookmarks.remove, _BOOKMARK)


def _begin(destination: Destination, sha256: str) -> None:
    """Leave the bookmark by which a second run knows its own rows from somebody else's."""
    if standing(destination, sha256) == "empty":
        begun = {"sha256": sha256, "begun_at": instant_text(destination.clock.now())}
        _patiently(destination, destination.bookmarks.put_first, _BOOKMARK, begun)
        standing(destination, sha256)  # of two who began at once, one goes on


def _write(destination: Destination, plan: RestorePlan, exported: ExportedHistory) -> None:
    planned, raw = plan.histories.get(exported.partition), raw_of(exported)
    if planned is None or raw.head != planned.tip or check_chain(exported.partition, raw.rows, raw.head):
        raise _changed(f"{exported.partition} is not as it was verified")
    is_line = exported.partition.startswith("line:")
    positions = {} if is_line else {TABLES: 0, TOPIC: planned.tip.sequence}
    _patiently(destination, destination.histories.restore, raw, planned.snapshot, positions)


def _take_claims(destination: Destination, plan: RestorePlan) -> None:
    for target, claim in plan.claims.items():
        holder = _patiently(destination, destination.claims.take, target, claim)
        if holder.promotion != claim.promotion:
            raise _others(destination, (f"{target} is claimed by {holder.promotion}, it was {claim.promotion}'s.",))


def _compare(destination: Destination, plan: RestorePlan) -> None:
    """The heads that stand there now, against those of the export."""
    found = dict(_heads(destination))
    wanted = {partition: planned.tip for partition, planned in plan.histories.items()}
    differences = [
        f"{partition} ends at {_end(found.get(partition))}, in the export at {_end(wanted.get(partition))}."
        for partition in sorted(found.keys() | wanted.keys())
        if found.get(partition) != wanted.get(partition)
    ]
    if differences:
        raise _others(destination, tuple(differences[:_TOLD]))


def _heads(destination: Destination) -> Iterator[tuple[str, Tip]]:
    for head in every(lambda cursor: _patiently(destination, destination.histories.heads, cursor)):
        yield head.id.partition, Tip(head.id.partition, head.sequence, head.hash)


def _end(tip: Tip | None) -> str:
    return f"row {tip.sequence}, {tip.hash[:12]}" if tip else "no row"


def _patiently(destination: Destination, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Make a call that may be repeated, again after a while where the store cannot be reached."""
    for pause in _PAUSES:
        try:
            return call(*args, **kwargs)
        except Unreadable as away:
            destination.pause(max(pause, away.retry_after or 0.0), away)
    return call(*args, **kwargs)


def _changed(what: str) -> RestoreRefused:
    return RestoreRefused(f"The export has changed while it was read: {what}. What was written stays.")


def _others(destination: Destination, faults: tuple[str, ...]) -> RestoreRefused:
    sentence = f"Somebody else has written to {destination.place} meanwhile. Is an app running on it? Stop it, and see:"
    return RestoreRefused(sentence, faults)
