"""Whatever people, registries and dying workers do in whatever order, the invariants hold and the work comes to rest."""

from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from shared.domain import commands, events, states
from shared.domain.events import Verdict
from shared.domain.fold import fold
from shared.domain.ids import Incarnation, Target
from shared.domain.looks import Looks
from shared.domain.next_action import Do, Settled
from tests.domain.promotion_makers import DAY, EU, HOUR, MINUTE, PROMOTION, SECOND, SHARED, WAITS, answers
from tests.domain.promotion_world import EQUAL, JUDGEMENTS, OTHER, OURS, World

PEOPLE = st.sampled_from(["amir", "rosa", "ada", "dana", "olu"])
TARGETS = st.sampled_from([SHARED, EU])
ENDINGS = st.sampled_from(["lands", "lands, worker dies", "still running", "worker dies", "raises", "lost"])
PAUSES = st.sampled_from([SECOND, 16 * MINUTE, 16 * MINUTE, 31 * MINUTE, 2 * HOUR, 8 * DAY])

_STOPS = (events.Rejected, events.Expired, events.Withdrawn, events.RoundVoided, events.ReevaluationRequested)
_ENDS = (*_STOPS, events.Reregistered, events.Ignored, events.EvaluationCompleted)


class PromotionMachine(RuleBasedStateMachine):
    """The pure core in a world that does what it likes."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.promoted: set[Target] = set()
        self.judged = 0

    @initialize(
        rejections=st.sampled_from([1, 2]),
        begin=st.sampled_from(["announced", "asked", "asked", "approved", "approved"]),
    )
    def begin(self, rejections: int, begin: str) -> None:
        """Most stories begin where the interesting ones do."""
        self.world.rejections = rejections
        self.world.ask()
        if begin != "announced":
            self.world.advance()
        if begin == "approved":
            self.agree()

    # ---------------------------------------------------------------------------------- the machinery

    @rule(ending=ENDINGS, steps=st.integers(1, 4))
    def work(self, ending: str, steps: int) -> None:
        for _ in range(steps):
            self.world.advance(ending)

    @rule(pause=PAUSES)
    def wait(self, pause: timedelta) -> None:
        self.world.wait(pause)

    @rule()
    def announce_again(self) -> None:
        self.world.ask()

    @rule()
    def lose_the_worklist_row(self) -> None:
        self.world.looks = Looks()

    @rule(registry=st.sampled_from([None, SHARED.registry, EU.registry]))
    def run_into_trouble(self, registry: str | None) -> None:
        self.world.record(commands.RecordError(registry, "throttled", "429"))

    @precondition(lambda self: self.world.calls)
    @rule(own=st.booleans())
    def land_late(self, own: bool) -> None:
        call = self.world.calls.pop()
        self.world.land(call)
        if own:
            self.world.read_back(call.target.registry, own=True)

    # ---------------------------------------------------------------------------------- people

    @rule(first=PEOPLE, second=PEOPLE)
    def two_approve(self, first: str, second: str) -> None:
        for person in (first, second):
            self.answer(person, "approve", 1)
        self.world.advance()

    @rule(person=PEOPLE, verdict=st.sampled_from(["approve", "approve", "reject"]), current=st.sampled_from([1, 1, 0]))
    def answer(self, person: str, verdict: Verdict, current: int) -> None:
        evaluation = self.world.story.case.evaluation
        digest = evaluation.digest if evaluation and current else "0" * 64
        groups = (
            ("platform-team",) if person == "olu" else ("risk-officers",) if person == "rosa" else ("ml-approvers",)
        )
        self.world.record(answers(person, verdict, digest=digest, groups=groups))

    @rule()
    def agree(self) -> None:
        """The quorum, in one go: without it few stories get as far as an import."""
        evaluation = self.world.story.case.evaluation
        for person in ("amir", "rosa"):
            self.world.record(answers(person, digest=evaluation.digest if evaluation else ""))

    @rule()
    def reevaluate(self) -> None:
        self.world.record(commands.RequestReevaluation("dana"))
        self.world.ask()

    @precondition(lambda self: len(self.world.story.history) > 6)
    @rule()
    def withdraw(self) -> None:
        self.world.record(commands.Withdraw("dana"))

    @rule(at=TARGETS)
    def retry(self, at: Target) -> None:
        self.world.record(commands.RetryTarget(at.registry, "olu"))

    @precondition(lambda self: not self.world.story.case.given_up or len(self.world.story.history) % 3 == 0)
    @rule(at=TARGETS)
    def give_up(self, at: Target) -> None:
        self.world.record(commands.GiveUpTarget(at.registry, "olu"))

    # ---------------------------------------------------------------------------------- the outside

    @rule(facts=st.sampled_from("ab"), judgement=st.sampled_from(["pass", "pass", *JUDGEMENTS]))
    def change_the_facts(self, facts: str, judgement: str) -> None:
        self.world.facts, self.world.judgement = facts, judgement

    @rule(named=st.sampled_from([(SHARED, EU), (SHARED,), (EU,)]))
    def change_the_policy(self, named: tuple[Target, ...]) -> None:
        self.world.named = named

    @rule(governed=st.sampled_from([True, True, True, False]), there=st.sampled_from([True, True, True, False]))
    def change_what_applies(self, governed: bool, there: bool) -> None:
        self.world.governed, self.world.there = governed, there

    @rule()
    def register_anew(self) -> None:
        known = self.world.incarnation
        self.world.incarnation = Incarnation(known.asset_id, self.world.story.now)
        self.world.ask()
        self.world.calls.clear()

    @rule(at=TARGETS, content=st.sampled_from([OURS, EQUAL, OTHER, None]))
    def change_a_registry_behind_our_back(self, at: Target, content: str | None) -> None:
        if content is None:
            self.world.held.pop(at, None)
        else:
            self.world.held.setdefault(at, content)

    # ---------------------------------------------------------------------------------- what always holds

    @invariant()
    def an_import_starts_only_when_it_was_approved(self) -> None:
        """Invariants 3 and 4, recomputed from the history alone."""
        for started, digest_then in self.world.started[self.judged :]:
            before = self._before(started)
            asked = next(event for event in reversed(before) if isinstance(event, events.EvaluationCompleted))
            rules = asked.evaluation.rules
            decisions = {
                event.decision.person: event.decision
                for event in before[: self._last(before, events.Approved)]
                if isinstance(event, events.DecisionRecorded) and event.round == asked.round
            }
            approving = {person: d for person, d in decisions.items() if d.verdict == "approve"}
            assert self._last(before, events.Approved) > self._last(before, *_ENDS), (
                "nothing stopped the approved round"
            )
            assert {decision.digest for decision in approving.values()} == {asked.evaluation.digest} == {digest_then}
            assert len(approving) >= rules.quorum
            assert "rosa" in approving, "the only risk officer, whose group is required"
            assert not approving.keys() & {"dana", "olu"}, "the registrant, and somebody of no deciding group"
            assert started.registry in {target.registry for target in asked.evaluation.targets}
            assert started.ends_at - WAITS.lease - started.reread_at <= WAITS.reread_max_age
        self.judged = len(self.world.started)

    def _before(self, started: events.ImportStarted) -> list[events.Event]:
        rows = [row.event for row in self.world.story.history]
        return rows[: rows.index(started)]

    def _last(self, told: list[events.Event], *kinds: type[events.Event]) -> int:
        return max((at for at, event in enumerate(told) if isinstance(event, kinds)), default=-1)

    @invariant()
    def a_target_has_one_import_at_a_time(self) -> None:
        """Invariant 2: the next one starts when the one before was read back after its lease, or never landed."""
        open_: dict[str, events.ImportStarted] = {}
        for row in self.world.story.history:
            match row.event:
                case events.ImportStarted() as started:
                    assert started.registry not in open_
                    open_[started.registry] = started
                case events.ImportNotLanded(registry=registry) if registry in open_:
                    assert row.at >= open_.pop(registry).ends_at
                case events.TargetPromoted(target=target):
                    open_.pop(target.registry, None)
                case events.ConflictFound(target=target, kind=kind) if kind not in ("claimed", "other_incarnation"):
                    open_.pop(target.registry, None)
                case _:
                    pass

    @invariant()
    def what_is_promoted_stays_promoted(self) -> None:
        case = self.world.story.case
        now = {t.target for t in case.targets.values() if isinstance(t.state, states.TargetPromoted)}
        told = [type(row.event) for row in self.world.story.history]
        if events.Reregistered not in told:
            assert self.promoted <= now
        self.promoted = now

    @invariant()
    def the_state_follows_from_the_targets_after_quorum(self) -> None:
        """R15, and a promotion never rests between an evaluation and what follows from it."""
        case = self.world.story.case
        statuses = {target.status for target in case.wanted}
        match case.state:
            case states.Received():
                assert not case.state.evaluated
            case states.Promoting():
                assert statuses & {"pending", "errored", "importing"}
            case states.Promoted():
                assert "promoted" in statuses <= {"promoted", "given_up"}
            case states.Conflict(approved=states.Promoted()):
                assert "conflict" in statuses <= {"promoted", "given_up", "conflict"}
            case _:
                pass

    def teardown(self) -> None:
        """Invariant 6, and the work comes to rest once nobody does anything any more (R1)."""
        story = self.world.story
        assert fold(PROMOTION, story.history) == story.case
        assert [row.sequence for row in story.history] == list(range(1, len(story.history) + 1))
        self._comes_to_rest()

    def _comes_to_rest(self) -> None:
        self.world.looks = Looks()  # even when the worklist row is lost
        busy, since = 0, self.world.story.now
        for _ in range(600):
            step = self.world.next()
            if isinstance(step, Settled):
                return
            if isinstance(step, Do):
                self.world.advance()
            else:
                self.world.pass_time()
            busy = busy + 1 if self.world.story.now == since else 0
            since = self.world.story.now
            assert busy < 20, f"a busy loop: {self.world.story.told[-12:]}"
        raise AssertionError(f"still at work: {self.world.story.told[-12:]} {self.world.next()}")


TestPromotionMachine = PromotionMachine.TestCase
TestPromotionMachine.settings = settings(
    max_examples=400,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
