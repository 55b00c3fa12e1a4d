"""The sheets of cost and scale: what their model keeps, what they stand on, and that the pages say what the command does."""

import json
import math
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.sheets import costs, ours, stated
from local.sheets.__main__ import main
from local.sheets.amounts import Amounts
from local.sheets.ceilings import CEILINGS
from local.sheets.demand import Demand, option
from local.sheets.footprint import Footprint
from local.sheets.growth import READINGS, edges
from local.sheets.measured import NotMeasured, read_measured
from local.sheets.meeting import first, met, next_full
from local.sheets.numbers import amount, days, dollars, rounded, share
from local.sheets.pages import DOCS, PAGES, filled, marks, parts
from local.sheets.report import LOADS, document, text
from local.sheets.spent import busy_seconds, function_time, shared
from local.sheets.table import WIDTH, Table
from local.sheets.work import Work

FOOTPRINT = read_measured()
GROWING = ("promotions", "registries", "decisions", "import_seconds", "blocked", "runs", "open_days", "years")
NUMBERS = st.builds(
    Demand,
    promotions=st.floats(0, 200_000),
    registries=st.integers(1, 10),
    decisions=st.integers(1, 5),
    peak=st.floats(1, 50),
    import_seconds=st.floats(0, 900),
    blocked=st.floats(0, 1),
    runs=st.floats(0, 50),
    years=st.floats(0, 10),
    models=st.integers(1, 5000),
    workspaces=st.integers(1, 20),
)


def work(**told: float) -> Work:
    return Work(Demand(**told), FOOTPRINT)


def dollars_of(demand: Demand) -> float:
    return costs.total(costs.monthly(Work(demand, FOOTPRINT)))


# --- costs -----------------------------------------------------------------------------------------------------------


def test_an_idle_deployment_costs_its_timers_and_alerts() -> None:
    idle = work(promotions=0)
    assert 10 < costs.total(costs.monthly(idle)) < 50
    assert function_time(idle)["sweep"] >= ours.SWEEPS
    assert idle.versions_a_day.as_json() == {}


@given(NUMBERS, st.sampled_from(GROWING), st.floats(1, 3))
def test_no_month_costs_less_where_more_is_asked(demand: Demand, name: str, times: float) -> None:
    more = replace(demand, **{name: getattr(demand, name) * times})
    assert dollars_of(more) >= dollars_of(demand) * (1 - 1e-9)


@given(NUMBERS)
def test_every_meter_costs_something_or_nothing_and_all_of_them_the_whole(demand: Demand) -> None:
    items = costs.monthly(Work(demand, FOOTPRINT))
    assert [item.price for item in items] == list(stated.PRICES)
    assert all(item.units >= 0 and item.dollars >= 0 for item in items)
    assert costs.total(items) == pytest.approx(sum(item.price.of(item.units) for item in items))


def test_a_free_grant_is_taken_off_once() -> None:
    assert stated.EXECUTION.of(100_000) == 0
    assert stated.EXECUTION.of(100_001) == pytest.approx(0.000026)


def test_a_longer_import_costs_as_the_sentence_says_until_nobody_waits_for_it() -> None:
    at_once, later = dollars_of(Demand(import_seconds=120)), dollars_of(Demand(import_seconds=121))
    said = 30 * 1000 * 2 * 2 * stated.EXECUTION.dollars
    assert later - at_once == pytest.approx(said)
    assert dollars_of(Demand(import_seconds=900)) == dollars_of(Demand(import_seconds=600))


def test_messages_share_an_instance_only_where_no_further_one_may_start() -> None:
    assert shared(work(promotions=1000)) == 1
    assert shared(work(promotions=1000, instances=1)) == pytest.approx(3.2, rel=0.1)
    assert shared(work(promotions=100_000)) == ours.BATCH
    assert busy_seconds(work(instances=1)) < busy_seconds(work(instances=40))


def test_private_networking_costs_what_the_page_says() -> None:
    gained = dollars_of(Demand(private=1)) - dollars_of(Demand())
    assert f"adds {dollars(gained)}" in (DOCS / "costs.md").read_text("utf-8")


# --- limits ----------------------------------------------------------------------------------------------------------


@given(NUMBERS)
def test_the_first_limit_is_the_one_used_most(demand: Demand) -> None:
    found = met(Work(demand, FOOTPRINT))
    used = [each.used for each in found if each.used is not None]
    assert first(found).used == max(used)
    assert used == sorted(used, reverse=True)
    assert {each.ceiling.name for each in found} == {each.name for each in CEILINGS}


@given(NUMBERS, st.floats(1, 5))
def test_no_limit_is_used_less_where_more_is_promoted(demand: Demand, times: float) -> None:
    more = replace(demand, promotions=demand.promotions * times)
    before, after = ({m.ceiling.name: m.load for m in met(Work(each, FOOTPRINT))} for each in (demand, more))
    assert all(after[name] >= load * (1 - 1e-9) for name, load in before.items())


@given(NUMBERS)
def test_a_limit_is_full_where_the_sheet_says_and_no_other_before_the_first(demand: Demand) -> None:
    growing = next_full(met(Work(demand, FOOTPRINT)))
    assert growing.full_at is not None
    there = met(Work(replace(demand, promotions=growing.full_at), FOOTPRINT))
    assert first(there).used == pytest.approx(1, rel=1e-6)
    assert {each.ceiling.name: each.used for each in there}[growing.ceiling.name] == pytest.approx(1, rel=1e-6)


def test_the_mean_of_the_day_is_full_after_its_busiest_minutes() -> None:
    for each in met(work()):
        if each.full_at is not None:
            assert each.always_at is not None
            assert each.always_at >= each.full_at


def test_a_limit_that_nobody_publishes_is_never_the_first() -> None:
    [unknown] = [each for each in met(work()) if each.allowed is None]
    assert (unknown.used, unknown.full_at) == (None, None)
    assert unknown.load > 0


def test_at_a_hundred_thousand_a_day_the_deployment_as_it_comes_does_not_do() -> None:
    over = {each.ceiling.name for each in met(work(promotions=100_000)) if each.used is not None and each.used > 1}
    assert "instances of `advance_promotion`" in over
    assert not [each for each in met(work(promotions=1000)) if each.used is not None and each.used > 1]


# --- what timers read whole ------------------------------------------------------------------------------------------


@given(st.floats(1, 200_000))
def test_a_reading_fits_up_to_where_it_ends_and_no_further(promotions: float) -> None:
    asked = work(promotions=promotions)
    for edge in edges(asked):
        if edge.histories is None or edge.after_days is None:
            continue
        before, after = (
            edge.reading.takes(Work(replace(asked.demand, years=edge.after_days * factor / 365), FOOTPRINT))
            for factor in (0.98, 1.02)
        )
        assert before <= edge.reading.allowed < after * 1.01


def test_the_nightly_comparison_looks_through_as_many_rows_again_as_the_checkpoint() -> None:
    ends = {edge.reading.name: edge.histories for edge in edges(work())}
    comparison, writing = ends["nightly comparison"], ends["checkpoint, time"]
    assert comparison is not None
    assert writing is not None
    assert writing / 3 < comparison < writing


def test_slower_storage_ends_it_sooner() -> None:
    def comparison(**told: float) -> float:
        [found] = [edge.histories for edge in edges(work(**told)) if edge.reading.name == "nightly comparison"]
        assert found is not None
        return found

    assert comparison(storage_ms=20) < comparison(storage_ms=10) < comparison(storage_ms=1)


def test_a_night_asks_only_for_what_fits_into_it() -> None:
    young, old = (work(years=years).nightly for years in (0.1, 10))
    assert young.seconds == young.wanted_seconds
    assert old.seconds == ours.TIMEOUT_SECONDS < old.wanted_seconds
    assert old.asked.table_requests < 2 * old.histories


def test_checkpoints_add_up_by_the_square_of_the_time() -> None:
    one, two = (costs.checkpoint_bytes(work(years=years)) for years in (1, 2))
    assert two / one == pytest.approx(4, rel=0.01)


def test_a_pass_over_workspaces_takes_several_runs_where_versions_add_up() -> None:
    young, old = (work(years=years).listing for years in (0.01, 5))
    assert young.pages_a_run == young.pages
    assert old.pages_a_run == ours.PAGES_A_RUN < old.pages
    assert old.pass_days > young.pass_days


# --- what it stands on -----------------------------------------------------------------------------------------------


def test_amounts_add_up_and_are_read_as_they_were_written() -> None:
    one = Amounts(table_requests=3, spans=2)
    assert (one + one - one.times(0.5)).as_json() == {"table_requests": 4.5, "spans": 3}
    assert Amounts.from_json(one.as_json()) == one
    assert all(each.metadata["meaning"] for each in fields(Amounts))
    with pytest.raises(ValueError, match=r"spinach.*spans"):
        Amounts.from_json({"spinach": 1, "spans": True})


def test_a_footprint_is_read_as_it_was_written() -> None:
    said = FOOTPRINT.as_json()
    assert Footprint.from_json(said) == FOOTPRINT
    assert set(said) == {each.name for each in fields(Footprint)}


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ({"sweep": None}, "sweep is missing"),
        ({"sweep": {"spinach": 1}}, "sweep: not counted here: spinach"),
        ({"head": {"document_bytes": 1}}, "head must hold"),
        ({"models_per_page": 0}, "models_per_page"),
    ],
)
def test_a_broken_footprint_is_refused_with_every_fault(broken: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told) as refused:
        Footprint.from_json({**FOOTPRINT.as_json(), **broken, "registry": {"chard": 1}})
    assert "registry: not counted here: chard" in str(refused.value)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"footprint": {}}', '{"footprint": 1}', "\udcff"])
def test_a_file_that_measures_nothing_is_named_with_what_makes_one(tmp_path: Path, content: str) -> None:
    file = tmp_path / "bench.json"
    file.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(NotMeasured, match=r"bench\.json.*--only footprint"):
        read_measured(file)


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(NotMeasured, match="cannot be read"):
        read_measured(Path("nowhere.json"))


def test_every_number_that_is_no_number_from_zero_on_is_told_at_once() -> None:
    with pytest.raises(ValueError, match=r"--promotions is -1.*--peak is inf.*--instances is 0") as refused:
        Demand(promotions=-1, peak=math.inf, instances=0)
    assert "--models" not in str(refused.value)
    with pytest.raises(ValueError, match="--years is nan"):
        Demand(years=math.nan)


# --- people ----------------------------------------------------------------------------------------------------------


def test_the_pages_say_what_the_command_writes() -> None:
    written = parts(FOOTPRINT)
    for name in PAGES:
        page = (DOCS / name).read_text("utf-8")
        assert filled(page, written) == page, "run `.venv/bin/python -m local.sheets --write`"


def test_every_table_stands_on_a_page_once() -> None:
    assert sorted(mark for name in PAGES for mark in marks((DOCS / name).read_text("utf-8"))) == sorted(
        parts(FOOTPRINT)
    )


def test_a_mark_that_nothing_is_written_for_is_refused() -> None:
    with pytest.raises(ValueError, match=r"recipes.*monthly"):
        filled("<!-- sheet: recipes -->\n<!-- end of sheet -->", {"monthly": ""})


@pytest.mark.parametrize("loads", [LOADS, (0.0,), (250_000.0,)])
def test_a_terminal_of_eighty_columns_shows_all_of_it(loads: tuple[float, ...]) -> None:
    shown = text(Demand(registries=12, private=1, years=30), FOOTPRINT, loads, with_sources=True)
    assert [line for line in shown.splitlines() if len(line) > WIDTH] == []


def test_the_command_takes_every_number_of_the_model(capsys: pytest.CaptureFixture[str]) -> None:
    told = {name: value + 1 for name, value in asdict(Demand()).items()}
    arguments = [word for name, value in told.items() for word in (option(name), str(value))]
    assert main([*arguments, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["demand"] == told


def test_the_document_holds_all_that_the_sheets_show() -> None:
    said = document(work())
    assert said["dollars_a_month"] == pytest.approx(sum(each["dollars"] for each in said["monthly"].values()))
    assert [each["name"] for each in said["timers"]] == [each.name for each in READINGS]
    assert {each["name"] for each in said["limits"]} == {each.name for each in CEILINGS}
    json.dumps(said)


def test_one_number_of_promotions_is_shown_beside_the_idle_deployment(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--promotions", "5000", "--registries", "3", "--import-seconds", "600"]) == 0
    shown = capsys.readouterr().out
    assert "at promotions a day       0   5,000" in shown
    assert "list price" not in shown
    assert main(["--sources"]) == 0
    assert "list price" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--promotions", "-3"], "--promotions is -3"),
        (["--measured", "nowhere.json"], "nowhere.json cannot be read"),
        (["--write", "--promotions", "3"], "leave the other options out"),
    ],
)
def test_what_cannot_be_used_is_told_in_a_sentence(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert told in capsys.readouterr().err


def test_a_table_puts_sentences_below_or_beside() -> None:
    table = Table(["limit", "of"], [["a `b`", "1"], ["longer", "22"]], ["to turn"], [["nothing"], [""]])
    assert table.markdown().splitlines() == [
        "| limit | of | to turn |",
        "| --- | --- | --- |",
        "| a `b` | 1 | nothing |",
        "| longer | 22 |  |",
    ]
    assert table.text().splitlines() == [
        "  limit   of",
        "  a b      1",
        "  longer  22",
        "",
        "  a b",
        "    to turn: nothing",
    ]


@pytest.mark.parametrize(
    ("shown", "wanted"),
    [
        (amount(0), "0"),
        (amount(0.0001), "<0.001"),
        (amount(3.2149), "3.21"),
        (amount(12_345.6), "12,346"),
        (dollars(0), "$0.00"),
        (dollars(0.001), "<$0.01"),
        (dollars(12_345.6), "$12,346"),
        (share(None), "?"),
        (share(0.001), "<1 %"),
        (share(18.25), "1,825 %"),
        (days(None), "never"),
        (days(0.783), "19 hours"),
        (days(78.3), "78 days"),
        (days(1844.8), "5.1 years"),
        (days(7830.6), "21 years"),
        (days(1e6), "> 100 years"),
        (rounded(None), "never"),
        (rounded(86_136), "86,000"),
        (rounded(7.4), "7"),
    ],
)
def test_numbers_are_shown_as_people_read_them(shown: str, wanted: str) -> None:
    assert shown == wanted
