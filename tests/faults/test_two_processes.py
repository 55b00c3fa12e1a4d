"""Two workers race, in processes of their own; one of them is paused in an import until its lease is over."""

from local.faults import two_processes
from local.faults.options import Options


def test_every_race_has_one_winner_who_is_told_so() -> None:
    said: list[str] = []

    figures = two_processes.run(Options(seed=14, short=True, say=said.append))

    assert figures.pop("rounds") > 5
    assert figures == {"double_winners": 0, "winners_told_lost": 0}, said
