"""What happens to an estate while it works: versions come and change, people answer, things break and mend."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random

from local.faults.simulator.clients import Clients
from local.faults.simulator.estate import WORKSPACES, Estate, Instance, a_run, a_version, everyone, random_policies
from local.faults.simulator.safety import Safety
from local.faults.simulator.scheduler import Task
from local.faults.simulator.truth import Truth
from shared.domain import states
from shared.domain.commands import GiveUpTarget, RequestReevaluation, RetryTarget, Withdraw
from shared.domain.errors import PortError
from shared.domain.evidence import Artifact, ModelVersion, RegistryVersion
from shared.domain.ids import PromotionId
from shared.domain.model_events import RunEnded
from shared.domain.people import People
from shared.workflow.daily_checkpoint import daily_checkpoint
from shared.workflow.find_missed_registrations import find_missed_registrations
from shared.workflow.receive_model_event import announced, ask_for_look
from shared.workflow.sweep import sweep

_OUTAGES = ("histories", "worklist", "claims", "queue", "publisher", "read_models", "catalog:ws-a", "registry:reg-a")


class Stimuli:
    """The things that can happen. Each returns whether it could happen now."""

    def __init__(self, estate: Estate, truth: Truth, safety: Safety, clients: Clients, rng: Random) -> None:
        self._estate = estate
        self._truth = truth
        self._safety = safety
        self._clients = clients
        self._rng = rng
        versions = [PromotionId(workspace, "m", version) for version in ("1", "2") for workspace in WORKSPACES]
        if rng.random() < 0.5:  # the same number in both workspaces: they may want the same place
            versions[:2] = rng.sample(versions[:2], 2)
        else:
            rng.shuffle(versions)
        self._versions = versions[: rng.choice((1, 2, 2, 3))]
        self._weights: dict[Callable[[], bool], int] = {
            self.register: 6,
            self.announce: 3,
            self.answer: 14,
            self.change_tag: 2,
            self.change_content: 1,
            self.run_ends: 2,
            self.delete: 1,
            self.register_anew: 2,
            self.reevaluate: 3,
            self.withdraw: 1,
            self.retry: 2,
            self.give_up: 1,
            self.leave_or_join: 1,
            self.deploy: 1,
            self.break_or_mend: 2,
            self.put_strange: 1,
            self.clock_jumps: 1,
            self.row_is_lost: 1,
            self.find_missed: 1,
            self.checkpoint: 1,
        }
        self._choices = [each for each, weight in self._weights.items() for _ in range(weight)]

    def happen(self) -> None:
        """One thing happens, if any can; where people are asked, most often an answer."""
        if self._rng.random() < 0.4 and self.answer():
            return
        for _ in range(6):
            if self._rng.choice(self._choices)():
                return

    # ---------------------------------------------------------------- workspaces

    def register(self) -> bool:
        """The next version is registered; its event comes once, twice or never."""
        missing = [each for each in self._versions if each not in self._estate.catalog.registered]
        if not missing:
            return False
        promotion, rng = missing[0], self._rng
        self._estate.catalog.put(promotion, a_version(promotion, self._estate.scheduler.now, rng))
        if rng.random() < 0.85:
            self._estate.catalog.put_run(promotion.workspace, a_run(promotion, rng))
        self._truth.changed(promotion)
        for _ in range(rng.choice((0, 1, 1, 1, 2, 3))):
            self._intake(promotion)
        return True

    def announce(self) -> bool:
        """An event comes again, or of a version that is gone."""
        return self._for_known(self._intake)

    def change_tag(self) -> bool:
        """A tag is set, or taken away."""

        def change(promotion: PromotionId) -> None:
            stage = self._rng.choice(({"stage": "ready"}, {"stage": "draft"}, {}))
            kept = {name: text for name, text in self._version(promotion).tags.items() if name != "stage"}
            self._estate.catalog.change(promotion, tags={**kept, **stage})

        return self._for_registered(change)

    def change_content(self) -> bool:
        """The files change behind our back."""

        def change(promotion: PromotionId) -> None:
            size = self._rng.choice((100, 101, 102))
            self._estate.catalog.change(promotion, artifacts=(Artifact("model.pkl", size, None),))

        return self._for_registered(change)

    def run_ends(self) -> bool:
        """The run is there now, perhaps with other values; its event comes once, twice or never."""

        def end(promotion: PromotionId) -> None:
            run = a_run(promotion, self._rng)
            self._estate.catalog.put_run(promotion.workspace, run)
            for _ in range(self._rng.choice((0, 1, 1, 2))):
                self._run_completed(promotion.workspace, run.id)

        return self._for_registered(end)

    def delete(self) -> bool:
        """A version is deleted."""
        return self._for_registered(self._estate.catalog.delete)

    def register_anew(self) -> bool:
        """A number is deleted and registered again."""

        def again(promotion: PromotionId) -> None:
            self._estate.catalog.put(promotion, a_version(promotion, self._estate.scheduler.now, self._rng))
            if self._rng.random() < 0.8:
                self._intake(promotion)

        return self._for_registered(again)

    # ---------------------------------------------------------------- people

    def answer(self) -> bool:
        """Somebody answers what is asked, or was; sometimes two at once."""
        asked = [each for each in self._safety.promotions if isinstance(self._case(each).state, _MAY_BE_ANSWERED)]
        if not asked:
            return False
        promotion = self._rng.choice(asked)
        for _ in range(self._rng.choice((1, 1, 2, 3))):
            evaluation = self._case(promotion).evaluation
            digest = evaluation.digest if evaluation and self._rng.random() < 0.95 else "0" * 64
            person = self._rng.choice(("amir", "ben", "ben", "rosa", "rosa", "rosa", "dana", "sam", "olu"))
            self._clients.answer(promotion, digest, "reject" if self._rng.random() < 0.12 else "approve", person)
        return True

    def reevaluate(self) -> bool:
        """Somebody asks for a new look."""
        return self._for_known(lambda each: self._clients.instruct(each, RequestReevaluation("olu")))

    def withdraw(self) -> bool:
        """The submitter takes it back."""
        return self._for_known(lambda each: self._clients.instruct(each, Withdraw("dana")))

    def retry(self) -> bool:
        """An operator wants a target tried again."""
        return self._for_known(lambda each: self._clients.instruct(each, RetryTarget(self._registry(), "olu")))

    def give_up(self) -> bool:
        """An operator gives a target up."""
        return self._for_known(lambda each: self._clients.instruct(each, GiveUpTarget(self._registry(), "olu")))

    def leave_or_join(self) -> bool:
        """Somebody leaves all groups, or everybody is back."""
        everybody = everyone()
        leaver = self._rng.choice(everybody.everyone)
        people = tuple(replace(each, groups=()) if each is leaver else each for each in everybody.everyone)
        self._estate.directory.everyone = People(people, "e" * 64) if self._rng.random() < 0.5 else everybody
        self._truth.people_changes += 1
        return True

    # ---------------------------------------------------------------- the deployment

    def deploy(self) -> bool:
        """An instance with other policies starts; the older ones go on for a while."""
        self._estate.deploy(random_policies(self._rng))
        return True

    def clock_jumps(self) -> bool:
        """An instance's clock is off, forward or back, or is right again."""
        spans = (
            timedelta(minutes=-6),
            timedelta(seconds=-20),
            timedelta(0),
            timedelta(seconds=20),
            timedelta(minutes=6),
        )
        self._rng.choice(self._estate.instances[-2:]).clock.jump(self._rng.choice(spans))
        return True

    def row_is_lost(self) -> bool:
        """A row of the worklist is gone; whatever it said was only an index (R1, R6)."""

        def lose(promotion: PromotionId) -> None:
            row = self._estate.worklist.get(promotion)
            if row is not None and self._estate.histories.head(promotion) is not None:
                self._estate.worklist.remove(row)
                self._truth.lost_at[promotion] = self._estate.scheduler.now  # with whatever it said was asked for

        return self._for_known(lose)

    def break_or_mend(self) -> bool:
        """Something cannot be reached any more; or everything can again."""
        down = self._estate.network.down
        if down and self._rng.random() < 0.6:
            down.clear()
        else:
            down.add(self._rng.choice(_OUTAGES))
        return True

    def put_strange(self) -> bool:
        """Somebody else puts something where a promotion wants to go."""

        def put(promotion: PromotionId) -> None:
            for case in self._case(promotion).targets.values():
                if self._estate.registry.read(case.target) is None:
                    same = self._rng.random() < 0.3 and promotion in self._estate.catalog.registered
                    files = self._version(promotion).artifacts if same else (Artifact("other.bin", 7, None),)
                    asset = f"azureml://registries/{case.target.registry}/strange"
                    self._estate.registry.put(case.target, RegistryVersion(asset, "custom_model", (), files, {}))
                    self._truth.strange.add(case.target)

        return self._for_known(put)

    def find_missed(self) -> bool:
        """The timer that compares workspaces with histories."""
        self.start("find_missed_registrations", "", lambda instance: find_missed_registrations(instance.outside))
        return True

    def checkpoint(self) -> bool:
        """The timer that protects histories."""
        self.start("daily_checkpoint", "", lambda instance: daily_checkpoint(instance.outside))
        return True

    def sweep(self) -> None:
        """The timer that wakes what is due."""
        self.start("sweep", "", lambda instance: sweep(instance.outside))

    def start(self, what: str, subject: str, call: Callable[[Instance], object]) -> Task:
        """Run a use case on any instance that still runs; only trouble of ports may come out of it."""
        instance = self._rng.choice(self._estate.instances[-2:])
        return self._estate.scheduler.start(what, subject, lambda: call(instance), self._timer_ended, owner=instance)

    def _timer_ended(self, task: Task) -> None:
        if task.error is not None and not isinstance(task.error, PortError):
            self._truth.fails(f"{task.what} raised {task.error!r}")

    # ---------------------------------------------------------------- how they come about

    def _intake(self, promotion: PromotionId) -> None:
        """An event is delivered until it was taken in, or its sender gives up."""
        sent = self._estate.scheduler.now

        def ended(task: Task) -> None:
            if task.error is None and not task.crashed:
                self._truth.acknowledged[promotion] = max(sent, self._truth.acknowledged.get(promotion, sent))
            else:
                self._timer_ended(task)

        instance = self._rng.choice(self._estate.instances[-2:])
        call = lambda: ask_for_look(instance.outside, promotion)  # noqa: E731 - a task's call
        self._estate.scheduler.start("receive_model_event", str(promotion), call, ended, owner=instance)

    def _run_completed(self, workspace: str, run: str) -> None:
        """The event of a run is delivered, once; a lost one is no loss."""
        instance = self._rng.choice(self._estate.instances[-2:])

        def call() -> None:
            for promotion in announced(instance.outside, (RunEnded(workspace, run),)):
                ask_for_look(instance.outside, promotion)

        self._estate.scheduler.start("receive_model_event", run, call, self._timer_ended, owner=instance)

    def _for_known(self, call: Callable[[PromotionId], object]) -> bool:
        known = [each for each in self._versions if self._truth.changes.get(each)]
        if not known:
            return False
        call(self._rng.choice(known))
        return True

    def _for_registered(self, call: Callable[[PromotionId], object]) -> bool:
        known = [each for each in self._versions if each in self._estate.catalog.registered]
        if not known:
            return False
        promotion = self._rng.choice(known)
        call(promotion)
        self._truth.changed(promotion)
        return True

    def _case(self, promotion: PromotionId) -> states.Case:
        return self._safety.case(promotion)

    def _version(self, promotion: PromotionId) -> ModelVersion:
        return self._estate.catalog.registered[promotion]

    def _registry(self) -> str:
        return self._rng.choice(("reg-a", "reg-a", "reg-b"))


_MAY_BE_ANSWERED = states.AwaitingApproval | states.Promoting | states.Conflict | states.Expired
