"""A promotion's case and rows as the document that the API answers with, and that its page shows."""

from collections.abc import Sequence
from datetime import datetime

from shared.domain import events, states
from shared.domain.awaited_runs import awaited_runs
from shared.domain.decisions import record_of
from shared.domain.difference import difference
from shared.domain.evaluation import Evaluation, GateException
from shared.domain.events import Recorded
from shared.domain.evidence import Champion, Source
from shared.domain.explanation import GateWords, explain
from shared.domain.imports import closed_window
from shared.domain.instants import instant_text
from shared.domain.release_record import ReleaseRecord, Statement
from shared.domain.states import Case, TargetCase
from shared.domain.traces import trace_id
from shared.web.promotion_schemas import (
    ChampionItem,
    DecisionItem,
    EvaluationItem,
    ExceptionItem,
    ExplanationDocument,
    FactsItem,
    GateItem,
    PromotionDocument,
    RecordFieldItem,
    RecordItem,
    RulesItem,
    SourceItem,
    StatementItem,
    TargetItem,
)
from shared.workflow.cloud_events import page_url
from shared.workflow.read_promotion import View
from shared.workflow.summaries import counted_approvals, explain_state


def promotion_document(view: View, base_url: str, now: datetime) -> PromotionDocument:
    """The whole promotion, as it stands now."""
    case = view.case
    evaluation = case.evaluation
    asked = case.state if isinstance(case.state, states.AwaitingApproval) else None
    return PromotionDocument(
        promotion=str(case.id),
        workspace=case.id.workspace,
        name=case.id.name,
        version=case.id.version,
        status=case.status,
        explanation=explain_state(case, now),
        error=case.error,
        round=case.round,
        sequence=case.sequence,
        asset_id=case.incarnation.asset_id if case.incarnation else None,
        registered_at=instant_text(case.incarnation.created_at) if case.incarnation else None,
        registrant=case.registrant,
        first_at=instant_text(case.first_at) if case.first_at else None,
        changed_at=instant_text(case.changed_at) if case.changed_at else None,
        expires_at=instant_text(asked.expires_at) if asked else None,
        window_opens_at=_opening(case, now),
        approvals=counted_approvals(case),
        required=evaluation.rules.quorum if evaluation else 0,
        evaluation=_evaluation(evaluation, _changes(view.rows)) if evaluation else None,
        awaits=sorted(awaited_runs(case)),
        record=_record(record) if (record := record_of(case)) else None,
        decisions=_decisions(case, view.rows),
        targets=[_target(target, asked) for target in case.targets.values()],
        page=page_url(base_url, case.id),
        trace=trace_id(case.id),
    )


def _opening(case: Case, now: datetime) -> str | None:
    window = closed_window(case, now)
    opening = window.next_opening(now) if window else None
    return instant_text(opening) if opening else None


def _changes(rows: Sequence[Recorded]) -> tuple[str, ...]:
    """What changed between the last two rounds."""
    rounds = [row.event.evaluation for row in rows if isinstance(row.event, events.EvaluationCompleted)]
    return difference(rounds[-2], rounds[-1]) if len(rounds) > 1 else ()


def _evaluation(evaluation: Evaluation, changes: tuple[str, ...]) -> EvaluationItem:
    told = explain(evaluation)
    return EvaluationItem(
        digest=evaluation.digest,
        policy=evaluation.policy,
        outcome=evaluation.outcome.value,
        headline=told.headline,
        explanation=list(told.lines),
        gates=[_gate(gate) for gate in told.gates],
        champion=_champion(evaluation.champion) if evaluation.champion else None,
        facts=_facts(evaluation),
        rules=_rules(evaluation),
        release_record=dict(evaluation.release_record),
        missing_record=list(evaluation.missing_record),
        difference=list(changes),
    )


def explanation_document(completed: events.EvaluationCompleted) -> ExplanationDocument:
    """One round's evaluation in sentences."""
    evaluation, told = completed.evaluation, explain(completed.evaluation)
    return ExplanationDocument(
        promotion=evaluation.promotion,
        round=completed.round,
        digest=evaluation.digest,
        policy=evaluation.policy,
        outcome=evaluation.outcome.value,
        headline=told.headline,
        explanation=list(told.lines),
        gates=[_gate(gate) for gate in told.gates],
    )


def _gate(gate: GateWords) -> GateItem:
    return GateItem(
        gate=gate.gate,
        mode=gate.mode,
        blocks=gate.blocks,
        note=gate.note,
        exception=_exception(gate.exception) if gate.exception else None,
        outcome=gate.outcome.value,
        expected=gate.expected,
        actual=gate.actual,
        source=gate.source,
        explanation=gate.why,
        command=gate.command,
    )


def _exception(exception: GateException) -> ExceptionItem:
    return ExceptionItem(owner=exception.owner, reason=exception.reason, until=exception.until.isoformat())


def _champion(champion: Champion) -> ChampionItem:
    return ChampionItem(
        promotion=champion.promotion,
        target=str(champion.target),
        round=champion.round,
        evaluation=champion.digest,
        metrics=dict(champion.metrics),
        dataset=champion.dataset,
    )


def _facts(evaluation: Evaluation) -> FactsItem:
    facts = evaluation.facts
    return FactsItem(
        tags=dict(facts.tags),
        properties=dict(facts.properties),
        metrics=dict(facts.metrics),
        taken=dict(facts.taken),
        job=facts.job,
        job_status=facts.job_status,
        run=facts.run,
        run_status=facts.run_status,
        asset_type=facts.asset_type,
        flavors=list(facts.flavors),
        dataset=facts.dataset,
        code=facts.code,
        sources=[_source(source) for source in facts.sources],
        artifacts=None if facts.artifacts is None else len(facts.artifacts),
    )


def _source(source: Source) -> SourceItem:
    return SourceItem(
        kind=source.kind,
        producer=source.producer,
        run=source.run,
        path=source.path,
        sha256=source.sha256,
        at=instant_text(source.at) if source.at else None,
    )


def _rules(evaluation: Evaluation) -> RulesItem:
    rules = evaluation.rules
    return RulesItem(
        quorum=rules.quorum,
        rejections=rules.rejections,
        groups=list(rules.groups),
        required_groups=list(rules.required_groups),
        excluded=list(rules.excluded),
        expires_after_seconds=int(rules.expires_after.total_seconds()),
        release_record=list(rules.release_record),
        change_window=str(rules.change_window) if rules.change_window else None,
    )


def _record(record: ReleaseRecord) -> RecordItem:
    return RecordItem(
        fields=[
            RecordFieldItem(
                field=field.name,
                required=field.required,
                status=field.status,
                text=field.text,
                said=_statements(field.said),
            )
            for field in record.fields
        ],
        limitations=_statements(record.limitations),
        tickets=_statements(record.tickets),
        reviews=_statements(record.reviews),
        review_by=record.review_by,
    )


def _statements(said: Sequence[Statement]) -> list[StatementItem]:
    return [StatementItem(by=each.by, text=each.text) for each in said]


def _decisions(case: Case, rows: Sequence[Recorded]) -> list[DecisionItem]:
    """Every answer, in order; a later one of the same person in the same round replaces the earlier (R16)."""
    answers = [(row, row.event) for row in rows if isinstance(row.event, events.DecisionRecorded)]
    latest = {event.decision.person: row.sequence for row, event in answers if event.round == case.round}
    return [_decision(row, event, row.sequence in latest.values()) for row, event in answers]


def _decision(row: Recorded, event: events.DecisionRecorded, stands: bool) -> DecisionItem:  # noqa: FBT001 - a fact
    decision = event.decision
    return DecisionItem(
        sequence=row.sequence,
        at=instant_text(row.at),
        round=event.round,
        evaluation=decision.digest,
        verdict=decision.verdict,
        person=decision.person,
        groups=list(decision.groups),
        spelling=decision.spelling,
        channel=decision.channel,
        comment=decision.comment,
        limitations=decision.limitations,
        ticket=decision.ticket,
        review_by=decision.review_by,
        release_record=dict(decision.release_record),
        stands=stands,
    )


def _target(target: TargetCase, asked: states.AwaitingApproval | None) -> TargetItem:
    state = target.state
    conflict = state if isinstance(state, states.TargetConflict) else None
    promoted = state if isinstance(state, states.TargetPromoted) else None
    unchecked = {found.registry: found.reason for found in asked.unchecked} if asked else {}
    return TargetItem(
        registry=target.target.registry,
        name=target.target.name,
        version=target.target.version,
        status=target.status,
        explanation=_explanation(target),
        error=target.error,
        asset_id=promoted.asset_id if promoted else None,
        mark=promoted.mark if promoted else None,
        conflict=conflict.kind if conflict else None,
        wanted=target.wanted,
        unchecked=unchecked.get(target.target.registry),
    )


def _explanation(target: TargetCase) -> str:
    match target.state:
        case states.TargetConflict():
            return target.state.explanation
        case states.GivenUp():
            return f"Given up by {target.state.by}."
        case _:
            return target.explanation
