"""Makers of promotions: legal histories told as stories, each told by `decide` itself; a test overrides one thing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from shared.domain import commands, events, states
from shared.domain.change_window import ChangeWindow
from shared.domain.commands import Command, Equal, Judged, NotGoverned, TargetFinding
from shared.domain.decide import decide
from shared.domain.errors import CommandRefused
from shared.domain.evaluation import Evaluation, Facts, GateResult, Outcome, Rules
from shared.domain.events import Decision, PromotionEvent, Recorded, Verdict
from shared.domain.fold import evolve
from shared.domain.ids import Incarnation, PromotionId, Target
from shared.domain.states import Case
from shared.domain.waits import Waits

PROMOTION = PromotionId("risk-dev", "fraud-detector", "7")
SHARED = Target("contoso-shared", "fraud-detector", "7")
EU = Target("contoso-eu", "risk-dev-fraud-detector", "7")
REGISTERED_AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
INCARNATION = Incarnation("azureml:/risk-dev/fraud-detector/7", REGISTERED_AT)
LATER_INCARNATION = Incarnation("azureml:/risk-dev/fraud-detector/7-again", REGISTERED_AT + timedelta(hours=1))
MONDAYS = ChangeWindow("UTC", ("mon",), time(9), time(17))  # stories begin on a Sunday
WAITS = Waits()
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def some_rules(**changes: Any) -> Rules:
    """Two of two groups must approve, one of them a risk officer; Dana registered the version."""
    rules = Rules(
        quorum=2,
        rejections=1,
        groups=("ml-approvers", "risk-officers"),
        required_groups=("risk-officers",),
        excluded=("dana",),
        expires_after=7 * DAY,
        release_record=(),
    )
    return replace(rules, **changes)


def a_gate(outcome: Outcome = Outcome.PASSED, *, absent: bool = False) -> GateResult:
    return GateResult("tag:owner", "enforce", outcome, "set", "", "", "", absent)


def an_evaluation(facts: str = "a", **changes: Any) -> Evaluation:
    """Passed, for both targets. `facts` is one letter: the same letter gives the same digest."""
    rules = some_rules(**changes.pop("rules", {}))
    evaluation = Evaluation(
        promotion=str(PROMOTION),
        incarnation=INCARNATION,
        policy="fraud",
        policy_build=1,
        digest=facts * 64,
        gates=(a_gate(),),
        facts=Facts({"data": facts}, {}, "train-7", "Completed", "mlflow_model", (), None, None, None, {}, None),
        champion=None,
        rules=rules,
        targets=(SHARED, EU),
        release_record={},
        grace_ends_at=REGISTERED_AT + 30 * MINUTE,
    )
    return replace(evaluation, **changes)


def failing(facts: str = "f", **changes: Any) -> Evaluation:
    return an_evaluation(facts, **{"gates": (a_gate(Outcome.FAILED),), **changes})


def incomplete(facts: str = "i", **changes: Any) -> Evaluation:
    """Nothing but absent evidence, which may still come."""
    return an_evaluation(facts, **{"gates": (a_gate(Outcome.UNPROVEN, absent=True),), **changes})


def a_look(verdict: Evaluation | NotGoverned | None, *findings: TargetFinding, **changes: Any) -> commands.RecordLook:
    judged = Judged(verdict, findings) if isinstance(verdict, Evaluation) else verdict
    return replace(commands.RecordLook(INCARNATION, "dana", judged), **changes)


def a_decision(person: str = "amir", verdict: Verdict = "approve", facts: str = "a", **changes: Any) -> Decision:
    groups = {"rosa": ("risk-officers",), "amir": ("ml-approvers",), "dana": ("ml-approvers",)}
    decision = Decision(facts * 64, verdict, person, groups.get(person, ("ml-approvers",)), person, "d" * 64, "page")
    return replace(decision, **changes)


def answers(person: str = "amir", verdict: Verdict = "approve", facts: str = "a", **changes: Any) -> Command:
    return commands.RecordDecision(a_decision(person, verdict, facts, **changes))


def rejects(person: str = "rosa", facts: str = "a", **changes: Any) -> Command:
    return answers(person, "reject", facts, **changes)


def no_policy() -> NotGoverned:
    return NotGoverned("no_policy", "No policy matches fraud-detector.")


def landed(target: Target = SHARED) -> Equal:
    return Equal(f"azureml://registries/{target.registry}/models/{target.name}/versions/{target.version}", ("flavors",))


@dataclass
class Story:
    """A promotion in the making: its case, everything recorded, and the time."""

    case: Case = field(default_factory=lambda: Case(PROMOTION))
    now: datetime = REGISTERED_AT
    history: list[Recorded] = field(default_factory=list)
    waits: Waits = WAITS

    def ask(self, command: Command) -> tuple[PromotionEvent, ...]:
        """What a command would lead to now; nothing is recorded."""
        return decide(self.case, command, self.now, self.waits)

    def then(self, *told: Command, after: timedelta = SECOND) -> "Story":
        """Tell on: each command a little later than what was before."""
        for command in told:
            self.now += after
            self.record(*self.ask(command))
        return self

    def record(self, *happened: PromotionEvent) -> "Story":
        """Tell on by events."""
        for event in happened:
            self.case = evolve(self.case, event, self.now)
            self.history.append(Recorded(self.case.sequence, self.now, "op", "clearance", event, "", ""))
        return self

    def wait(self, pause: timedelta) -> "Story":
        self.now += pause
        return self

    @property
    def told(self) -> list[str]:
        """The names of everything recorded, in order."""
        return [type(row.event).__name__ for row in self.history]

    def target(self, target: Target = SHARED) -> states.TargetCase:
        return self.case.targets[target.registry]

    def starts(self, target: Target = SHARED, facts: str = "a", lease: str = "lease-1") -> "Story":
        """Announce an import, of a version read just now."""
        read = self.now
        return self.then(commands.StartImport(target.registry, "worker-1", lease, facts * 64, read))

    def reads_back(
        self, found: commands.Found, target: Target = SHARED, *, own: bool = True, lease: str = "lease-1"
    ) -> "Story":
        return self.then(commands.RecordReadBack(target.registry, lease, found, own))

    def imports(self, target: Target = SHARED, facts: str = "a", *, marked: bool = True) -> "Story":
        """A whole import that goes well."""
        lease = f"lease-{target.registry}"
        self.starts(target, facts, lease).reads_back(landed(target), target, lease=lease)
        return self.then(commands.RecordMark(target.registry, True, "")) if marked else self


def refusal_of(story: Story, command: Command) -> CommandRefused:
    """What a command is refused with.

    Raises:
        AssertionError: it was not refused.
    """
    try:
        happened = story.ask(command)
    except CommandRefused as refusal:
        return refusal
    raise AssertionError(f"{command} was not refused but led to {happened}")


# ------------------------------------------------------------------------------------------------ stories to begin with


def unseen() -> Story:
    return Story()


def received() -> Story:
    return Story().then(a_look(None))


def waiting() -> Story:
    return Story().then(a_look(incomplete()))


def blocked() -> Story:
    return Story().then(a_look(failing()))


def asked(facts: str = "a", **changes: Any) -> Story:
    """People are asked about both targets."""
    return Story().then(a_look(an_evaluation(facts, **changes)))


def approved(**changes: Any) -> Story:
    """The quorum is reached; nothing is imported yet."""
    return asked(**changes).then(answers("amir"), answers("rosa"))


def importing() -> Story:
    """One target is being imported, the other is pending."""
    return approved().starts(SHARED)


def promoted() -> Story:
    return approved().imports(SHARED).imports(EU)


def conflict_before_asking() -> Story:
    finding = TargetFinding(SHARED, "not_ours", explanation="An equal model without our mark.", found="theirs")
    return Story().then(a_look(an_evaluation(), finding))


def conflict_after_quorum() -> Story:
    """One target is promoted, the other holds something else."""
    different = commands.Different("Another model.", "theirs")
    return approved().imports(EU).then(commands.RecordPresent(SHARED.registry, different, False))


def rejected() -> Story:
    return asked().then(rejects())


def expired() -> Story:
    return asked().then(commands.Expire(), after=7 * DAY)


def withdrawn() -> Story:
    return asked().then(commands.Withdraw("dana"))


def all_given_up() -> Story:
    return received().then(
        a_look(failing()), commands.GiveUpTarget(SHARED.registry, "olu"), commands.GiveUpTarget(EU.registry, "olu")
    )


def ignored() -> Story:
    return Story().then(a_look(no_policy()))


SITUATIONS: Mapping[str, Callable[[], Story]] = {
    "unseen": unseen,
    "received": received,
    "waiting": waiting,
    "blocked": blocked,
    "awaiting_approval": asked,
    "awaiting_approval (one answer short)": lambda: asked().then(answers("rosa")),
    "promoting": approved,
    "promoting (window closed)": lambda: approved(rules={"change_window": MONDAYS}),
    "promoting (importing)": importing,
    "promoting (importing the last)": lambda: approved().imports(EU).starts(SHARED),
    "promoting (to be marked)": lambda: approved().imports(SHARED, marked=False),
    "promoted": promoted,
    "conflict (nobody asked)": conflict_before_asking,
    "conflict (after quorum)": conflict_after_quorum,
    "rejected": rejected,
    "expired": expired,
    "withdrawn": withdrawn,
    "withdrawn (all given up)": all_given_up,
    "ignored": ignored,
}
"""Every class of `states.State`, some in more than one situation; SHARED is the target that commands are about."""


def _import_was_under_way(end: Callable[[Story], Story]) -> Callable[[], Story]:
    return lambda: end(importing())


STOPPED: Mapping[str, Callable[[], Story]] = {
    "received": _import_was_under_way(lambda s: s.then(rejects(), commands.RequestReevaluation("dana"))),
    "waiting": _import_was_under_way(lambda s: s.then(a_look(incomplete()))),
    "blocked": _import_was_under_way(lambda s: s.then(a_look(failing()))),
    "awaiting_approval": _import_was_under_way(lambda s: s.then(a_look(an_evaluation("b")))),
    "conflict": _import_was_under_way(
        lambda s: s.then(a_look(an_evaluation("b"), TargetFinding(EU, "not_ours", found="theirs")))
    ),
    "rejected": _import_was_under_way(lambda s: s.then(rejects())),
    "expired": _import_was_under_way(
        lambda s: s.then(a_look(an_evaluation("b", rules={"expires_after": MINUTE}))).then(
            commands.Expire(), after=2 * MINUTE
        )
    ),
    "withdrawn": _import_was_under_way(lambda s: s.then(commands.Withdraw("dana"))),
    "ignored": _import_was_under_way(lambda s: s.then(a_look(no_policy()))),
    "promoting": _import_was_under_way(lambda s: s.then(commands.GiveUpTarget(SHARED.registry, "olu"))),
}
"""Every state that a promotion can be in while an import that nobody wants any more is still to be judged (R9)."""


def event_of(story: Story, kind: type[events.PromotionEvent]) -> Any:
    """The last event of one kind."""
    return next(row.event for row in reversed(story.history) if isinstance(row.event, kind))
