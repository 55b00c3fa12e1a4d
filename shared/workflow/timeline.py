"""An event as a list shows it: one sentence each."""

from typing import assert_never

from shared.domain import events
from shared.domain.events import Event, Recorded
from shared.domain.ids import HistoryId, PromotionId
from shared.domain.visible import visible
from shared.ports import TimelineEntry


def event_id(history: HistoryId, sequence: int) -> str:
    """The id of an event everywhere outside its history: `promotion/<workspace>/<name>/<version>#<sequence>`."""
    return f"{history.subject}#{sequence}"


def timeline_entry(promotion: PromotionId, row: Recorded) -> TimelineEntry:
    """The timeline's row of one event of a promotion."""
    return TimelineEntry(
        id=event_id(promotion, row.sequence),
        history=promotion.partition,
        workspace=promotion.workspace,
        model=promotion.name,
        version=promotion.version,
        sequence=row.sequence,
        at=row.at,
        type=type(row.event).__name__,
        actor=row.actor,
        summary=describe(row.event),
        hash=row.hash,
    )


def describe(event: Event) -> str:  # noqa: C901, PLR0911, PLR0912 - one line a kind of event
    """One sentence on what happened."""
    match event:
        case events.Registered():
            return f"Registered by {visible(event.registrant or 'nobody named')}."
        case events.Reregistered():
            return "Registered anew under the same number; earlier decisions are void."
        case events.Ignored():
            return visible(event.explanation)
        case events.EvaluationCompleted():
            passed = sum(gate.outcome == "passed" for gate in event.evaluation.gates)
            total = len(event.evaluation.gates)
            let_through = [
                f"{gate.gate} until {gate.exception.until}" for gate in event.evaluation.gates if gate.exception
            ]
            excepted = f" Let through by exception: {', '.join(let_through)}." if let_through else ""
            policy = event.evaluation.policy
            return f"Round {event.round}: {passed} of {total} gates passed under policy {policy}.{excepted}"
        case events.EvidenceAwaited():
            return f"Waiting for late evidence until {event.until:%Y-%m-%d %H:%M:%S} UTC."
        case events.Blocked():
            return f"Blocked by {', '.join(event.gates)}."
        case events.ApprovalRequested():
            places = ", ".join(map(str, event.targets))
            return f"Approval asked for {places} until {event.expires_at:%Y-%m-%d %H:%M:%S} UTC."
        case events.DecisionRecorded():
            return _answer(event.decision)
        case events.Approved():
            return f"Approved by {', '.join(event.approvers)}."
        case events.Rejected():
            return f"Rejected by {', '.join(event.by)}."
        case events.RejectionStands():
            return "Nothing has changed since the rejection; it stands."
        case events.Expired():
            return "Nobody answered in time."
        case events.Withdrawn():
            why = f": {visible(event.comment)}" if event.comment else "."
            return f"Withdrawn by {event.by} ({event.reason.replace('_', ' ')}){why}"
        case events.ReevaluationRequested():
            return f"{event.by} asked for a new look."
        case events.RoundVoided():
            return (
                f"Round {event.round} is void: {visible(' '.join(event.difference)) or 'what was asked about changed.'}"
            )
        case events.ImportStarted():
            return f"Import into {event.registry} started; its lease ends {event.ends_at:%H:%M:%S} UTC."
        case events.ImportStillRunning():
            return f"Import into {event.registry} is still running."
        case events.ImportNotLanded():
            return f"{event.registry} does not hold the version after the import's lease."
        case events.TargetPromoted():
            return f"{event.target} holds the version ({', '.join(event.compared)} equal)."
        case events.TargetMarked():
            return f"{event.registry}: {visible(event.explanation)}"
        case events.PromotionErrored():
            return f"{event.registry or 'Source'}: {visible(event.explanation)}"
        case events.PromotionRecovered():
            return f"{event.registry or 'Source'} works again."
        case events.ConflictFound():
            return visible(event.explanation)
        case events.TargetRetryRequested():
            return f"{event.by} asked to try {event.registry} again."
        case events.TargetGivenUp():
            return f"{event.by} gave {event.registry} up."
        case events.VersionListed():
            return f"{event.target} is listed; another version is champion."
        case events.ChampionChanged():
            return f"{event.champion.target} is champion" + (f" after {event.previous}." if event.previous else ".")
        case _:
            assert_never(event)


def _answer(decision: events.Decision) -> str:
    """The verdict, what was said, and what of the release record was stated with it."""
    attached = {"limitations": decision.limitations, "ticket": decision.ticket, "review by": decision.review_by}
    stated = {**dict(decision.release_record), **attached}
    said = f": {visible(decision.comment)}" if decision.comment else "."
    more = "; ".join(f"{visible(name)}: {visible(text)}" for name, text in stated.items() if text)
    return f"{decision.person} answered {decision.verdict}{said}" + (f" Stated: {more}." if more else "")
