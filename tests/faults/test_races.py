"""Threads race on real tables, and one wins; where a guard is switched off, the judges of the races see two."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from local.azurite import RunningAzurite
from local.faults.options import Options
from local.faults.race_floor import Floor
from local.faults.races import RACES, approve_and_reject, one_place_for_two, run, two_workers
from local.faults.simulator.broken import AlwaysYes
from shared.domain.errors import HistoryClash
from shared.ports import JSON, History, NewEvent


@pytest.fixture(scope="module")
def azurite() -> Iterator[RunningAzurite]:
    with RunningAzurite() as running:
        yield running


def test_every_race_has_one_winner_who_is_told_so() -> None:
    said: list[str] = []
    figures = run(Options(seed=1, short=True, say=said.append))
    assert figures == {"rounds": 2 * len(RACES), "double_winners": 0, "winners_told_lost": 0}, "\n".join(said)


class AppendsAnyway:
    """Histories without the guard of their head: whatever was read before, the rows go where the history ends now."""

    def __init__(self, histories: Any) -> None:
        self._histories = histories

    def append(
        self, loaded: History, events: Sequence[NewEvent], at: datetime, snapshot: Mapping[str, JSON]
    ) -> History:
        while True:
            try:
                appended: History = self._histories.append(self._histories.load(loaded.id), events, at, snapshot)
            except HistoryClash:
                continue
            return appended

    def __getattr__(self, name: str) -> Any:
        return getattr(self._histories, name)


@pytest.mark.parametrize("race", [approve_and_reject, two_workers])
def test_histories_without_their_guard_have_two_winners(azurite: RunningAzurite, race: Callable[[Floor], Any]) -> None:
    floor = Floor(azurite.connection_string)
    floor.outside = replace(floor.outside, histories=AppendsAnyway(floor.histories))
    assert any(race(floor).double_winners for _ in range(10))


def test_claims_that_everybody_gets_have_two_winners(azurite: RunningAzurite) -> None:
    floor = Floor(azurite.connection_string)
    claims = AlwaysYes()
    floor.outside = replace(floor.outside, claims=claims)
    assert any(one_place_for_two(floor).double_winners for _ in range(10))
