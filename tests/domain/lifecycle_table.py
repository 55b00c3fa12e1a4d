"""What each command does in each situation of a promotion: the one table that tests prove and docs/lifecycle.md shows."""

from collections.abc import Callable, Mapping

from shared.domain import commands
from shared.domain.commands import Absent, Command, Different, TargetFinding
from shared.domain.decide import decide
from shared.domain.errors import CommandRefused
from shared.domain.fold import evolve
from tests.domain.promotion_makers import (
    DAY,
    LATER_INCARNATION,
    SHARED,
    SITUATIONS,
    Story,
    a_look,
    an_evaluation,
    answers,
    failing,
    incomplete,
    landed,
    no_policy,
    rejects,
)

NAME = SHARED.registry
ELSEWHERE = Different("Another model.", "theirs")
IN_THE_WAY = TargetFinding(SHARED, "other_content", explanation="Another model.", found="theirs")


def _same_facts(story: Story) -> Command:
    return a_look(story.case.evaluation or an_evaluation())


def _digest(story: Story) -> str:
    return (story.case.evaluation or an_evaluation()).digest


def _letter(story: Story) -> str:
    return _digest(story)[0]


ASKED: Mapping[str, Callable[[Story], Command]] = {
    "RecordLook: same facts": _same_facts,
    "RecordLook: other facts, all gates pass": lambda _: a_look(an_evaluation("b")),
    "RecordLook: other facts, a gate fails": lambda _: a_look(failing("x")),
    "RecordLook: other facts, evidence is absent": lambda _: a_look(incomplete("y")),
    "RecordLook: other facts, a target holds something else": lambda _: a_look(an_evaluation("b"), IN_THE_WAY),
    "RecordLook: registered anew": lambda _: a_look(None, incarnation=LATER_INCARNATION),
    "RecordLook: no policy applies": lambda _: a_look(no_policy()),
    "RecordLook: grace is over": _same_facts,
    "RecordSourceGone": lambda _: commands.RecordSourceGone(),
    "RecordDecision: approve": lambda story: answers("ada", facts=_letter(story)),
    "RecordDecision: reject": lambda story: rejects("rosa", _letter(story)),
    "RequestReevaluation": lambda _: commands.RequestReevaluation("dana"),
    "Withdraw": lambda _: commands.Withdraw("dana"),
    "GiveUpWaiting": lambda _: commands.GiveUpWaiting("olu", "The team left."),
    "Expire": lambda _: commands.Expire(),
    "StartImport": lambda story: commands.StartImport(NAME, "worker-1", "lease-2", _digest(story), story.now),
    "LeaveRunning": lambda _: commands.LeaveRunning(NAME, "lease-1"),
    "RecordPresent: ours": lambda _: commands.RecordPresent(NAME, landed(), True),
    "RecordPresent: something else": lambda _: commands.RecordPresent(NAME, ELSEWHERE, False),
    "RecordClaimed": lambda _: commands.RecordClaimed(NAME, "risk-lab:fraud-detector:7"),
    "RecordReadBack: it landed": lambda _: commands.RecordReadBack(NAME, "lease-1", landed(), True),
    "RecordReadBack: nothing there": lambda _: commands.RecordReadBack(NAME, "lease-1", Absent(), False),
    "RecordReadBack: something else": lambda _: commands.RecordReadBack(NAME, "lease-1", ELSEWHERE, False),
    "RecordMark": lambda _: commands.RecordMark(NAME, True, ""),
    "RecordError: at the source": lambda _: commands.RecordError(None, "throttled", "429"),
    "RecordError: at a target": lambda _: commands.RecordError(NAME, "throttled", "429"),
    "RetryTarget": lambda _: commands.RetryTarget(NAME, "olu"),
    "GiveUpTarget": lambda _: commands.GiveUpTarget(NAME, "olu"),
}
"""Every class of `commands.Command`, some in more than one wording."""

# Commands that are about time are asked when that time has come.
_LATER = {"RecordLook: grace is over": DAY, "Expire": 7 * DAY, "RecordReadBack: nothing there": DAY}


def outcome_of(situation: str, asked: str) -> str:
    """What `decide` answers: names of events and the status they lead to, "nothing", or "refused: code"."""
    story = SITUATIONS[situation]()
    now = story.now + _LATER.get(asked, 0 * DAY)
    try:
        happened = decide(story.case, ASKED[asked](story), now, story.waits)
    except CommandRefused as refusal:
        return f"refused: {refusal.code}"
    after = story.case
    for event in happened:
        after = evolve(after, event, now)
    moved = f" -> {after.status}" if after.status != story.case.status else ""
    return (", ".join(type(event).__name__ for event in happened) or "nothing") + moved


OUTCOMES: Mapping[str, Mapping[str, str]] = {
    "RecordLook: same facts": {
        "Registered, EvaluationCompleted, ApprovalRequested -> awaiting_approval": "unseen",
        "EvaluationCompleted, ApprovalRequested -> awaiting_approval": "received",
        "nothing": (
            "waiting, blocked, awaiting_approval, awaiting_approval (one answer short), promoting, promoting (window "
            "closed), promoting (importing), promoting (importing the last), promoting (to be marked), promoted, "
            "conflict (nobody asked), conflict (after quorum), rejected, expired, withdrawn, withdrawn (all given "
            "up), ignored"
        ),
    },
    "RecordLook: other facts, all gates pass": {
        "Registered, EvaluationCompleted, ApprovalRequested -> awaiting_approval": "unseen",
        "EvaluationCompleted, ApprovalRequested -> awaiting_approval": (
            "received, waiting, blocked, conflict (nobody asked)"
        ),
        "RoundVoided, EvaluationCompleted, ApprovalRequested": (
            "awaiting_approval, awaiting_approval (one answer short)"
        ),
        "RoundVoided, EvaluationCompleted, ApprovalRequested -> awaiting_approval": (
            "promoting, promoting (window closed), promoting (importing), promoting (importing the last), promoting "
            "(to be marked), conflict (after quorum)"
        ),
        "nothing": "promoted, rejected, expired, withdrawn, withdrawn (all given up), ignored",
    },
    "RecordLook: other facts, a gate fails": {
        "Registered, EvaluationCompleted, Blocked -> blocked": "unseen",
        "EvaluationCompleted, Blocked -> blocked": "received, waiting, conflict (nobody asked)",
        "EvaluationCompleted, Blocked": "blocked",
        "RoundVoided, EvaluationCompleted, Blocked -> blocked": (
            "awaiting_approval, awaiting_approval (one answer short), promoting, promoting (window closed), promoting "
            "(importing), promoting (importing the last), promoting (to be marked), conflict (after quorum)"
        ),
        "nothing": "promoted, rejected, expired, withdrawn, withdrawn (all given up), ignored",
    },
    "RecordLook: other facts, evidence is absent": {
        "Registered, EvaluationCompleted, EvidenceAwaited -> waiting": "unseen",
        "EvaluationCompleted, EvidenceAwaited -> waiting": "received, blocked, conflict (nobody asked)",
        "EvaluationCompleted, EvidenceAwaited": "waiting",
        "RoundVoided, EvaluationCompleted, EvidenceAwaited -> waiting": (
            "awaiting_approval, awaiting_approval (one answer short), promoting, promoting (window closed), promoting "
            "(importing), promoting (importing the last), promoting (to be marked), conflict (after quorum)"
        ),
        "nothing": "promoted, rejected, expired, withdrawn, withdrawn (all given up), ignored",
    },
    "RecordLook: other facts, a target holds something else": {
        "Registered, EvaluationCompleted, ConflictFound -> conflict": "unseen",
        "EvaluationCompleted, ConflictFound -> conflict": "received, waiting, blocked",
        "RoundVoided, EvaluationCompleted, ConflictFound -> conflict": (
            "awaiting_approval, awaiting_approval (one answer short), promoting, promoting (window closed), promoting "
            "(importing), promoting (importing the last)"
        ),
        "RoundVoided, EvaluationCompleted, ApprovalRequested -> awaiting_approval": "promoting (to be marked)",
        "nothing": "promoted, rejected, expired, withdrawn, withdrawn (all given up), ignored",
        "EvaluationCompleted, ConflictFound": "conflict (nobody asked)",
        "RoundVoided, EvaluationCompleted, ConflictFound": "conflict (after quorum)",
    },
    "RecordLook: registered anew": {
        "Registered -> received": "unseen",
        "Reregistered": "received",
        "Reregistered -> received": (
            "waiting, blocked, awaiting_approval, awaiting_approval (one answer short), promoting, promoting (window "
            "closed), conflict (nobody asked), rejected, expired, withdrawn, withdrawn (all given up), ignored"
        ),
        "Reregistered, ConflictFound -> received": (
            "promoting (importing), promoting (to be marked), conflict (after quorum)"
        ),
        "Reregistered, ConflictFound, ConflictFound -> received": "promoting (importing the last), promoted",
    },
    "RecordLook: no policy applies": {
        "Registered, Ignored -> ignored": "unseen",
        "Ignored -> ignored": "received, waiting, blocked, conflict (nobody asked)",
        "RoundVoided, Ignored -> ignored": (
            "awaiting_approval, awaiting_approval (one answer short), promoting, promoting (window closed), promoting "
            "(importing), promoting (importing the last), promoting (to be marked), conflict (after quorum)"
        ),
        "nothing": "promoted, rejected, expired, withdrawn, withdrawn (all given up), ignored",
    },
    "RecordLook: grace is over": {
        "Registered, EvaluationCompleted, ApprovalRequested -> awaiting_approval": "unseen",
        "EvaluationCompleted, ApprovalRequested -> awaiting_approval": "received",
        "Blocked -> blocked": "waiting",
        "nothing": (
            "blocked, awaiting_approval, awaiting_approval (one answer short), promoting, promoting (window closed), "
            "promoting (importing), promoting (importing the last), promoting (to be marked), promoted, conflict "
            "(nobody asked), conflict (after quorum), rejected, expired, withdrawn, withdrawn (all given up), ignored"
        ),
    },
    "RecordSourceGone": {
        "nothing": "unseen, promoted, rejected, expired, withdrawn, withdrawn (all given up)",
        "Withdrawn -> withdrawn": (
            "received, waiting, blocked, awaiting_approval, awaiting_approval (one answer short), promoting, "
            "promoting (window closed), promoting (importing), promoting (importing the last), promoting (to be "
            "marked), conflict (nobody asked), conflict (after quorum), ignored"
        ),
    },
    "RecordDecision: approve": {
        "refused: not_awaiting_approval": "unseen, received, waiting, blocked, conflict (nobody asked), ignored",
        "DecisionRecorded": "awaiting_approval",
        "DecisionRecorded, Approved -> promoting": "awaiting_approval (one answer short)",
        "refused: settled": (
            "promoting, promoting (window closed), promoting (importing), promoting (importing the last), promoting "
            "(to be marked), promoted, conflict (after quorum), rejected, expired, withdrawn, withdrawn (all given "
            "up)"
        ),
    },
    "RecordDecision: reject": {
        "refused: not_awaiting_approval": "unseen, received, waiting, blocked, conflict (nobody asked), ignored",
        "DecisionRecorded, Rejected -> rejected": (
            "awaiting_approval, awaiting_approval (one answer short), promoting, promoting (window closed), promoting "
            "(importing), promoting (to be marked), conflict (after quorum)"
        ),
        "refused: settled": (
            "promoting (importing the last), promoted, rejected, expired, withdrawn, withdrawn (all given up)"
        ),
    },
    "RequestReevaluation": {
        "ReevaluationRequested -> received": (
            "unseen, blocked, conflict (nobody asked), conflict (after quorum), rejected, expired, withdrawn, ignored"
        ),
        "nothing": (
            "received, waiting, awaiting_approval, awaiting_approval (one answer short), promoting, promoting (window "
            "closed), promoting (importing), promoting (importing the last), promoting (to be marked)"
        ),
        "refused: settled": "promoted",
        "refused: given_up": "withdrawn (all given up)",
    },
    "Withdraw": {
        "refused: unknown_promotion": "unseen",
        "Withdrawn -> withdrawn": (
            "received, waiting, blocked, awaiting_approval, awaiting_approval (one answer short), promoting, "
            "promoting (window closed), promoting (importing), promoting (to be marked), conflict (nobody asked), "
            "conflict (after quorum), ignored"
        ),
        "refused: settled": (
            "promoting (importing the last), promoted, rejected, expired, withdrawn, withdrawn (all given up)"
        ),
    },
    "GiveUpWaiting": {
        "Withdrawn -> withdrawn": "waiting, blocked",
        "refused: not_waiting": (
            "unseen, received, awaiting_approval, awaiting_approval (one answer short), promoting, promoting (window "
            "closed), promoting (importing), promoting (importing the last), promoting (to be marked), promoted, "
            "conflict (nobody asked), conflict (after quorum), rejected, expired, withdrawn, withdrawn (all given "
            "up), ignored"
        ),
    },
    "Expire": {
        "nothing": (
            "unseen, received, waiting, blocked, promoting, promoting (window closed), promoting (importing), "
            "promoting (importing the last), promoting (to be marked), promoted, conflict (nobody asked), conflict "
            "(after quorum), rejected, expired, withdrawn, withdrawn (all given up), ignored"
        ),
        "Expired -> expired": "awaiting_approval, awaiting_approval (one answer short)",
    },
    "StartImport": {
        "refused: unknown_target": "unseen, received, ignored",
        "refused: not_promoting": (
            "waiting, blocked, awaiting_approval, awaiting_approval (one answer short), promoting (importing), "
            "promoting (importing the last), promoting (to be marked), promoted, conflict (nobody asked), "
            "conflict (after quorum), rejected, expired, withdrawn, withdrawn (all given up)"
        ),
        "ImportStarted": "promoting",
        "refused: window_closed": "promoting (window closed)",
    },
    "LeaveRunning": {
        "nothing": (
            "unseen, received, waiting, blocked, awaiting_approval, awaiting_approval (one answer short), promoting, "
            "promoting (window closed), promoting (to be marked), promoted, conflict (nobody asked), conflict (after "
            "quorum), rejected, expired, withdrawn, withdrawn (all given up), ignored"
        ),
        "ImportStillRunning": "promoting (importing), promoting (importing the last)",
    },
    "RecordPresent: ours": {
        "nothing": (
            "unseen, received, waiting, blocked, awaiting_approval, awaiting_approval (one answer short), "
            "promoting (importing), promoting (importing the last), promoting (to be marked), promoted, conflict "
            "(nobody asked), conflict (after quorum), rejected, expired, withdrawn, withdrawn (all given up), "
            "ignored"
        ),
        "TargetPromoted": "promoting, promoting (window closed)",
    },
    "RecordPresent: something else": {
        "nothing": (
            "unseen, received, waiting, blocked, awaiting_approval, awaiting_approval (one answer short), "
            "promoting (importing), promoting (importing the last), promoting (to be marked), promoted, conflict "
            "(nobody asked), conflict (after quorum), rejected, expired, withdrawn, withdrawn (all given up), "
            "ignored"
        ),
        "ConflictFound": "promoting, promoting (window closed)",
    },
    "RecordClaimed": {
        "nothing": (
            "unseen, received, waiting, blocked, awaiting_approval, awaiting_approval (one answer short), "
            "promoting (importing), promoting (importing the last), promoting (to be marked), promoted, conflict "
            "(nobody asked), conflict (after quorum), rejected, expired, withdrawn, withdrawn (all given up), "
            "ignored"
        ),
        "ConflictFound": "promoting, promoting (window closed)",
    },
    "RecordReadBack: it landed": {
        "nothing": (
            "unseen, received, waiting, blocked, awaiting_approval, awaiting_approval (one answer short), promoting, "
            "promoting (window closed), promoting (to be marked), promoted, conflict (nobody asked), conflict (after "
            "quorum), rejected, expired, withdrawn, withdrawn (all given up), ignored"
        ),
        "TargetPromoted": "promoting (importing)",
        "TargetPromoted -> promoted": "promoting (importing the last)",
    },
    "RecordReadBack: nothing there": {
        "nothing": (
            "unseen, received, waiting, blocked, awaiting_approval, awaiting_approval (one answer short), promoting, "
            "promoting (window closed), promoting (to be marked), promoted, conflict (nobody asked), conflict (after "
            "quorum), rejected, expired, withdrawn, withdrawn (all given up), ignored"
        ),
        "ImportNotLanded": "promoting (importing), promoting (importing the last)",
    },
    "RecordReadBack: something else": {
        "nothing": (
            "unseen, received, waiting, blocked, awaiting_approval, awaiting_approval (one answer short), promoting, "
            "promoting (window closed), promoting (to be marked), promoted, conflict (nobody asked), conflict (after "
            "quorum), rejected, expired, withdrawn, withdrawn (all given up), ignored"
        ),
        "ConflictFound": "promoting (importing)",
        "ConflictFound -> conflict": "promoting (importing the last)",
    },
    "RecordMark": {
        "nothing": (
            "unseen, received, waiting, blocked, awaiting_approval, awaiting_approval (one answer short), promoting, "
            "promoting (window closed), promoting (importing), promoting (importing the last), promoted, conflict "
            "(nobody asked), conflict (after quorum), rejected, expired, withdrawn, withdrawn (all given up), ignored"
        ),
        "TargetMarked": "promoting (to be marked)",
    },
    "RecordError: at the source": {
        "PromotionErrored": (
            "unseen, received, waiting, blocked, awaiting_approval, awaiting_approval (one answer short), promoting, "
            "promoting (window closed), promoting (importing), promoting (importing the last), promoting (to be "
            "marked), promoted, conflict (nobody asked), conflict (after quorum), rejected, expired, withdrawn, "
            "withdrawn (all given up), ignored"
        ),
    },
    "RecordError: at a target": {
        "nothing": "unseen, received, ignored",
        "PromotionErrored": (
            "waiting, blocked, awaiting_approval, awaiting_approval (one answer short), promoting, promoting (window "
            "closed), promoting (importing), promoting (importing the last), promoting (to be marked), promoted, "
            "conflict (nobody asked), conflict (after quorum), rejected, expired, withdrawn, withdrawn (all given up)"
        ),
    },
    "RetryTarget": {
        "refused: unknown_target": "unseen, received, ignored",
        "TargetRetryRequested": (
            "waiting, blocked, awaiting_approval, awaiting_approval (one answer short), promoting, promoting (window "
            "closed), rejected, expired, withdrawn"
        ),
        "refused: target_importing": "promoting (importing), promoting (importing the last)",
        "refused: target_promoted": "promoting (to be marked), promoted",
        "TargetRetryRequested -> received": "conflict (nobody asked), withdrawn (all given up)",
        "TargetRetryRequested -> promoting": "conflict (after quorum)",
    },
    "GiveUpTarget": {
        "refused: unknown_target": "unseen, received, ignored",
        "TargetGivenUp": (
            "waiting, blocked, promoting, promoting (window closed), promoting (importing), rejected, expired, "
            "withdrawn"
        ),
        "RoundVoided, TargetGivenUp -> received": "awaiting_approval, awaiting_approval (one answer short)",
        "TargetGivenUp -> promoted": "promoting (importing the last), conflict (after quorum)",
        "refused: target_promoted": "promoting (to be marked), promoted",
        "TargetGivenUp -> received": "conflict (nobody asked)",
        "refused: target_given_up": "withdrawn (all given up)",
    },
}
"""For each wording of a command: what it leads to, and in which situations; every pair stands here exactly once."""


def pairs() -> dict[tuple[str, str], str]:
    """The table by (situation, wording of a command).

    Raises:
        ValueError: a pair stands in it twice.
    """
    told: dict[tuple[str, str], str] = {}
    for asked, outcomes in OUTCOMES.items():
        for outcome, situations in outcomes.items():
            for situation in situations.split(", "):
                if (situation, asked) in told:
                    raise ValueError(f"{asked!r} has two outcomes in {situation!r}.")
                told[situation, asked] = outcome
    return told
