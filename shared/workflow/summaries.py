"""A promotion in one row: what lists show, and what the head row keeps."""

from collections.abc import Mapping
from datetime import datetime

from shared.domain import states
from shared.domain.decisions import approvals
from shared.domain.events import ChampionChanged, LineEvent
from shared.domain.explanation import explain
from shared.domain.imports import closed_window
from shared.domain.instants import instant_text
from shared.domain.states import Case
from shared.domain.visible import visible
from shared.ports import JSON, Summary


def is_open(case: Case) -> bool:
    """Whether somebody, or the machinery, may still have to act: what the inbox lists."""
    conflict = any(isinstance(target.state, states.TargetConflict) for target in case.targets.values())
    return conflict or not isinstance(case.state, _CLOSED)


_CLOSED = states.Unseen | states.Promoted | states.Rejected | states.Expired | states.Withdrawn | states.Ignored


def _is_unfinished(case: Case) -> bool:
    return any(
        target.intent is not None or (isinstance(target.state, states.TargetPromoted) and target.state.mark == "due")
        for target in case.targets.values()
    )


def snapshot(case: Case) -> Mapping[str, JSON]:
    """What the head row keeps beside sequence and hash, for whoever scans heads.

    `open` also says that an import is still to be judged or a mark to be written, in whatever state (R8, R9).
    """
    created_at = instant_text(case.incarnation.created_at) if case.incarnation else None
    return {
        "status": case.status,
        "open": is_open(case) or _is_unfinished(case),
        "round": case.round,
        "created_at": created_at,
    }


def line_snapshot(event: LineEvent) -> Mapping[str, JSON]:
    """What the head row of a line keeps after its last event."""
    return {"champion": event.champion.promotion} if isinstance(event, ChampionChanged) else {}


def counted_approvals(case: Case) -> int:
    """How many persons approve the current round, or let it through."""
    match case.state:
        case states.AwaitingApproval():
            return len(approvals(case.state.decisions))
        case states.Promoting() | states.Promoted():
            return len(case.state.approvers)
        case states.Conflict(approved=states.Promoted() as through):
            return len(through.approvers)
        case _:
            return 0


def summarise(case: Case) -> Summary:
    """The catalog's row.

    Raises:
        ValueError: the case has no event yet.
    """
    if case.first_at is None or case.changed_at is None:
        raise ValueError(f"{case.id} has no event yet: there is nothing to list.")
    evaluation = case.evaluation
    return Summary(
        promotion=case.id,
        status=case.status,
        open=is_open(case),
        first_at=case.first_at,
        changed_at=case.changed_at,
        sequence=case.sequence,
        policy=evaluation.policy if evaluation else None,
        round=case.round,
        digest=evaluation.digest if evaluation else None,
        approvals=counted_approvals(case),
        required=evaluation.rules.quorum if evaluation else 0,
        expires_at=case.state.expires_at if isinstance(case.state, states.AwaitingApproval) else None,
        targets={registry: target.status for registry, target in case.targets.items()},
        explanation=explain_state(case, case.changed_at),
    )


def explain_state(case: Case, now: datetime) -> str:
    """Why the promotion is where it is, at an instant not before its last event."""
    troubles = [f"{r}: {t.explanation}" for r, t in case.targets.items() if t.error]
    conflicts = [t.state.explanation for t in case.targets.values() if isinstance(t.state, states.TargetConflict)]
    match case.state:
        case states.Blocked() | states.Waiting() if case.evaluation:
            return " ".join(gate.sentence for gate in explain(case.evaluation).held)
        case states.AwaitingApproval() if case.evaluation:
            warned = (gate.sentence for gate in explain(case.evaluation).others if gate.warns)
            return " ".join([*conflicts, *warned, *troubles, *([case.explanation] if case.error else [])])
        case states.Ignored():
            return case.state.explanation
        case states.Withdrawn():
            return _withdrawn(case.state)
        case states.Rejected():
            return f"Rejected by {', '.join(case.state.by)}." if case.state.by else "An earlier rejection stands."
        case _:
            waits = [window.said_at(now)] if (window := closed_window(case, now)) else []
            return " ".join([*waits, *conflicts, *troubles, *([case.explanation] if case.error else [])])


def _withdrawn(state: states.Withdrawn) -> str:
    said = {
        "by_person": f"Withdrawn by {state.by}",
        "source_gone": "The version is gone from its workspace",
        "given_up": "Every target was given up",
        "waiting_given_up": f"{state.by} gave up waiting",
    }[state.reason]
    return f"{said}: {visible(state.comment)}" if state.comment else f"{said}."
