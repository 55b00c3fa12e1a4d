"""What an export would put into an empty store: read whole and understood before anything is written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shared.domain import states
from shared.domain.chain import Tip
from shared.domain.claims import held_places
from shared.domain.errors import DocumentInvalid, InvalidId
from shared.domain.events import LineEvent
from shared.domain.export import refuse
from shared.domain.exported_history import ExportedHistory, exported_histories
from shared.domain.fold import fold
from shared.domain.ids import LineId, Target
from shared.domain.line import champion_of
from shared.domain.states import Case
from shared.domain.visible import visible
from shared.ports import JSON, Claim, Histories, History, RawHistory
from shared.workflow.summaries import line_snapshot, snapshot

# What a fold stumbles over where events, each right by itself, could never have followed each other.
_NO_HISTORY = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError)


@dataclass(frozen=True, slots=True)
class Planned:
    """Where a history ends, and what its head row keeps beside that."""

    tip: Tip
    snapshot: Mapping[str, JSON]


@dataclass(slots=True)
class RestorePlan:
    """What an export holds.

    `histories` by partition key, promotions and lines; `open` counts promotions with something still to do; `bare` are
    histories of which a body is not at hand, and so which nobody can read; `places` are the claims that open and
    promoted targets hold, by their place.
    """

    histories: dict[str, Planned] = field(default_factory=dict)
    rows: int = 0
    open: int = 0
    bare: list[str] = field(default_factory=list)
    places: dict[Target, tuple[tuple[bool, datetime], Claim]] = field(default_factory=dict)

    @property
    def promotions(self) -> int:
        """How many of the histories are promotions'."""
        return sum(partition.startswith("promotion:") for partition in self.histories)

    @property
    def claims(self) -> Mapping[Target, Claim]:
        """Who holds which place."""
        return {target: claim for target, (_, claim) in self.places.items()}


def plan_restore(histories: Histories, lines: Iterable[str]) -> RestorePlan:
    """Read every history of an export as the store would give it; `verify_export` has found that it holds.

    Raises:
        DocumentInvalid: this release cannot read a row, a name is none, or the store could not hold it; every fault
            with its history, the first twenty of them.
    """
    plan, faults, seen = RestorePlan(), list[str](), set[str]()
    for exported in exported_histories(lines):
        name = visible(exported.partition)
        if exported.partition in seen or exported.head is None:
            faults.append(f"{name}: its lines do not stand together, those from line {exported.line} on are apart.")
        else:
            faults += [f"{name}: {fault}" for fault in _faults(plan, histories, exported, exported.head)]
        seen.add(exported.partition)
    refuse(faults)
    return plan


def raw_of(exported: ExportedHistory) -> RawHistory:
    """As a store hands it out."""
    return RawHistory(exported.rows, exported.head)


def _faults(plan: RestorePlan, histories: Histories, exported: ExportedHistory, head: Tip) -> tuple[str, ...]:
    """Add one history to the plan; what is wrong with it."""
    try:
        history = histories.read_exported(raw_of(exported))
        kept = _snapshot(plan, history) if history else {}
    except DocumentInvalid as invalid:
        return invalid.faults
    except InvalidId as invalid:
        return (str(invalid),)
    except _NO_HISTORY as error:
        return (f"its rows, each right by itself, cannot have followed each other: {error!r}",)
    plan.bare += [] if history else [exported.partition]
    plan.rows += len(exported.rows)
    plan.histories[exported.partition] = Planned(head, kept)
    return ()


def _snapshot(plan: RestorePlan, history: History) -> Mapping[str, JSON]:
    """What its head row keeps, as this release would write it."""
    if isinstance(history.id, LineId):
        champion_of(history.rows)
        last = history.rows[-1].event
        return line_snapshot(last) if isinstance(last, LineEvent) else {}
    case = fold(history.id, history.rows)
    kept = snapshot(case)
    _claim(plan, case)
    plan.open += bool(kept["open"])
    return kept


def _claim(plan: RestorePlan, case: Case) -> None:
    """Note its places; where two say that they hold one, what is there or on its way goes before what is wanted."""
    if case.incarnation is None or case.first_at is None:
        return
    for target, number in held_places(case):
        known = case.targets[target.registry]
        wanted = known.intent is None and not isinstance(known.state, states.TargetPromoted)
        place = ((wanted, case.first_at), Claim(case.id, case.incarnation, number))
        plan.places[target] = min(plan.places.get(target, place), place, key=lambda each: each[0])
