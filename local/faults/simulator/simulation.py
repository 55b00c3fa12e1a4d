"""One seed: trouble for a while, then everything heals and must come to rest as it should (safety, then liveness)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from local.faults.simulator.clients import Clients
from local.faults.simulator.ending import judge_ending
from local.faults.simulator.estate import Estate, Parts, build_estate
from local.faults.simulator.network import Network, Weather
from local.faults.simulator.safety import Safety
from local.faults.simulator.scheduler import START, Scheduler, Task
from local.faults.simulator.stimuli import Stimuli
from local.faults.simulator.truth import Truth
from shared.domain.errors import PortError
from shared.domain.ids import PromotionId
from shared.workflow.advance import advance
from shared.workflow.find_missed_registrations import find_missed_registrations

_GAPS = (0.0, 0.0, 0.0, 2.0, 5.0, 30.0, 60.0, 300.0, 300.0, 1200.0, 1200.0, 8000.0)
_SECOND = timedelta(seconds=1)
_MINUTE = timedelta(minutes=1)
_SWEEPS = timedelta(minutes=2)  # half as often as in a deployment: more seeds instead
_MOST_HANDLINGS = 150  # of one promotion after healing: a quiet one needs some 15
_MOST_TASKS = 6
_MOST_WAITING = 6
_FAR = START + timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Ending:
    """What one seed came to. `broken` are the promises found broken."""

    seed: int
    broken: tuple[str, ...]
    states: tuple[str, ...]
    steps: int
    handlings: int


class Simulation:
    """One seed, from an empty estate to rest."""

    def __init__(self, seed: int, parts: Parts | None = None, say: Callable[[str], None] | None = None) -> None:
        self._seed = seed
        self._rng = Random(seed)
        self._scheduler = Scheduler()
        self._say = say
        told = None if say is None else lambda line: say(f"{self._scheduler.now:%d %H:%M:%S} {line}")
        built = parts or Parts()
        self._network = Network(self._scheduler, self._rng, built.weather or self._weather(), told)
        self._estate: Estate = build_estate(self._scheduler, self._network, self._rng, built)
        self._truth = Truth(self._scheduler)
        self._safety = Safety(self._estate, self._truth)
        self._clients = Clients(self._estate, self._truth, self._rng)
        self._stimuli = Stimuli(self._estate, self._truth, self._safety, self._clients, self._rng)
        trouble = self._rng.choice((0.0, 0.0, 0.3, 0.7))
        self._estate.service.trouble = trouble if built.trouble is None else built.trouble
        self._swept_at = self._scheduler.now
        self._handlings = 0

    def run(self) -> Ending:
        """Trouble, healing, rest."""
        self._trouble()
        if not self._truth.broken:
            self._heal()
            self._come_to_rest()
        if not self._truth.broken:
            judge_ending(self._estate, self._truth, self._safety, self._clients)
        found = tuple(self._safety.case(promotion).status for promotion in self._safety.promotions)
        return Ending(self._seed, tuple(self._truth.broken), found, self._scheduler.steps, self._handlings)

    def _weather(self) -> Weather:
        """Each seed has its own mix, so that rare troubles are not drowned by frequent ones."""
        rng = self._rng
        return Weather(
            before=rng.choice((0.0, 0.0, 0.02, 0.1, 0.3)),
            after=rng.choice((0.0, 0.0, 0.02, 0.1, 0.3)),
            crash=rng.choice((0.0, 0.0, 0.005, 0.03)),
            pause=rng.choice((0.0, 0.01, 0.05)),
        )

    # ---------------------------------------------------------------- trouble

    def _trouble(self) -> None:
        left, rng = self._rng.randint(5, 16), self._rng
        at = self._scheduler.now
        while left and not self._truth.broken:
            runnable, roll = self._scheduler.runnable(), rng.random()
            self._scheduler.now += _SECOND * (roll * 0.2)
            if runnable and roll < 0.85:
                self._scheduler.step(rng.choice(runnable))
            elif self._deliver():
                continue
            elif self._scheduler.now >= at and (roll < 0.9 or not runnable):
                left -= 1
                self._tell("--- stimulus")
                self._stimuli.happen()
                at = self._scheduler.now + _SECOND * rng.choice(_GAPS)
            elif not runnable:
                self._pass_time(at)

    def _deliver(self) -> bool:
        """A message that is visible reaches an instance: any of them, in any order; some are lost for good."""
        if len(self._scheduler.tasks) >= _MOST_TASKS or not self._estate.queue.messages:
            return False
        visible = [each for each in self._estate.queue.messages if each.visible_at <= self._scheduler.now]
        if not visible:
            return False
        message = self._rng.choice(visible)
        self._estate.queue.messages.remove(message)
        if self._rng.random() < 0.03:
            return True
        self._advance(message.promotion)
        if self._rng.random() < 0.05:
            self._advance(message.promotion)
        return True

    def _advance(self, promotion: PromotionId) -> Task:
        self._handlings += 1
        instance = self._rng.choice(self._estate.instances[-2:])
        call = lambda: advance(instance.outside, promotion)  # noqa: E731 - a task's call
        return self._scheduler.start("advance", str(promotion), call, self._advanced, owner=instance)

    def _advanced(self, task: Task) -> None:
        """What failed is delivered again a few times, as a queue does; expected trouble alone may come out of it."""
        if task.crashed or isinstance(task.error, PortError):
            if self._rng.random() < 0.8:
                self._estate.queue.send(PromotionId.parse(task.subject), self._rng.choice((1, 30, 60)))
        elif task.error is not None:
            self._truth.fails(f"advance {task.subject} raised {task.error!r}")

    def _pass_time(self, at: datetime | None) -> None:
        """Go to whatever comes next: a stimulus, a sleeping task, a hidden message, or the sweep of what is due."""
        now = self._scheduler.now
        next_sweep = self._next_sweep()
        hidden = min((each.visible_at for each in self._estate.queue.messages if each.visible_at > now), default=None)
        times = [each for each in (at, self._scheduler.next_wake(), hidden, next_sweep) if each is not None]
        earliest = min(times, default=now + _MINUTE)
        self._scheduler.go_to(earliest)
        if next_sweep is not None and next_sweep <= self._scheduler.now:
            self._swept_at = self._scheduler.now
            self._stimuli.sweep()

    def _next_sweep(self) -> datetime | None:
        if len(self._estate.queue.messages) > _MOST_WAITING:
            return None  # what is due is asked for already
        rows = self._estate.worklist.due(_FAR, 1)
        return max(rows[0].due, self._swept_at + _SWEEPS) if rows else None

    # ---------------------------------------------------------------- healing and rest

    def _heal(self) -> None:
        self._tell("=== everything heals")
        self._network.weather = Weather()
        self._network.down.clear()
        self._estate.service.trouble = 0.0
        self._estate.instances[:] = [self._estate.newest]
        self._estate.newest.clock.jump(timedelta(0))
        for task in list(self._scheduler.tasks):
            task.wake_at = min(task.wake_at, self._scheduler.now + timedelta(hours=1))
        self._finish_tasks()
        self._truth.quiet_since = self._scheduler.now
        for wish in self._clients.open:
            self._clients.send(wish)
            self._finish_tasks()
        self._stimuli.start("find_missed_registrations", "", lambda each: find_missed_registrations(each.outside))
        self._stimuli.checkpoint()
        self._finish_tasks()

    def _finish_tasks(self) -> None:
        while self._scheduler.tasks and not self._truth.broken:
            runnable = self._scheduler.runnable()
            self._scheduler.now += timedelta(milliseconds=20)
            if runnable:
                self._scheduler.step(self._rng.choice(runnable))
            else:
                self._scheduler.go_to(self._scheduler.next_wake() or self._scheduler.now)

    def _come_to_rest(self) -> None:
        waiting = len(self._estate.queue.messages)
        self._handlings, most = 0, waiting + _MOST_HANDLINGS * max(1, len(self._safety.promotions))
        while not self._truth.broken:
            self._finish_tasks()
            if self._deliver_all():
                if self._handlings > most:
                    self._truth.fails(f"a storm: {self._handlings} handlings and no rest")
                continue
            if self._next_sweep() is None and not self._estate.queue.messages and self._scheduler.next_wake() is None:
                return
            self._pass_time(None)

    def _deliver_all(self) -> bool:
        queue = self._estate.queue
        promotion = queue.take()
        if promotion is None:
            return False
        self._advance(promotion)
        return True

    def _tell(self, line: str) -> None:
        if self._say is not None:
            self._say(f"{self._scheduler.now:%d %H:%M:%S} {line}")
