"""docs/security.md: every threat names its test, every promise its tests and figures, and results are read as they are."""

import json
import re
from pathlib import Path

import pytest

from local.faults.report import SHAPE
from local.security_page import BEGIN, END, PAGE, read_results, results_table, with_results
from local.security_promises import PROMISES
from tests.architecture.project import ROOT

TEXT = PAGE.read_text(encoding="utf-8")
THREATS = {row.split("|")[1].strip(): row for row in TEXT.splitlines() if re.match(r"\| T\d+ ", row)}
_TEST = re.compile(r"`(tests/[\w/]+\.py::\w+)`")
NAMED = sorted({*_TEST.findall(TEXT), *(test for promise in PROMISES for test in promise.tests)})


def test_every_threat_is_there_and_names_a_control_and_a_test() -> None:
    assert list(THREATS) == [f"T{number}" for number in range(1, 33)]
    assert [threat for threat, row in THREATS.items() if not _TEST.search(row)] == []


def test_every_promise_is_there_with_tests() -> None:
    assert [promise.number for promise in PROMISES] == [f"P{number}" for number in range(1, 23)]
    assert [promise.number for promise in PROMISES if not promise.tests] == []


@pytest.mark.parametrize("test", NAMED)
def test_a_named_test_exists(test: str) -> None:
    path, _, name = test.partition("::")

    assert (ROOT / path).is_file()
    assert re.search(rf"^(def|class) {name}\b|^{name} = ", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE)


def test_every_figure_is_one_that_make_faults_writes() -> None:
    known = {f"{section}.{name}" for section, names in SHAPE.items() for name in names}

    assert {name for p in PROMISES for figure in p.figures for name in (figure.zero, figure.of)} - known == set()


def test_the_page_has_a_row_for_each_promise() -> None:
    generated = TEXT.partition(BEGIN)[2].partition(END)[0]

    assert re.findall(r"^\| \*\*(P\d+)\*\*", generated, re.MULTILINE) == [promise.number for promise in PROMISES]


JUNIT = """<testsuites><testsuite timestamp="2026-11-23T10:00:00">
<testcase classname="tests.domain.test_decisions" name="test_one_person_twice_is_one_person[a]" />
<testcase classname="tests.domain.test_decisions" name="test_one_person_twice_is_one_person[b]" />
<testcase classname="tests.domain.test_imports" name="test_an_import_under_way_is_not_started_twice"><failure/></testcase>
<testcase classname="tests.domain.test_promotion_machine.TestPromotionMachine" name="runTest" />
</testsuite></testsuites>"""


def rows(tests: Path, faults: Path) -> dict[str, str]:
    table = results_table(read_results(tests, faults))
    return {row.split("**")[1]: row.split("|")[3].strip() for row in table.splitlines() if row.startswith("| **P")}


def test_results_are_told_as_they_are(tmp_path: Path) -> None:
    tests, faults = tmp_path / "tests.xml", tmp_path / "faults.json"
    tests.write_text(JUNIT)
    faults.write_text(json.dumps({"seed": 7, "crash": {"runs": 90, "double_imports": 1, "broken_histories": 0}}))
    told = rows(tests, faults)

    assert told["P9"] == "1 of 3 passed"
    assert told["P4"].startswith("1 of 5 passed")
    assert told["P3"] == "**failed**: test_an_import_under_way_is_not_started_twice<br>**crash.double_imports 1 in 90**"
    assert "crash.broken_histories 0 in 90" in told["P10"]
    assert "storage.broken_histories not run" in told["P10"]
    assert "with seed 7" in results_table(read_results(tests, faults))


def test_what_was_not_run_says_so(tmp_path: Path) -> None:
    told = rows(tmp_path / "none.xml", tmp_path / "none.json")

    assert all("not run" in result and "passed" not in result for result in told.values())


def test_writing_the_page_again_changes_its_generated_part_alone() -> None:
    page = f"before\n{BEGIN}old\n{END}after\n"

    once = with_results(page, "new")
    assert with_results(once, "new") == once
    assert once.startswith("before\n")
    assert once.endswith("after\n")
    assert "old" not in once
    with pytest.raises(ValueError, match="lacks the marks"):
        with_results("no marks", "new")
