"""The simulator finds nothing broken in Clearance, and does find what is broken where a guard is switched off."""

from collections import Counter
from itertools import count, islice

import pytest

from local.faults.options import Options
from local.faults.simulator import run
from local.faults.simulator.broken import BROKEN
from local.faults.simulator.section import kept_seeds
from local.faults.simulator.simulation import Simulation

_MOST = 150  # seeds until a check must have seen that its guard is gone


def test_no_seed_breaks_a_promise() -> None:
    said: list[str] = []
    figures = run(Options(seed=7, short=True, say=said.append))
    assert figures["seeds"] >= 250 + len(kept_seeds())
    assert figures["violations"] == 0, "\n".join(said)


@pytest.mark.parametrize("guard", BROKEN)
def test_a_guard_that_is_switched_off_is_missed(guard: str) -> None:
    endings = (Simulation(seed, BROKEN[guard]()).run() for seed in count(1))
    assert any(ending.broken for ending in islice(endings, _MOST))


def test_a_seed_says_everything() -> None:
    traces: list[list[str]] = [[], []]
    for trace in traces:
        ending = Simulation(103, say=trace.append).run()
        trace.append(repr(ending))
    assert traces[0] == traces[1]
    assert len(traces[0]) > 100


def test_seeds_reach_every_end_that_a_promotion_can_come_to() -> None:
    ends = Counter(state for seed in range(1, 80) for state in Simulation(seed).run().states)
    assert ends.keys() >= {"promoted", "rejected", "expired", "withdrawn", "conflict", "blocked"}
