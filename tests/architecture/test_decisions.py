"""Every decision is short, complete and found from the index."""

import re
from pathlib import Path

import pytest

from tests.architecture.project import ROOT

FOLDER = ROOT / "docs/decisions"
DECISIONS = sorted(FOLDER.glob("[0-9]*.md"))
SECTIONS = ("## Why", "## Instead of", "## So")


def titled(decision: Path) -> str:
    return decision.read_text().splitlines()[0].removeprefix("# ")


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda decision: decision.stem)
def test_a_decision_is_short_and_names_what_was_rejected(decision: Path) -> None:
    text = decision.read_text()

    assert len(text.splitlines()) <= 60
    assert titled(decision).startswith(f"{int(decision.stem[:4])}. ")
    assert "Status:" in text
    assert [section for section in SECTIONS if section not in text] == []


def test_the_index_lists_each_with_its_title() -> None:
    listed = dict(
        re.findall(r"^- \[(.+)\]\((\d{4}-[a-z0-9-]+\.md)\)$", (FOLDER / "README.md").read_text(), re.MULTILINE)
    )

    assert {file: title for title, file in listed.items()} == {file.name: titled(file) for file in DECISIONS}


def test_numbers_have_no_gap() -> None:
    assert [int(decision.stem[:4]) for decision in DECISIONS] == list(range(1, len(DECISIONS) + 1))
