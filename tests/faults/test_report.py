"""What `make faults` prints and writes, and when it says that a promise is broken."""

from typing import Any

import pytest

from local.faults.report import SHAPE, broken_promises, document, table
from local.faults.tracks import in_tracks

WHOLE: dict[str, dict[str, int]] = {
    "crash": {
        "points": 156,
        "runs": 170,
        "lost_acknowledged": 0,
        "double_imports": 0,
        "stuck": 0,
        "broken_histories": 0,
    },
    "storage": {"runs": 40, "not_converged": 0, "broken_histories": 0},
    "azure_ml": {"runs": 293, "not_converged": 0, "voided_by_machinery": 0, "broken_histories": 0},
    "races": {"rounds": 200, "double_winners": 0, "winners_told_lost": 0},
    "two_processes": {"rounds": 36, "double_winners": 0, "winners_told_lost": 0},
    "simulator": {"seeds": 20_000, "violations": 0},
    "hostile_input": {"cases": 5_000, "crashed": 0, "hung": 0},
    "mutations": {"guards": 18, "caught": 18},
    "controls": {"guards": 4, "caught": 4},
}


def report(**changed: dict[str, int]) -> Any:
    figures = {place: {**counted, **changed.get(place, {})} for place, counted in WHOLE.items()}
    return document(figures, 7, 800)


def test_races_of_threads_and_of_processes_are_one_figure() -> None:
    assert report()["races"]["rounds"] == 236
    assert [*report()] == [*SHAPE, "seed", "seconds"]


def test_zeros_everywhere_break_no_promise() -> None:
    assert broken_promises(report()) == []


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"crash": {"stuck": 1}}, "crash: stuck is 1, not 0."),
        ({"simulator": {"seeds": 0}}, "simulator: nothing was tried."),
        ({"mutations": {"caught": 17}}, "mutations: 21 of 22 guards were caught when switched off."),
    ],
)
def test_what_ought_to_be_zero_and_is_not_is_named(changed: Any, says: str) -> None:
    assert broken_promises(report(**changed)) == [says]


def test_guards_that_a_test_and_that_a_section_misses_are_one_figure() -> None:
    assert report(controls={"caught": 3})["mutations"] == {"guards": 22, "caught": 21}


def test_a_section_that_is_missing_breaks_every_promise_whatever_others_counted_in_its_place() -> None:
    said = broken_promises(report(), missing=["two_processes"])
    assert said == ["two_processes: this section did not come to its end."]


@pytest.mark.parametrize("counted", [{"runs": 40, "broken_histories": 0}, {**WHOLE["storage"], "stuck": 0}])
def test_a_section_counts_just_what_it_is_there_for(counted: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="storage counted"):
        document({"storage": counted}, 7, 60)


def test_a_track_that_dies_leaves_its_figures_out() -> None:
    assert in_tracks(["a section that is not there"], 7, short=True) == {}


def test_the_table_fits_eighty_columns() -> None:
    assert max(len(line) for line in table(report()).splitlines()) <= 80
