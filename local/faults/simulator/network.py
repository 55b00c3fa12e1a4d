"""Between the use cases and their ports: where other tasks go on, calls fail before or after, and processes die."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from local.faults.simulator.scheduler import Scheduler
from shared.domain.errors import HistoryClash, Unreadable

_PAUSES = (
    timedelta(seconds=1),
    timedelta(seconds=20),
    timedelta(seconds=90),
    timedelta(minutes=6),
    timedelta(minutes=40),
)

# What a lost answer of a write looks like to the use case, as the real adapters tell it.
_LOST: dict[str, type[HistoryClash]] = {
    "histories.append": HistoryClash,
    "histories.save_relay": HistoryClash,
}
_READS = frozenset({"load", "head", "heads", "get", "due", "read", "read_run", "job_status", "versions", "depth"})


@dataclass(slots=True)
class Weather:
    """How bad it is: the chance, at each call, of failing before or after it took effect, of dying, of a long pause."""

    before: float = 0.0
    after: float = 0.0
    crash: float = 0.0
    pause: float = 0.0


@dataclass(frozen=True, slots=True)
class Call:
    """One port call, as a trace shows it."""

    port: str
    method: str
    arguments: tuple[Any, ...]

    @property
    def name(self) -> str:
        """`port.method`."""
        return f"{self.port}.{self.method}"


Watch = Callable[[Call, Any], None]


class Network:
    """What every call goes through. `down` names ports, or `port:place`, that cannot be reached at all.

    `entries` are told a call as it is made, before anything can happen to it; `watches` once it took effect.

    Args:
        scheduler: where other tasks go on.
        rng: every choice.
        weather: how bad it is.
        say: is told every call and what became of it.
    """

    def __init__(self, scheduler: Scheduler, rng: Random, weather: Weather, say: Callable[[str], None] | None) -> None:
        self.weather = weather
        self.down: set[str] = set()
        self.watches: dict[str, Watch] = {}
        self.entries: dict[str, Callable[[Call], None]] = {}
        self._scheduler = scheduler
        self._rng = rng
        self._say = say

    def call(self, call: Call, inner: Callable[..., Any], named: dict[str, Any]) -> Any:
        """Make one call, or not."""
        entry = self.entries.get(call.name)
        if entry is not None:
            entry(call)
        self._pass_time()
        roll = self._rng.random()
        if self._is_down(call) or roll < self.weather.before:
            self._told(call, "fails before")
            raise _unreadable(call)
        try:
            answer = inner(*call.arguments, **named)
        except Exception as error:
            self._told(call, f"raises {type(error).__name__}: {error}")
            raise
        watch = self.watches.get(call.name)
        if watch is not None:
            watch(call, answer)
        lost = call.method not in _READS and roll > 1 - self.weather.after
        self._told(call, "LOST" if lost else answer)
        if self._rng.random() < 0.15:
            self._pass_time()
        if lost:
            raise _lost(call)
        return answer

    def _pass_time(self) -> None:
        """Others go on; sometimes for long; sometimes this process never does."""
        rolled, weather = self._rng.random(), self.weather
        if rolled < weather.pause:
            self._scheduler.pause(self._rng.choice(_PAUSES))
        elif rolled > 1 - weather.crash:
            self._scheduler.die()
        else:
            self._scheduler.pause()

    def _is_down(self, call: Call) -> bool:
        if not self.down:
            return False
        place = _place(call)
        return call.port in self.down or f"{call.port}:{place}" in self.down

    def _told(self, call: Call, answer: object) -> None:
        if self._say is not None and self._scheduler.current is not None:
            self._say(f"{self._scheduler.current} | {call.name}{_short(call.arguments)} -> {_short(answer)}")


class Wire:
    """One port as a worker sees it: every method goes through the network."""

    def __init__(self, network: Network, name: str, port: object) -> None:
        self._network = network
        self._name = name
        self._port = port

    def __getattr__(self, method: str) -> Callable[..., Any]:
        inner = getattr(self._port, method)

        def call(*arguments: Any, **named: Any) -> Any:
            return self._network.call(Call(self._name, method, arguments), inner, named)

        self.__dict__[method] = call
        return call


def _place(call: Call) -> str:
    subject = call.arguments[0] if call.arguments else ""
    if isinstance(subject, str):
        return subject
    return str(getattr(subject, "registry", getattr(subject, "workspace", "")))


def _lost(call: Call) -> Exception:
    clash = _LOST.get(call.name)
    return clash(f"The answer of {call.name} was lost.") if clash else _unreadable(call)


def _unreadable(call: Call) -> Unreadable:
    code = "azure_ml_unreachable" if call.port in ("catalog", "registry") else "storage_unreachable"
    return Unreadable(code, f"{call.name} is told to fail.")


def _short(value: object) -> str:
    text = str(value) if not isinstance(value, tuple) else "(" + ", ".join(_short(each) for each in value) + ")"
    return text if len(text) <= 90 else f"{text[:87]}..."
