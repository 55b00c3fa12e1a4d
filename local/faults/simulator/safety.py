"""What must hold after every append and whenever an import starts (design §4), told from the rows and from the truth."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from local.faults.simulator.approvals import Standing, why_not_approved
from local.faults.simulator.estate import CLOSES, OPENS, Estate
from local.faults.simulator.lines import judge_line
from local.faults.simulator.network import Call
from local.faults.simulator.truth import Truth
from shared.domain import events, states
from shared.domain.evaluation import Evaluation
from shared.domain.events import Recorded
from shared.domain.fold import evolve
from shared.domain.ids import HistoryId, PromotionId, Target
from shared.domain.states import Case
from shared.workflow.follow import promotion_event
from shared.workflow.summaries import snapshot

_REREAD = timedelta(seconds=60)  # R8.4, whatever the waits of this run say
_LEASE_NEEDED = timedelta(minutes=12)


class Safety:
    """Watches what is written. Nothing it finds is repaired; everything goes into `Truth.broken`.

    `evaluations` are all that were recorded, by promotion and round.
    """

    def __init__(self, estate: Estate, truth: Truth) -> None:
        self.evaluations: dict[tuple[PromotionId, int], Evaluation] = {}
        self._estate = estate
        self._truth = truth
        self._seen: dict[HistoryId, tuple[Recorded, ...]] = {}
        self._cases: dict[PromotionId, Case] = {}
        self._standing: dict[PromotionId, Standing] = {}
        self._announced_at: dict[str, datetime] = {}
        estate.service.on_copy = self._copied
        estate.network.entries["registry.share"] = self._share_begins
        estate.network.watches.update(
            {
                "histories.append": self._append_ended,
                "catalog.read": self._was_read,
                "claims.take": self._claimed,
            }
        )

    def case(self, promotion: PromotionId) -> Case:
        """The state as this watch folded it, one event at a time."""
        return self._cases.get(promotion, Case(promotion))

    @property
    def promotions(self) -> tuple[PromotionId, ...]:
        """Every promotion that has a history."""
        return tuple(self._cases)

    # ---------------------------------------------------------------- what the network tells

    def _was_read(self, call: Call, answer: Any) -> None:
        self._truth.was_read(call.arguments[0], answer)

    def _claimed(self, call: Call, holder: Any) -> None:
        stands = self._estate.claims.read(call.arguments[0])
        if stands != holder:
            self._truth.fails(f"claim on {call.arguments[0]}: told {holder}, stands {stands}")

    def _copied(self, promotion: PromotionId, target: Target) -> None:
        incarnation = self._estate.catalog.registered[promotion].incarnation
        if any(place == target for _, place, _ in self._truth.copies):
            self._truth.fails(f"{promotion}: a second import into {target} took effect")
        self._truth.copies.append((promotion, target, incarnation))

    def _share_begins(self, call: Call) -> None:
        promotion, target = call.arguments
        known = self.case(promotion).targets.get(target.registry)
        task = self._truth.scheduler.current
        row = self._intent_row(promotion, target.registry)
        if known is None or known.intent is None or row is None or task is None:
            self._truth.fails(f"{promotion}: an import into {target} that was not announced")
            return
        clock = task.root.owner.clock
        if clock.jumped_at >= self._announced_at[row.lease]:
            return  # between its last look at the clock and its call, no worker can know that the clock was set
        now = clock.now()
        if now - row.reread_at > _REREAD:
            self._truth.fails(f"{promotion}: an import starts {now - row.reread_at} after its re-read")
        if known.intent.lease == row.lease and known.intent.ends_at - now < _LEASE_NEEDED:
            self._truth.fails(f"{promotion}: an import starts {known.intent.ends_at - now} before its lease ends")

    def _intent_row(self, promotion: PromotionId, registry: str) -> events.ImportStarted | None:
        rows = self._seen.get(promotion, ())
        started = (row.event for row in reversed(rows) if isinstance(row.event, events.ImportStarted))
        return next((event for event in started if event.registry == registry), None)

    # ---------------------------------------------------------------- after every append

    def _append_ended(self, call: Call, _answer: Any) -> None:
        history = call.arguments[0].id
        rows = self._estate.histories.load(history).rows
        seen, self._seen[history] = self._seen.get(history, ()), rows
        self._check_rows(history, seen, rows)
        for row in rows[len(seen) :]:
            if isinstance(history, PromotionId):
                self._row(history, row)
            else:
                self._judge_line(rows, row)
        if isinstance(history, PromotionId):
            self._check_head(history)

    def _check_rows(self, history: HistoryId, seen: Sequence[Recorded], rows: tuple[Recorded, ...]) -> None:
        truth, known = self._truth, {row.operation for row in seen}
        if rows[: len(seen)] != tuple(seen) or len(rows) <= len(seen):
            truth.fails(f"{history}: rows that stood there were changed")
        for expected, row in enumerate(rows[len(seen) :], len(seen) + 1):
            before = rows[expected - 2].hash if expected > 1 else "0" * 64
            if (row.sequence, row.previous) != (expected, before):
                truth.fails(f"{history}: row {row.sequence} does not follow row {expected - 1}")
            if row.operation in known:
                truth.fails(f"{history}: operation {row.operation} was recorded twice")
            truth.committed[row.operation] = (truth.scheduler.steps, truth.scheduler.current)

    def _check_head(self, promotion: PromotionId) -> None:
        head = self._estate.histories.head(promotion)
        if head is None or head.snapshot != snapshot(self.case(promotion)):
            self._truth.fails(f"{promotion}: its head says {head}, its fold {self.case(promotion).status}")

    def _judge_line(self, rows: Sequence[Recorded], row: Recorded) -> None:
        for sentence in judge_line(rows[: row.sequence], self.evaluations):
            self._truth.fails(sentence)

    def _row(self, promotion: PromotionId, row: Recorded) -> None:
        before = self.case(promotion)
        standing = self._standing.setdefault(promotion, Standing())
        self._judge(before, standing, row)
        after = evolve(before, promotion_event(row), row.at)
        self._cases[promotion] = after
        standing.take(row)
        self._judge_after(before, after, standing, row)

    def _judge(self, case: Case, standing: Standing, row: Recorded) -> None:
        match row.event:
            case events.EvaluationCompleted():
                self._evaluated(case, row.event)
            case events.ApprovalRequested():
                self._asked(case, row.event)
            case events.DecisionRecorded():
                self._answered(case, standing, row.event)
            case events.Approved() | events.Rejected():
                self._ended(case, standing, row.event)
            case events.ImportStarted():
                self._started(case, standing, row, row.event)
            case events.RoundVoided():
                self._voided(case, row.event)
            case events.TargetPromoted():
                self._promoted(case, row.event)
            case events.ConflictFound(kind="claimed"):
                self._claimed_by_another(case, row.event)
            case events.TargetGivenUp() | events.TargetRetryRequested():
                self._truth.changed(case.id)
            case _:
                pass

    def _evaluated(self, case: Case, event: events.EvaluationCompleted) -> None:
        read, evaluation = self._truth.own_read(case.id), event.evaluation
        self.evaluations[case.id, event.round] = evaluation
        self._truth.round_facts[case.id, event.round] = read.facts if read else None
        if event.round != case.round + 1:
            self._truth.fails(f"{case.id}: round {event.round} follows round {case.round}")
        if case.evaluation and evaluation.policy_build < case.evaluation.policy_build:
            self._truth.fails(f"{case.id}: build {evaluation.policy_build} judges after {case.evaluation.policy_build}")
        if read is None or read.version is None or read.version.incarnation != evaluation.incarnation:
            self._truth.fails(f"{case.id}: an evaluation of something that was not read")

    def _asked(self, case: Case, event: events.ApprovalRequested) -> None:
        for target in event.targets:
            self._claim_is_ours(case, target, "people are asked")
            self._nobody_else_is_asked(case, target)

    def _claim_is_ours(self, case: Case, target: Target, when: str) -> None:
        holder = self._estate.claims.read(target)
        if holder is None or holder.promotion != case.id:
            self._truth.fails(f"{case.id}: {when} about {target}, which is claimed by {holder}")

    def _nobody_else_is_asked(self, case: Case, target: Target) -> None:
        for other in self._cases.values():
            known = other.targets.get(target.registry)
            asking = other.status in ("awaiting_approval", "promoting") and known is not None and known.wanted
            if other.id == case.id or known is None or known.target != target or not asking:
                continue
            if not self._let_go(other.id, target.registry):
                self._truth.fails(f"{case.id}: people are asked about {target}, and about {other.id} for it as well")

    def _let_go(self, promotion: PromotionId, registry: str) -> bool:
        """Whether it gave the place up, or found somebody in it, since it was evaluated; it may want it again."""
        for row in reversed(self._seen[promotion]):
            match row.event:
                case events.EvaluationCompleted():
                    return False
                case events.TargetGivenUp(registry=given_up) if given_up == registry:
                    return True
                case events.ConflictFound(target=found) if found.registry == registry:
                    return True
                case _:
                    continue
        return False

    def _claimed_by_another(self, case: Case, event: events.ConflictFound) -> None:
        """Whoever is kept out is kept out by somebody who still wanted the place when it was asked about."""
        holder = self._estate.claims.read(event.target)
        if holder is not None and holder.promotion != case.id:
            other = self.case(holder.promotion)
            known = other.targets.get(event.target.registry)
            stopped = self._was_stopped_before(holder.promotion) and holder.round <= other.round
            if stopped and (known is None or (known.intent is None and known.status != "promoted")):
                self._truth.fails(f"{case.id}: kept out of {event.target} by {other.id}, which is {other.status}")

    def _was_stopped_before(self, promotion: PromotionId) -> bool:
        """Whether it stands still since before the running task began: that task must have seen so."""
        if self.case(promotion).status not in ("rejected", "expired", "withdrawn", "ignored"):
            return False
        step, _ = self._truth.committed[self._seen[promotion][-1].operation]
        task = self._truth.scheduler.current
        return task is None or step < task.root.began

    def _ended(self, case: Case, standing: Standing, event: events.Approved | events.Rejected) -> None:
        """Concurrent answers have one winner (invariant 5)."""
        name = type(event).__name__
        if standing.asked is None:
            self._truth.fails(f"{case.id}: {name} while nobody is asked")
        elif isinstance(event, events.Approved):
            self._enough(case, standing, name)
            if standing.approved:
                self._truth.fails(f"{case.id}: approved twice in one round")

    def _answered(self, case: Case, standing: Standing, event: events.DecisionRecorded) -> None:
        decision, evaluation = event.decision, case.evaluation
        if standing.asked is None or evaluation is None:
            self._truth.fails(f"{case.id}: {decision.person}'s answer was taken while nobody was asked")
        elif decision.digest != evaluation.digest:
            self._truth.fails(f"{case.id}: {decision.person}'s answer is about another digest")
        elif decision.person in _makers(case):
            self._truth.fails(f"{case.id}: {decision.person} made the version and was counted")

    def _enough(self, case: Case, standing: Standing, what: str) -> None:
        lacking = why_not_approved(standing, _makers(case))
        if lacking:
            self._truth.fails(f"{case.id}: {what} although {lacking}")

    def _started(self, case: Case, standing: Standing, row: Recorded, event: events.ImportStarted) -> None:
        fails, target = self._truth.fails, case.targets[event.registry]
        self._announced_at[event.lease] = self._truth.scheduler.now
        self._enough(case, standing, "ImportStarted")
        if not standing.approved:
            fails(f"{case.id}: ImportStarted in a round that is not approved")
        if target.intent is not None and target.intent.checks == 0:
            fails(f"{case.id}: a second import of {target.target} while the first is not judged")
        if standing.evaluation and standing.evaluation.rules.change_window and CLOSES <= row.at.time() < OPENS:
            fails(f"{case.id}: an import was announced at {row.at}, while its change window was closed")
        if row.at - event.reread_at > _REREAD:
            fails(f"{case.id}: re-read {row.at - event.reread_at} before its import was announced")
        if standing.asked and target.target not in standing.asked.targets:
            fails(f"{case.id}: nobody was asked about {target.target}")
        self._claim_is_ours(case, target.target, "an import is announced")
        self._reread_agrees(case)

    def _reread_agrees(self, case: Case) -> None:
        read, evaluation = self._truth.own_read(case.id), case.evaluation
        if read is None or read.version is None or evaluation is None:
            self._truth.fails(f"{case.id}: an import without a re-read")
            return
        found = (read.version.incarnation, read.version.artifacts, read.version.tags.get("stage"))
        approved = (evaluation.incarnation, evaluation.facts.artifacts, evaluation.facts.tags.get("stage"))
        if found != approved:
            self._truth.fails(f"{case.id}: approved was {approved}, the re-read says {found}")
        if evaluation.policy_build > self._build():
            self._truth.fails(f"{case.id}: imported by build {self._build()}, judged by {evaluation.policy_build}")

    def _build(self) -> int:
        task = self._truth.scheduler.current
        return int(task.root.owner.build) if task else 0

    def _voided(self, case: Case, event: events.RoundVoided) -> None:
        """Nobody's answer is thrown away while nothing has changed."""
        facts, task = self._truth.round_facts.get((case.id, event.round)), self._truth.scheduler.current
        by_person = task is not None and task.root.what.startswith("instruct")
        newer = case.evaluation is not None and self._build() > case.evaluation.policy_build
        if facts == self._truth.facts(case.id) and not by_person and not newer:
            self._truth.fails(f"{case.id}: round {event.round} is void though nothing has changed: {event.difference}")

    def _promoted(self, case: Case, event: events.TargetPromoted) -> None:
        held = self._estate.registry.read(event.target)
        approved = self.evaluations[case.id, event.round].facts.artifacts
        if held is None or held.artifacts != approved:
            self._truth.fails(f"{case.id}: {event.target} is called promoted in round {event.round}, it holds {held}")
        ours = any(copy[:2] == (case.id, event.target) for copy in self._truth.copies)
        if not ours and event.target not in self._truth.strange:
            self._truth.fails(f"{case.id}: {event.target} is called promoted, nobody imported it")

    def _judge_after(self, before: Case, after: Case, standing: Standing, row: Recorded) -> None:
        for registry, target in before.targets.items():
            now = after.targets.get(registry)
            if not isinstance(target.state, states.TargetPromoted) or now is None or now.target != target.target:
                continue
            anew = isinstance(row.event, events.ConflictFound) and row.event.kind == "other_incarnation"
            if not isinstance(now.state, states.TargetPromoted) and not anew:
                self._truth.fails(f"{after.id}: {target.target} was promoted and is {now.status}")
        if after.status in ("promoting", "promoted") and not standing.approved and after.status != before.status:
            self._truth.fails(f"{after.id}: {after.status} without an approval")


def _makers(case: Case) -> frozenset[str]:
    """Who registered the version; whoever ran its evaluation is always sam (`estate.a_run`)."""
    return frozenset({case.registrant or "", "sam"})
