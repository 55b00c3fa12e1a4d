"""`python -m local.security_page`: write promise, test and last result into docs/security.md.

Results are read where they were left: tests in build/tests.xml (`pytest --junit-xml`), faults in build/faults.json
(`make faults`). What has no result is called not run.
"""

import json
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.security_promises import PROMISES, Figure, Promise

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/security.md"
TESTS = ROOT / "build/tests.xml"
FAULTS = ROOT / "build/faults.json"
BEGIN, END = "<!-- results: written by make docs -->\n", "<!-- end of results -->\n"
_NOT_RUN = "not run"


@dataclass(frozen=True, slots=True)
class Results:
    """The last results.

    Attributes:
        tests: how often each test (`file::name`, parameters left out) passed, failed or was skipped.
        faults: what `make faults` wrote, empty where it was not run.
        day: when the tests ran, as YYYY-MM-DD; empty where they did not.
    """

    tests: Mapping[str, Counter[str]]
    faults: Mapping[str, Any]
    day: str = ""


def read_results(tests: Path = TESTS, faults: Path = FAULTS) -> Results:
    """Read what is there.

    Raises:
        ValueError, ET.ParseError: a file is there and cannot be read.
    """
    counted, day = _counted(tests) if tests.is_file() else ({}, "")
    return Results(counted, json.loads(faults.read_text("utf-8")) if faults.is_file() else {}, day)


def results_table(results: Results) -> str:
    """The generated part of the page."""
    rows = [_row(promise, results) for promise in PROMISES]
    head = ["| promise | tests | last result |", "|---|---|---|"]
    return "\n".join([_when(results), "", *head, *rows, "", _mutations(results), ""])


def with_results(page: str, table: str) -> str:
    """The page with its generated part replaced."""
    before, _, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError(f"{PAGE.name} lacks the marks {BEGIN.strip()} and {END.strip()}.")
    return f"{before}{BEGIN}\n{table}\n{END}{after}"


def _counted(path: Path) -> tuple[dict[str, Counter[str]], str]:
    root = ET.parse(path).getroot()
    counted: dict[str, Counter[str]] = {}
    for case in root.iter("testcase"):
        name = _test_name(case.get("classname", ""), case.get("name", ""))
        counted.setdefault(name, Counter())[_outcome(case)] += 1
    suite = root if root.tag == "testsuite" else root.find("testsuite")
    return counted, (suite.get("timestamp", "") if suite is not None else "")[:10]


def _test_name(classname: str, name: str) -> str:
    """`tests.domain.test_x` and `test_y[1]` are tests/domain/test_x.py::test_y; of a class only its name counts."""
    *folders, last = classname.split(".")
    if last[:1].isupper():
        return f"{'/'.join(folders)}.py::{last}"
    return f"{'/'.join([*folders, last])}.py::{name.partition('[')[0]}"


def _outcome(case: ET.Element) -> str:
    for kind in ("failure", "error", "skipped"):
        if case.find(kind) is not None:
            return "skipped" if kind == "skipped" else "failed"
    return "passed"


def _row(promise: Promise, results: Results) -> str:
    tests = "<br>".join(f"`{test}`" for test in promise.tests)
    told = [_told(promise, results), *(_figure(figure, results.faults) for figure in promise.figures)]
    return f"| **{promise.number}** {promise.says} | {tests} | {'<br>'.join(told)} |"


def _told(promise: Promise, results: Results) -> str:
    counts = [results.tests.get(test, Counter[str]()) for test in promise.tests]
    if red := [test for test, count in zip(promise.tests, counts, strict=True) if count["failed"]]:
        return f"**failed**: {', '.join(test.partition('::')[2] for test in red)}"
    passed = sum(count["passed"] > 0 for count in counts)
    if not passed:
        return f"tests {_NOT_RUN}"
    return f"{passed} of {len(counts)} passed"


def _figure(figure: Figure, faults: Mapping[str, Any]) -> str:
    found, of = _value(faults, figure.zero), _value(faults, figure.of)
    if found is None:
        return f"{figure.zero} {_NOT_RUN}"
    said = f"{figure.zero} {found} in {of}"
    return said if found == 0 else f"**{said}**"


def _value(faults: Mapping[str, Any], name: str) -> Any:
    section, _, key = name.partition(".")
    return faults.get(section, {}).get(key)


def _when(results: Results) -> str:
    tests = f"of {results.day}" if results.day else _NOT_RUN
    faults = f"with seed {results.faults.get('seed')}" if results.faults else _NOT_RUN
    return f"Tests {tests}; faults {faults}."


def _mutations(results: Results) -> str:
    guards, caught = (_value(results.faults, f"mutations.{key}") for key in ("guards", "caught"))
    shown = _NOT_RUN if guards is None else f"{caught} of {guards} turned a named test red"
    return f"Guards switched off one by one: {shown}."


def main() -> None:
    """Write the page anew."""
    table = results_table(read_results())
    PAGE.write_text(with_results(PAGE.read_text("utf-8"), table), encoding="utf-8")


if __name__ == "__main__":
    main()
