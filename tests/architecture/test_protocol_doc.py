"""Every rule of docs/protocol.md names tests that exist."""

import re

import pytest

from tests.architecture.project import ROOT

TEXT = (ROOT / "docs/protocol.md").read_text(encoding="utf-8")
RULES = {part.partition(".")[0]: part for part in re.split(r"^## (?=R\d)", TEXT, flags=re.MULTILINE)[1:]}
TO_COME = "<!-- workflow -->"  # named ahead of a test that another room still writes
NAMED = sorted(
    {
        test
        for line in TEXT.splitlines()
        if TO_COME not in line
        for test in re.findall(r"`(tests/[\w/]+\.py::\w+)`", line)
    }
)


def test_all_rules_are_there_in_order() -> None:
    assert list(RULES) == [f"R{number}" for number in range(1, 19)]


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_names_a_test(rule: str) -> None:
    assert "::test_" in RULES[rule]


@pytest.mark.parametrize("test", NAMED)
def test_a_named_test_exists(test: str) -> None:
    path, _, name = test.partition("::")
    assert (ROOT / path).is_file()
    assert re.search(rf"^(def|class) {name}\b|^{name} = ", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE)
