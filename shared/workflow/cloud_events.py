"""History as CloudEvents 1.0 (github.com/cloudevents/spec, v1.0.2), for whoever listens to the topic."""

from collections.abc import Mapping, Sequence

from shared.domain import events, states
from shared.domain.decisions import record_of
from shared.domain.evaluation import Evaluation, GateException
from shared.domain.events import Recorded
from shared.domain.evidence import Champion
from shared.domain.explanation import GateWords, explain
from shared.domain.fold import evolve, fold
from shared.domain.ids import PromotionId
from shared.domain.imports import closed_window
from shared.domain.instants import instant_text
from shared.domain.release_record import ReleaseRecord, Statement
from shared.domain.states import Case
from shared.domain.visible import visible
from shared.ports import JSON
from shared.workflow.follow import promotion_event
from shared.workflow.timeline import describe, event_id

TYPES: Mapping[type, str] = {  # kinds of events that others are told of, and the word for each
    events.EvaluationCompleted: "EvaluationCompleted",
    events.Blocked: "Blocked",
    events.ApprovalRequested: "ApprovalRequested",
    events.DecisionRecorded: "DecisionRecorded",
    events.Approved: "Approved",
    events.Rejected: "Rejected",
    events.Expired: "Expired",
    events.TargetPromoted: "Promoted",
    events.PromotionErrored: "PromotionErrored",
    events.ConflictFound: "ConflictFound",
}


def cloud_events(
    promotion: PromotionId, rows: Sequence[Recorded], position: int, base_url: str
) -> tuple[Mapping[str, JSON], ...]:
    """The events after `position` that others are told of, in order.

    Args:
        promotion: whose history.
        rows: the whole history.
        position: the last sequence already published.
        base_url: how people reach the pages.
    """
    case = fold(promotion, rows[:position])
    published = []
    for row in rows[position:]:
        case = evolve(case, promotion_event(row), row.at)
        if type(row.event) in TYPES:
            published.append(_cloud_event(case, row, base_url))
    return tuple(published)


def _cloud_event(case: Case, row: Recorded, base_url: str) -> Mapping[str, JSON]:
    return {
        "specversion": "1.0",
        "id": event_id(case.id, row.sequence),
        "source": "/clearance",
        "subject": case.id.subject,
        "type": f"Clearance.{TYPES[type(row.event)]}",
        "time": instant_text(row.at),
        "datacontenttype": "application/json",
        "data": {
            "promotion": str(case.id),
            "status": case.status,
            "round": case.round,
            "evaluation": case.evaluation.digest if case.evaluation else None,
            "actor": row.actor,
            "summary": visible(describe(row.event)),
            "page": page_url(base_url, case.id),
            **_details(case, row.event, base_url),
        },
    }


def page_url(base_url: str, promotion: PromotionId) -> str:
    """Where people see a promotion."""
    return f"{base_url}/promotions/{promotion.workspace}/{promotion.name}/{promotion.version}"


def _details(  # noqa: PLR0911 - one branch a kind of event
    case: Case, event: events.Event, base_url: str
) -> Mapping[str, JSON]:
    evaluation = case.evaluation
    match event:
        case events.TargetPromoted():
            promoted = {"target": str(event.target), "asset_id": event.asset_id, "adopted": event.adopted}
            return {**promoted, "record": _record(case.let_through[event.round].record)}
        case events.ConflictFound():
            return {"target": str(event.target), "kind": event.kind}
        case events.PromotionErrored():
            return {"registry": event.registry, "code": event.code}
        case events.EvaluationCompleted() | events.Blocked() if evaluation:
            return _explained(evaluation)
        case events.ApprovalRequested() if evaluation:
            return _asking(case, evaluation, event, base_url)
        case events.DecisionRecorded():
            return {"record": _record(record_of(case))}
        case events.Approved() if case.changed_at:
            window = closed_window(case, case.changed_at)
            waits = window.said_at(case.changed_at) if window else ""
            return {"record": _record(record_of(case)), "waits": waits}
        case _:
            return {}


def _asking(case: Case, evaluation: Evaluation, event: events.ApprovalRequested, base_url: str) -> Mapping[str, JSON]:
    """What an approver's tool needs to show, and to answer."""
    rules = evaluation.rules
    return {
        "asset_id": evaluation.incarnation.asset_id,
        "policy": evaluation.policy,
        **_explained(evaluation),
        "champion": _champion(evaluation.champion),
        "targets": [str(target) for target in event.targets],
        "unchecked": [{"registry": u.registry, "reason": visible(u.reason)} for u in event.unchecked],
        "quorum": rules.quorum,
        "groups": list(rules.groups),
        "required_groups": list(rules.required_groups),
        "excluded": list(rules.excluded),
        "change_window": str(rules.change_window) if rules.change_window else None,
        "release_record": {field: visible(text) for field, text in evaluation.release_record.items()},
        "missing_record": list(evaluation.missing_record),
        "record": _record(record_of(case)),
        "expires_at": instant_text(event.expires_at),
        "webhook": f"{base_url}/api/webhooks/decisions/{{sender}}",
        "awaiting": isinstance(case.state, states.AwaitingApproval),
    }


def _record(record: ReleaseRecord | None) -> Mapping[str, JSON] | None:
    """The release record as the API shows it too: each field with who said what, and what people attached."""
    if record is None:
        return None
    return {
        "fields": [
            {
                "field": visible(field.name),
                "required": field.required,
                "status": field.status,
                "text": None if field.text is None else visible(field.text),
                "said": _statements(field.said),
            }
            for field in record.fields
        ],
        "limitations": _statements(record.limitations),
        "tickets": _statements(record.tickets),
        "reviews": _statements(record.reviews),
        "review_by": record.review_by,
    }


def _statements(said: Sequence[Statement]) -> list[Mapping[str, JSON]]:
    return [{"by": each.by, "text": visible(each.text)} for each in said]


def _champion(champion: Champion | None) -> Mapping[str, JSON] | None:
    if champion is None:
        return None
    return {
        "promotion": champion.promotion,
        "target": str(champion.target),
        "metrics": {name: visible(value) for name, value in champion.metrics.items()},
    }


def _exception(exception: GateException | None) -> Mapping[str, JSON] | None:
    if exception is None:
        return None
    return {"owner": exception.owner, "reason": exception.reason, "until": exception.until.isoformat()}


def _explained(evaluation: Evaluation) -> Mapping[str, JSON]:
    told = explain(evaluation)
    return {"explanation": list(told.lines), "gates": [_gate(gate) for gate in told.gates]}


def _gate(gate: GateWords) -> Mapping[str, JSON]:
    return {
        "gate": gate.gate,
        "mode": gate.mode,
        "blocks": gate.blocks,
        "note": gate.note,
        "exception": _exception(gate.exception),
        "outcome": str(gate.outcome),
        "expected": gate.expected,
        "actual": gate.actual,
        "source": gate.source,
        "explanation": gate.why,
        "command": gate.command,
    }
