"""docs/runbook.md names every word of trouble that the source can show an operator, and none that it cannot."""

import re
from collections.abc import Callable

import pytest

from shared.cli import exits
from tests.architecture import told_codes
from tests.architecture.project import ROOT
from tests.architecture.told_codes import first_arguments, literal_of, mapped_of, sentences_in

TEXT = (ROOT / "docs/runbook.md").read_text(encoding="utf-8")
_TABLE = re.compile(r"(?:^\|.*\n)+", re.MULTILINE)


def tables(heading: str) -> list[list[str]]:
    """The first cells of each table below a heading, without their backticks."""
    section = re.split(rf"^#+ {re.escape(heading)}$", TEXT, flags=re.MULTILINE)[1]
    own = re.split(r"^#+ ", section, maxsplit=1, flags=re.MULTILINE)[0]
    rows = [[line.split("|")[1].strip() for line in found.splitlines()[2:]] for found in _TABLE.findall(own)]
    return [[re.sub(r"^`(.*)`$", r"\1", cell) for cell in table] for table in rows]


def table(heading: str, place: int = 0) -> set[str]:
    """The first cells of one table; none stands there twice."""
    cells = tables(heading)[place]
    assert len(cells) == len(set(cells)), f"{heading} says something twice"
    return set(cells)


def problem_codes() -> set[str]:
    return mapped_of("shared/web/problems.py", "CODES")[0] | first_arguments("CommandRefused", "Refusal", "problem")


def target_states() -> set[str]:
    return mapped_of("shared/domain/states.py", "_TARGET_WORDS")[1] | {"errored"}


CODES: list[tuple[str, int, Callable[[], set[str]]]] = [
    ("States of a promotion", 0, lambda: mapped_of("shared/domain/states.py", "STATUS")[1]),
    ("Why one was withdrawn", 0, lambda: literal_of("shared/domain/states.py", "Withdrawn", "reason")),
    ("Why one is ignored", 0, lambda: literal_of("shared/domain/commands.py", "NotGoverned", "reason")),
    ("States of a target", 0, target_states),
    ("Kinds of conflict", 0, lambda: literal_of("shared/domain/events.py", "ConflictKind")),
    ("Marks", 0, lambda: literal_of("shared/domain/states.py", "TargetPromoted", "mark")),
    ("Trouble", 0, told_codes.services),
    ("Trouble", 1, told_codes.suffixes),
    ("Trouble", 2, told_codes.trouble_codes),
    ("Health", 0, lambda: mapped_of("shared/workflow/check_health.py", "pings")[0]),
    ("Answers of the API", 0, problem_codes),
    ("Why a token is not accepted", 0, told_codes.token_codes),
    ("What verify finds", 0, lambda: literal_of("shared/domain/chain.py", "Kind")),
    ("Log lines", 0, lambda: first_arguments("log_line")),
]


@pytest.mark.parametrize(("heading", "place", "in_source"), CODES, ids=[f"{h} {p}" for h, p, _ in CODES])
def test_every_code_of_the_source_has_its_row_and_every_row_its_code(
    heading: str, place: int, in_source: Callable[[], set[str]]
) -> None:
    assert in_source()
    assert table(heading, place) == in_source()


def test_the_exit_codes_are_those_of_the_command() -> None:
    assert table("Before you begin", 1) == {"0", str(exits.REFUSED), str(exits.USAGE), str(exits.UNREACHABLE)}


def test_each_source_of_the_quarantine_has_its_row() -> None:
    queues = mapped_of("shared/workflow/quarantine_poison.py", "REASONS")[0]
    received = {text for text in first_arguments("put") if " " not in text}
    pushed = {"model-events", "push"}  # functions/model_events.py hands these two to intake

    assert table("Quarantine", 0) == queues | received | pushed


QUARANTINE = sorted(
    sentences_in("shared/domain/model_events.py", "NotUnderstood", "append")
    | sentences_in("shared/workflow/look.py")
    | sentences_in("shared/workflow/advance.py")
    | mapped_of("shared/workflow/quarantine_poison.py", "REASONS")[1]
)
SETTINGS = sorted(
    {
        sentence
        for file in ("setting", "settings")
        for sentence in sentences_in(f"shared/settings/{file}.py", "_fault", "append", "Faulty")
    }
    - {"{…}: {…}; expected {…}, for example {…}."}  # what every fault of a setting is put into
)
WARNINGS = sorted(
    {re.sub(r"%[sd]", "…", text) for text in first_arguments("warning", "exception", "error") if " " in text}
)


def says(row: str, sentence: str) -> bool:
    """Whether a row quotes a sentence: the pieces between its dots stand there in that order."""
    pieces = [piece.strip() for piece in row.split("…") if piece.strip()]
    return re.search(".*".join(map(re.escape, pieces)), sentence) is not None


@pytest.mark.parametrize(
    ("heading", "place", "sentence"),
    [
        *(("Quarantine", 1, sentence) for sentence in QUARANTINE),
        *(("Settings with faults", 0, sentence) for sentence in SETTINGS),
        *(("Log lines", 1, sentence) for sentence in WARNINGS),
    ],
)
def test_every_sentence_of_the_source_is_quoted_by_a_row(heading: str, place: int, sentence: str) -> None:
    assert [row for row in table(heading, place) if says(row, sentence)], f"docs/runbook.md, {heading}: add a row"


@pytest.mark.parametrize(("heading", "place"), [("Quarantine", 1), ("Settings with faults", 0), ("Log lines", 1)])
def test_every_row_that_quotes_a_sentence_quotes_the_source(heading: str, place: int) -> None:
    told = {re.sub(r"%[sd]", "…", text) for text in told_codes.all_texts()}

    assert [row for row in table(heading, place) if not any(says(row, sentence) for sentence in told)] == []
