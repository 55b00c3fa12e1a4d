"""The first page of the timeline and of the inbox, while the lists grow: round trips and time."""

import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass

from local.bench.candidates import Candidates
from local.bench.filling import fill
from local.bench.laboratory import ALIAS, Laboratory
from local.bench.lane import Lane
from local.bench.sizes import Sizes
from shared import bootstrap
from shared.ports import PromotionFilter, TimelineFilter

PAGE = 50
WAITING = 50  # promotions left waiting for approval, so that the inbox has a first page at every size
Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Reading:
    """First pages: the most round trips of one, and the median of its time."""

    round_trips: int
    p50_ms: float


@dataclass(frozen=True, slots=True)
class FirstPages:
    """Both lists at one size."""

    timeline: Reading
    inbox: Reading

    def as_json(self) -> dict[str, float]:
        """As build/bench.json holds it: one first page of each list."""
        return {
            "round_trips": self.timeline.round_trips + self.inbox.round_trips,
            "p50_ms": round(self.timeline.p50_ms + self.inbox.p50_ms, 1),
        }


def measure(laboratory: Laboratory, sizes: Sizes, report: Report) -> dict[int, FirstPages]:
    """Promote `sizes.whole` versions, then read, fill, and read again at every size."""
    _promote(laboratory, sizes.whole, report)
    found = {}
    filled = sizes.filled[0]
    for size in sizes.filled:
        began = time.perf_counter()
        fill(laboratory, filled - sizes.filled[0], size - sizes.filled[0])
        filled = size
        found[size] = _read(laboratory, sizes.readings)
        report(f"{size} promotions listed after {time.perf_counter() - began:.0f} s of filling and reading")
    return found


def _promote(laboratory: Laboratory, whole: int, report: Report) -> None:
    began = time.perf_counter()
    candidates = Candidates(laboratory)
    with ExitStack() as stack, ThreadPoolExecutor(4) as pool:
        lanes = [stack.enter_context(closing(Lane(laboratory, number))) for number in range(4)]
        list(pool.map(lambda lane: _share_of(lane, candidates, whole, lanes.index(lane)), lanes))
        for candidate in candidates.some(min(whole, WAITING)):
            lanes[0].announce(candidate)
            lanes[0].ask(candidate)
    report(f"{whole} whole promotions in {time.perf_counter() - began:.0f} s")


def _share_of(lane: Lane, candidates: Candidates, whole: int, number: int) -> None:
    for _ in range(number, whole, 4):
        [candidate] = candidates.some(1)
        lane.announce(candidate)
        lane.promote(candidate)


def _read(laboratory: Laboratory, readings: int) -> FirstPages:
    """With fresh clients, as a process reads that has just started."""
    models = bootstrap.build(laboratory.settings, laboratory.round_trips).read_models
    timeline = TimelineFilter((ALIAS,))
    inbox = PromotionFilter((ALIAS,), open=True)
    return FirstPages(
        _reading(laboratory, readings, lambda: len(models.timeline(timeline, PAGE, None).items)),
        _reading(laboratory, readings, lambda: len(models.promotions(inbox, PAGE, None).items)),
    )


def _reading(laboratory: Laboratory, readings: int, read: Callable[[], int]) -> Reading:
    trips, seconds = [], []
    for _ in range(readings):
        laboratory.round_trips.reset()
        began = time.perf_counter()
        if not read():
            raise AssertionError("the first page is empty: nothing was filled")
        seconds.append(time.perf_counter() - began)
        trips.append(laboratory.round_trips.total)
    return Reading(max(trips), 1000 * statistics.median(seconds))
