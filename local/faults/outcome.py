"""What a run came to: the end state without names, and what is wrong with it."""

from dataclasses import dataclass

from local.faults.trial import Trial
from shared.domain import events, states
from shared.domain.ids import Target
from shared.domain.line import champion_of
from shared.domain.states import Case

# What a crash may add to a history or change in it: an announced import that nobody finished, and what follows from it.
_RETRIED = (
    events.ImportStarted,
    events.ImportStillRunning,
    events.ImportNotLanded,
    events.PromotionErrored,
    events.PromotionRecovered,
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end state of a run, comparable with that of another: names that differ between runs are left out.

    Attributes:
        status: of the promotion.
        targets: registry to status and, once promoted, whether the provenance tags stand.
        approvers: who was counted.
        rounds: how many there were.
        happened: the kinds of events, in order, without those of imports that were tried again; those of a target by
            themselves, under its registry, for two targets may be served in any order.
        champions: registries whose line has this version as champion.
    """

    status: str
    targets: dict[str, tuple[str, str]]
    approvers: tuple[str, ...]
    rounds: int
    happened: dict[str, tuple[str, ...]]
    champions: tuple[str, ...]


def outcome_of(trial: Trial) -> Outcome:
    """Read it from storage."""
    rows = trial.stores.rows(trial.promotion)
    case = trial.case()
    approved = [row.event for row in rows if isinstance(row.event, events.Approved)]
    return Outcome(
        status=case.status,
        targets={registry: (target.status, _mark(target.state)) for registry, target in sorted(case.targets.items())},
        approvers=approved[-1].approvers if approved else (),
        rounds=case.round,
        happened=_happened([row.event for row in rows]),
        champions=tuple(registry for registry in sorted(case.targets) if _is_champion(trial, case, registry)),
    )


def history_faults(trial: Trial) -> list[str]:
    """What is wrong with the promotion's history, its lines and what follows them."""
    case = trial.case()
    found = [finding.sentence for finding in trial.stores.verify(trial.promotion)]
    for target in case.targets.values():
        found += [finding.sentence for finding in trial.stores.verify(target.target.line)]
        promoted = [row.operation for row in trial.stores.rows(target.target.line)]
        found += [f"the line {target.target.line} was told twice"] if len(promoted) != len(set(promoted)) else []
    told, rows = len(trial.stores.timeline(trial.promotion)), trial.stores.rows(trial.promotion)
    if told != len(rows) or not trial.stores.relayed(trial.promotion):
        found.append(f"the timeline holds {told} of {len(rows)} events")
    listed = trial.stores.listed_as(trial.promotion)
    if listed != [case.status]:
        found.append(f"the catalog lists it as {listed}, its history says {case.status}")
    return found


def lost_operations(trial: Trial) -> list[str]:
    """What was acknowledged and is in no history."""
    recorded = {row.operation for row in trial.stores.rows(trial.promotion)}
    return [*trial.lost, *(operation for operation in trial.acknowledged if operation not in recorded)]


def imports(trial: Trial) -> dict[str, dict[str, int]]:
    """How often each target's import was requested, accepted and took effect, as the emulator counted it."""
    counted = trial.lane.control.imports()
    return {key: counts for key, counts in counted.items() if trial.promotion.name in key.split(":")[1]}


def double_imports(trial: Trial) -> int:
    """Targets that were imported more than once."""
    return sum(counts["effective"] > 1 for counts in imports(trial).values())


def voided(trial: Trial) -> int:
    """How many rounds that people were asked about were voided."""
    return sum(isinstance(row.event, events.RoundVoided) for row in trial.stores.rows(trial.promotion))


def _happened(all_events: list[events.Event]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for event in all_events:
        if not isinstance(event, _RETRIED):
            target = getattr(event, "target", None)
            place = target.registry if isinstance(target, Target) else getattr(event, "registry", "")
            found[place] = (*found.get(place, ()), type(event).__name__)
    return found


def _mark(state: states.TargetState) -> str:
    return state.mark if isinstance(state, states.TargetPromoted) else ""


def _is_champion(trial: Trial, case: Case, registry: str) -> bool:
    champion = champion_of(trial.stores.rows(case.targets[registry].target.line))
    return champion is not None and champion.promotion == str(trial.promotion)
