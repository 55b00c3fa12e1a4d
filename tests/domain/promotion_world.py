"""A world small enough to know by heart: a workspace, two registries, a clock, and a worker that may die any time."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256

from shared.domain import commands, next_action
from shared.domain.commands import Absent, Command, Different, Equal, Judged, NotGoverned, TargetFinding
from shared.domain.decide import is_unchanged, needs_judging
from shared.domain.errors import CommandRefused
from shared.domain.evaluation import Evaluation
from shared.domain.events import ImportStarted, PromotionEvent
from shared.domain.ids import Incarnation, Target
from shared.domain.looks import Attempts, Looks
from tests.domain.promotion_makers import (
    EU,
    INCARNATION,
    MINUTE,
    SECOND,
    SHARED,
    WAITS,
    Story,
    an_evaluation,
    failing,
    incomplete,
    landed,
)

OURS, EQUAL, OTHER = "ours", "equal", "other"
JUDGEMENTS: dict[str, Callable[[str], Evaluation]] = {
    "pass": an_evaluation,
    "fail": failing,
    "late": incomplete,
}


@dataclass
class Call:
    """A `share` on its way: it may still land until the service forgets it, somewhat after its lease."""

    target: Target
    ends_at: datetime


@dataclass
class World:
    """What is outside, and one promotion's history within it."""

    story: Story = field(default_factory=Story)
    looks: Looks = field(default_factory=Looks)
    incarnation: Incarnation = INCARNATION
    facts: str = "a"
    judgement: str = "pass"
    governed: bool = True
    there: bool = True
    rejections: int = 1
    named: tuple[Target, ...] = (SHARED, EU)
    held: dict[Target, str] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    started: list[tuple[ImportStarted, str]] = field(default_factory=list)
    leases: int = 0

    # -------------------------------------------------------------------------------------- the worker

    def advance(self, then: str = "lands") -> bool:
        """Do what is next; whether something was appended. `then` is what becomes of an import that is started."""
        step = next_action.next_action(self.story.case, self.looks, self.story.now, WAITS)
        if not isinstance(step, next_action.Do):
            return False
        match step.action:
            case next_action.Look():
                return self.look()
            case next_action.LetExpire():
                return self.record(commands.Expire())
            case next_action.ReadBack(registry):
                return self.read_back(registry, own=False)
            case next_action.Mark(registry):
                return self.record(commands.RecordMark(registry, True, ""))
            case next_action.Import(registry):
                return self.import_target(registry, then)

    def look(self) -> bool:
        began = self.story.now
        appended = self.record(self.examine())
        self.looks = replace(self.looks, looked=began, answered=self.looks.asked, source=Attempts())
        return appended

    def examine(self) -> Command:
        """What a full read says now."""
        case = self.story.case
        if not self.there:
            return commands.RecordSourceGone()
        again = case.incarnation is not None and case.incarnation != self.incarnation
        verdict = None if again or not needs_judging(case) else self._judge()
        return commands.RecordLook(self.incarnation, "dana", verdict)

    def _judge(self) -> Judged | NotGoverned:
        if not self.governed:
            return NotGoverned("no_policy", "No policy matches.")
        evaluation = self.evaluate()
        return Judged(evaluation, tuple(map(self._find, evaluation.targets)))

    def evaluate(self) -> Evaluation:
        targets = tuple(target for target in self.named if target.registry not in self.story.case.left_out)
        told = f"{self.facts} {self.judgement} {targets} {self.incarnation} {self.rejections}"
        evaluation = JUDGEMENTS[self.judgement](self.facts)
        rules = replace(evaluation.rules, rejections=self.rejections)
        return replace(
            evaluation,
            digest=sha256(told.encode()).hexdigest(),
            targets=targets,
            rules=rules,
            incarnation=self.incarnation,
            grace_ends_at=self.incarnation.created_at + 30 * MINUTE,
        )

    def _find(self, target: Target) -> TargetFinding:
        conflict = {OTHER: "other_content", EQUAL: "not_ours"}.get(self.held.get(target, ""))
        known = self.story.case.targets.get(target.registry)
        if conflict == "not_ours" and known and known.intent and known.intent.target == target:
            conflict = None  # our own copy, still to be judged
        return TargetFinding(target, conflict)  # type: ignore[arg-type]

    def import_target(self, registry: str, then: str) -> bool:
        target = self.story.case.targets[registry].target
        examined = self.examine()
        verdict = examined.verdict if isinstance(examined, commands.RecordLook) else None
        if not isinstance(verdict, Judged) or not is_unchanged(self.story.case, verdict.evaluation.digest):
            return self.record(examined)
        if target in self.held:
            return self.record(commands.RecordPresent(registry, self._content(target), self._ours(target)))
        self.leases += 1
        lease = f"lease-{self.leases}"
        begin = commands.StartImport(registry, "worker", lease, verdict.evaluation.digest, self.story.now)
        return self.record(begin) and self._share(registry, target, lease, then)

    def _share(self, registry: str, target: Target, lease: str, then: str) -> bool:
        intent = self.story.case.targets[registry].intent
        assert intent is not None
        call = Call(target, intent.ends_at)
        if then in ("lands", "lands, worker dies"):
            self.land(call)
        elif then in ("still running", "worker dies", "raises"):
            self.calls.append(call)
        if then in ("lands", "raises", "lost"):
            self.read_back(registry, own=True, lease=lease)
        if then == "still running":
            self.record(commands.LeaveRunning(registry, lease))
        return True

    def read_back(self, registry: str, *, own: bool, lease: str | None = None) -> bool:
        intent = self.story.case.targets[registry].intent
        if intent is None:
            return False
        found = self._content(intent.target) if intent.target in self.held else Absent()
        return self.record(commands.RecordReadBack(registry, lease or intent.lease, found, own))

    def _content(self, target: Target) -> Equal | Different:
        return Different("Another model.", "theirs") if self.held[target] == OTHER else landed(target)

    def _ours(self, target: Target) -> bool:
        return self.held[target] == OURS

    # -------------------------------------------------------------------------------------- the outside

    def land(self, call: Call) -> None:
        """The service copies the model, unless something is there already: `share` replaces nothing."""
        self.held.setdefault(call.target, EQUAL)

    def wait(self, pause: timedelta) -> None:
        self.story.wait(pause)
        self.calls = [call for call in self.calls if call.ends_at + WAITS.read_back_again > self.story.now]

    def ask(self) -> None:
        self.looks = replace(self.looks, asked=self.story.now)

    # -------------------------------------------------------------------------------------- the history

    def record(self, command: Command) -> bool:
        """Decide and append; whether something was appended. Delivered twice, it appends once."""
        happened = self._append(command)
        if happened and not isinstance(command, _COUNTED_BY_OPERATION):
            assert self._append(command) == (), f"{command} delivered twice appended twice"
        return bool(happened)

    def _append(self, command: Command) -> tuple[PromotionEvent, ...]:
        try:
            happened = self.story.ask(command)
        except CommandRefused:
            return ()
        digest = self.evaluate().digest
        self.started += [(event, digest) for event in happened if isinstance(event, ImportStarted)]
        self.story.record(*happened)
        return happened

    def next(self) -> next_action.Next:
        return next_action.next_action(self.story.case, self.looks, self.story.now, WAITS)

    def pass_time(self) -> bool:
        """Wait until something is due; false when nothing ever is."""
        step = self.next()
        if isinstance(step, next_action.WaitUntil):
            self.wait(max(step.at - self.story.now, SECOND))
        return not isinstance(step, next_action.Settled)


# What people ask, and the note that an import goes on, are told apart by their operation id (R4).
_COUNTED_BY_OPERATION = (
    commands.RecordDecision,
    commands.RequestReevaluation,
    commands.Withdraw,
    commands.RetryTarget,
    commands.GiveUpTarget,
    commands.LeaveRunning,
)
