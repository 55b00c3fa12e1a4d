"""The simulator finds nothing broken in Clearance, and does find what is broken where a guard is switched off."""

import json
from collections import Counter
from itertools import count, islice
from pathlib import Path

import pytest

from local.faults.options import Options
from local.faults.simulator import run
from local.faults.simulator.broken import BROKEN
from local.faults.simulator.section import keep_violations, kept_seeds
from local.faults.simulator.simulation import Ending, Simulation

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


def test_seeds_that_broke_a_promise_are_written_down_as_they_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "build" / "violating_seeds.json"
    found = [Ending(7, ("a claim was lost", "and another"), ("blocked",), 1, 1), Ending(9, ("it rained",), (), 1, 1)]

    keep_violations(found[:1], file)
    keep_violations(found[1:], file)

    assert json.loads(file.read_text("utf-8")) == {"7": "a claim was lost; and another", "9": "it rained"}


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
