"""What must be true at rest: nothing forgotten, nothing left behind, and the catalog says what the history says."""

from dataclasses import replace
from datetime import timedelta

from local.faults.simulator.clients import Clients
from local.faults.simulator.estate import Estate
from local.faults.simulator.safety import Safety
from local.faults.simulator.truth import Truth
from shared.domain import states
from shared.domain.chain import check_chain
from shared.domain.fold import fold
from shared.domain.ids import HistoryId, PromotionId
from shared.domain.states import Case
from shared.ports import PromotionFilter, TimelineFilter
from shared.workflow.claim_place import claim_place
from shared.workflow.cloud_events import cloud_events
from shared.workflow.examine import examine
from shared.workflow.summaries import summarise
from shared.workflow.timeline import event_id

_AT_REST = {"promoted", "rejected", "expired", "withdrawn", "ignored", "blocked", "conflict"}
_HOLDS_CLAIMS = {"conflict"}
_SKEW = timedelta(minutes=10)  # more than clocks are off (`Stimuli.clock_jumps`)
_PROBE = PromotionId("ws-c", "m", "1")


def judge_ending(estate: Estate, truth: Truth, safety: Safety, clients: Clients) -> None:
    """Judge an estate at rest; what is wrong goes into `Truth.broken`."""
    for promotion in safety.promotions:
        _judge_promotion(estate, truth, safety, promotion)
    for promotion, at in truth.acknowledged.items():
        read_at = truth.read_at.get(promotion)
        lost = promotion in truth.lost_at and truth.lost_at[promotion] >= at
        if (read_at is None or read_at < at) and not lost:
            truth.fails(f"{promotion}: announced and taken in at {at:%H:%M:%S}, last read at {read_at}")
    for promotion in estate.catalog.registered:
        if estate.histories.head(promotion) is None:
            truth.fails(f"{promotion}: registered, and nothing is known of it")
    for wish in clients.open:
        truth.fails(f"{wish.promotion}: {wish.what} never had an answer")
    _judge_claims(estate, truth, safety)


def _judge_promotion(estate: Estate, truth: Truth, safety: Safety, promotion: PromotionId) -> None:
    history = estate.histories.load(promotion)
    case = fold(promotion, history.rows)
    if case != safety.case(promotion):
        truth.fails(f"{promotion}: folded whole it is {case.status}, step by step {safety.case(promotion).status}")
    if case.status not in _AT_REST:
        truth.fails(f"{promotion}: at rest it is {case.status}")
    for sink in ("tables", "topic"):
        if history.relay.get(sink, 0) != history.sequence:
            truth.fails(f"{promotion}: {sink} stands at {history.relay.get(sink, 0)} of {history.sequence}")
    _judge_facts(estate, truth, case)
    _judge_targets(estate, truth, case)
    _judge_chain(estate, truth, promotion)
    _judge_read_models(estate, truth, case)
    published = {str(event["id"]) for event in estate.publisher.published}
    for event in cloud_events(promotion, history.rows, 0, ""):
        if event["id"] not in published:
            truth.fails(f"{promotion}: {event['type']} {event['id']} was never published")


def _judge_facts(estate: Estate, truth: Truth, case: Case) -> None:
    """What stands agrees with what is there now."""
    version = estate.catalog.registered.get(case.id)
    if version is None:
        return
    if case.incarnation != version.incarnation and case.status != "withdrawn":
        truth.fails(f"{case.id}: {case.status} for a registration that is no more")
    if isinstance(case.state, states.Blocked) and case.state.since > truth.scheduler.now - estate.parts.waits.relook:
        return
    if isinstance(case.state, states.Blocked) and case.evaluation:
        examined = examine(estate.newest.outside, case)
        looked_until = case.state.since + estate.parts.waits.relook_slow_for - estate.parts.waits.relook_slow - _SKEW
        looked_on = truth.quiet_since is not None and looked_until > truth.quiet_since
        if looked_on and examined is not None and examined.digest != case.evaluation.digest:
            truth.fails(f"{case.id}: blocked by what is not so any more")


def _judge_targets(estate: Estate, truth: Truth, case: Case) -> None:
    for target in case.targets.values():
        if isinstance(target.state, states.TargetPromoted):
            if estate.registry.read(target.target) is None:
                truth.fails(f"{case.id}: {target.target} is promoted, and the registry holds nothing")
            if target.state.mark == "due":
                truth.fails(f"{case.id}: {target.target} was never marked")
            lines = estate.histories.load(target.target.line).rows
            if not any(row.operation.startswith(case.id.subject) for row in lines):
                truth.fails(f"{case.id}: the line of {target.target} was never told")
        if isinstance(target.state, states.Importing) or target.intent is not None:
            truth.fails(f"{case.id}: {target.target} was announced and never judged")
        if isinstance(target.state, states.TargetConflict):
            _judge_conflict(truth, case, target)


def _judge_conflict(truth: Truth, case: Case, target: states.TargetCase) -> None:
    """A person is asked to look only where there is something to see, or was."""
    kind = target.state.kind if isinstance(target.state, states.TargetConflict) else ""
    places = {copy[1].registry for copy in truth.copies} | {place.registry for place in truth.strange}
    if kind not in ("claimed", "other_incarnation") and target.target.registry not in places:
        truth.fails(f"{case.id}: conflict {kind} at {target.target}, where there is nothing")


def _judge_chain(estate: Estate, truth: Truth, history: HistoryId) -> None:
    raw = estate.histories.raw(history)
    for finding in check_chain(history.partition, raw.rows, raw.head):
        truth.fails(f"{history}: {finding.sentence}")


def _judge_read_models(estate: Estate, truth: Truth, case: Case) -> None:
    wanted = PromotionFilter((case.id.workspace,))
    rows = [row for row in estate.read_models.promotions(wanted, 100, None).items if row.promotion == case.id]
    if rows != [summarise(case)]:
        truth.fails(f"{case.id}: the catalog says {[(row.status, row.sequence) for row in rows]}, it is {case.status}")
    entries = estate.read_models.timeline(TimelineFilter((case.id.workspace,)), 1000, None).items
    listed = {entry.id for entry in entries}
    for sequence in range(1, case.sequence + 1):
        if event_id(case.id, sequence) not in listed:
            truth.fails(f"{case.id}: event {sequence} is not in the timeline")


def _judge_claims(estate: Estate, truth: Truth, safety: Safety) -> None:
    """A claim that is not needed any more keeps nobody out (R7)."""
    for target, claim in list(estate.claims.standing.items()):
        case = safety.case(claim.promotion)
        known = case.targets.get(target.registry)
        promoted = known is not None and known.target == target and isinstance(known.state, states.TargetPromoted)
        if promoted or case.status in _HOLDS_CLAIMS:
            continue
        probe = replace(claim, promotion=_PROBE, round=1)
        if claim_place(estate.base, target, probe) != probe:
            truth.fails(f"{claim.promotion}: {case.status}, and keeps others out of {target} for round {claim.round}")
