"""Promotions per second, and how much of the time is ours: blocks of promotions between blocks of their bare operations."""

import gc
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import Protocol

from local.bench.candidates import Candidate, Candidates
from local.bench.laboratory import Laboratory
from local.bench.lane import Lane
from local.bench.recording import recording
from local.bench.replaying import NotReplayed, Replayer, Trace

Report = Callable[[str], None]


@dataclass(slots=True)
class Block:
    """Some promotions: the seconds from the first to the last, those of each, and this process's CPU for them all."""

    seconds: float = 0.0
    each: list[float] = field(default_factory=list)
    cpu: float = 0.0


@dataclass(frozen=True, slots=True)
class Throughput:
    """Pairs of blocks, ours and floor, measured next to each other."""

    pairs: tuple[tuple[Block, Block], ...]

    @property
    def promotions_per_second(self) -> float:
        """Of ours, over all blocks."""
        return sum(len(ours.each) for ours, _ in self.pairs) / sum(ours.seconds for ours, _ in self.pairs)

    def percentile_ms(self, percent: int) -> float:
        """Of the time of one promotion of ours."""
        return 1000 * percentile([each for ours, _ in self.pairs for each in ours.each], percent)

    @property
    def floor_ratio(self) -> float:
        """Median over the pairs of our time over the floor's."""
        return statistics.median(ours.seconds / floor.seconds for ours, floor in self.pairs)

    @property
    def cpu_ratio(self) -> float:
        """The same of this process's CPU, which the rest of the machine disturbs less."""
        return statistics.median(ours.cpu / floor.cpu for ours, floor in self.pairs)

    @property
    def spread(self) -> tuple[float, float]:
        """The smallest and the largest ratio of a pair."""
        ratios = [ours.seconds / floor.seconds for ours, floor in self.pairs]
        return min(ratios), max(ratios)

    def as_json(self) -> dict[str, float]:
        """As build/bench.json holds it."""
        return {
            "promotions_per_second": round(self.promotions_per_second, 2),
            "p50_ms": round(self.percentile_ms(50), 1),
            "p95_ms": round(self.percentile_ms(95), 1),
            "floor_ratio": round(self.floor_ratio, 3),
        }


class Runner(Protocol):
    """One in flight: ours or the floor."""

    def announce(self, candidate: Candidate) -> None:
        """Put the message there that begins it."""

    def run(self, candidate: Candidate) -> float:
        """Do it; returns its seconds."""


@dataclass(frozen=True, slots=True)
class _Ours:
    lane: Lane

    def announce(self, candidate: Candidate) -> None:
        self.lane.announce(candidate)

    def run(self, candidate: Candidate) -> float:
        return self.lane.promote(candidate)


@dataclass(frozen=True, slots=True)
class _Floor:
    replayer: Replayer
    trace: Trace

    def announce(self, candidate: Candidate) -> None:
        self.replayer.announce(candidate)

    def run(self, candidate: Candidate) -> float:
        began = time.perf_counter()
        self.replayer.replay(self.trace, candidate)
        return time.perf_counter() - began


def record_trace(laboratory: Laboratory) -> Trace:
    """The operations of one promotion, checked: their number is what was counted, and a replay asks Azure ML as often.

    Raises:
        NotReplayed: the trace is not the whole of it.
    """
    lane, candidates = Lane(laboratory), Candidates(laboratory)
    with closing(lane):
        first, recorded, again = candidates.some(3)
        lane.announce(first)
        lane.promote(first)  # what happens once in the life of a process is not recorded
        lane.announce(recorded)
        laboratory.round_trips.reset()
        with recording(laboratory.emulator_url) as operations:
            calls = _calls_of(laboratory, lambda: lane.promote(recorded))
    trace = Trace(recorded, tuple(operations))
    _check_storage(laboratory, trace)
    replayer = Replayer(laboratory)
    replayer.announce(again)
    replayed = _calls_of(laboratory, lambda: replayer.replay(trace, again))
    if replayed != calls:
        raise NotReplayed(f"the promotion made {calls} calls to Azure ML, its replay {replayed}")
    return trace


def _check_storage(laboratory: Laboratory, trace: Trace) -> None:
    found = laboratory.round_trips.by_service
    counted = sum(found.get(service, 0) for service in ("tables", "queues", "blobs"))
    recorded = sum(operation.client in ("table", "queue") for operation in trace.operations)
    if counted != recorded:
        raise NotReplayed(f"{counted} storage operations were counted, {recorded} recorded")


def _calls_of(laboratory: Laboratory, do: Callable[[], object]) -> int:
    laboratory.emulator.clear_calls()
    do()
    return len(laboratory.emulator.calls())


def measure(
    laboratory: Laboratory, trace: Trace, in_flight: int, blocks: tuple[int, int], report: Report
) -> Throughput:
    """Measure with `in_flight` promotions at a time.

    Args:
        laboratory: the platform.
        trace: what the floor replays.
        in_flight: promotions at a time, each on queues of its own.
        blocks: how many pairs of blocks, and turns in each block.
        report: told of every pair.
    """
    pairs, turns = blocks
    candidates = Candidates(laboratory)
    with ExitStack() as stack, ThreadPoolExecutor(in_flight) as pool:
        lanes = [stack.enter_context(closing(Lane(laboratory, number))) for number in range(in_flight)]
        ours: Sequence[Runner] = [_Ours(lane) for lane in lanes]
        floor: Sequence[Runner] = [_Floor(Replayer(laboratory, number), trace) for number in range(in_flight)]
        found: list[tuple[Block, Block]] = []
        for number in range(-1, pairs):  # the first pair warms both up
            order = (ours, floor) if number % 2 else (floor, ours)
            first, second = (_block(pool, runners, candidates, turns if number >= 0 else 1) for runners in order)
            pair = (first, second) if order[0] is ours else (second, first)
            if number >= 0:
                found.append(pair)
                report(f"pair {number + 1} of {pairs}: ours {pair[0].seconds:.2f} s, floor {pair[1].seconds:.2f} s")
    return Throughput(tuple(found))


def _block(pool: ThreadPoolExecutor, runners: Sequence[Runner], candidates: Candidates, turns: int) -> Block:
    block = Block()
    for _ in range(turns):
        mine = candidates.some(len(runners))
        for runner, candidate in zip(runners, mine, strict=True):
            runner.announce(candidate)
        gc.collect()  # azure-ai-ml leaves cycles behind: whoever made them pays
        began, cpu = time.perf_counter(), time.process_time()
        block.each += pool.map(lambda pair: pair[0].run(pair[1]), zip(runners, mine, strict=True))
        block.seconds += time.perf_counter() - began
        block.cpu += time.process_time() - cpu
    return block


def percentile(values: Sequence[float], percent: int) -> float:
    """The smallest value that so many percent of the values do not exceed."""
    ranked = sorted(values)
    return ranked[max(0, -(-len(ranked) * percent // 100) - 1)]
