"""docs/runbook.md names every word of trouble that the source can show an operator, and none that it cannot."""

import json
import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.cli import exits
from shared.web.access import ACCESS
from tests.architecture import told_codes
from tests.architecture.project import ROOT
from tests.architecture.test_docs import leaf
from tests.architecture.told_codes import arguments, first_arguments, literal_of, mapped_of, sentences_in

TEXT = (ROOT / "docs/runbook.md").read_text(encoding="utf-8")
_TABLE = re.compile(r"(?:^\|.*\n)+", re.MULTILINE)


def tables(heading: str) -> list[list[str]]:
    """The first cells of each table below a heading, without their backticks."""
    section = re.split(rf"^#+ {re.escape(heading)}$", TEXT, flags=re.MULTILINE)[1]
    own = re.split(r"^#+ ", section, maxsplit=1, flags=re.MULTILINE)[0]
    rows = [[line.split("|")[1].strip() for line in found.splitlines()[2:]] for found in _TABLE.findall(own)]
    return [[re.sub(r"^`(.*)`$", r"\1", cell) for cell in table] for table in rows]


def whole_tables(heading: str) -> list[list[list[str]]]:
    """All cells of each row of each table below a heading."""
    section = re.split(rf"^#+ {re.escape(heading)}$", TEXT, flags=re.MULTILINE)[1]
    own = re.split(r"^#+ ", section, maxsplit=1, flags=re.MULTILINE)[0]
    tables = [found.splitlines()[2:] for found in _TABLE.findall(own)]
    return [[[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows] for rows in tables]


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
    received = {text for text in arguments("set_aside", 1) if " " not in text}
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


# Headings of tables that say what to do, with the place of each under its heading.
ACTED_ON = [
    ("States of a promotion", 0),
    ("Why one was withdrawn", 0),
    ("Why one is ignored", 0),
    ("States of a target", 0),
    ("Kinds of conflict", 0),
    ("Marks", 0),
    ("Trouble", 1),
    ("Trouble", 2),
    ("Health", 0),
    ("Settings with faults", 0),
    ("Quarantine", 1),
    ("Answers of the API", 0),
    ("Why a token is not accepted", 0),
    ("What verify finds", 0),
    ("Log lines", 0),
    ("Log lines", 1),
    ("Alerts worth setting", 0),
]
ACTS = [(heading, row) for heading, place in ACTED_ON for row in whole_tables(heading)[place]]
BLOCKS = "\n".join(re.findall(r"^```sh\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)).replace("\\\n", "")
PROSE = re.sub(r"^```.*?^```$", "", TEXT, flags=re.MULTILINE | re.DOTALL)
SHORTHANDS = dict(re.findall(r"^(\w+)\(\) \{(.*)\}$", BLOCKS, re.MULTILINE))
PROGRAMS = ("az", "azd", "clearance", "curl", "date")


def commands(text: str) -> list[str]:
    """What stands in backticks and begins with a program, or a shorthand of the page."""
    return [span for span in re.findall(r"`([^`]+)`", text) if span.split()[0] in {*PROGRAMS, *SHORTHANDS}]


@pytest.mark.parametrize(("heading", "row"), ACTS, ids=[f"{heading}: {row[0]}" for heading, row in ACTS])
def test_what_to_do_is_nothing_or_holds_a_command(heading: str, row: list[str]) -> None:
    what = row[-1]

    assert what.startswith("nothing") or commands(what), f"{heading}: {row[0]} leaves an operator without a command"


# What each command of az needs to be run as it stands, by how it begins; the longest beginning counts.
NEEDS = {
    "account": "",
    "account get-access-token": "--scope",
    "account set": "--subscription",
    "ad app": "--id",
    "eventgrid system-topic event-subscription": "--name --system-topic-name --resource-group",
    "eventgrid system-topic list": "--resource-group",
    "functionapp": "--name --resource-group",
    "functionapp config appsettings delete": "--name --resource-group --setting-names",
    "functionapp config appsettings set": "--name --resource-group --settings",
    "keyvault secret set": "--vault-name --name --file",
    "login": "",
    "ml model": "--name --version",
    "monitor activity-log list": "--resource-id",
    "monitor log-analytics query": "--workspace --analytics-query",
    "monitor log-analytics workspace list": "--resource-group",
    "resource list": "--resource-type",
    "role assignment list": "--assignee|--scope",
    "storage blob": "--container-name --account-name --auth-mode",
    "storage message peek": "--queue-name --account-name --auth-mode",
    "webapp log tail": "--name --resource-group",
}
AZ = sorted(
    {span for span in commands(PROSE) if span.startswith("az ")}
    | {found for line in BLOCKS.splitlines() for found in re.findall(r"(?:^|[\s(])(az [a-z].*?)(?:;|\)$|$)", line)}
)


def lacking(command: str) -> list[str]:
    """Options that a command of az does not have, and cannot be run without."""
    known = [begin for begin in NEEDS if command.startswith(f"az {begin}")]
    assert known, f"say in NEEDS what it needs: {command}"
    needed = NEEDS[max(known, key=len)].split()
    if command.startswith("az ml model"):
        needed += ["--registry-name|--workspace-name"] + ["--resource-group"] * ("--workspace-name" in command)
    return [option for option in needed if not re.search(rf" (?:{option})\b", command)]


@pytest.mark.parametrize("command", AZ)
def test_a_command_of_az_can_be_run_as_it_stands(command: str) -> None:
    assert lacking(command) == []


@pytest.mark.parametrize(
    "command",
    [
        "az functionapp config appsettings delete --setting-names AzureWebJobsStorage",
        "az webapp log tail",
        "az ml model show --name fraud-detector --version 7 --workspace-name risk-dev",
        "az role assignment list --output table",
    ],
)
def test_a_command_of_az_that_lacks_something_is_found(command: str) -> None:
    assert lacking(command)


OURS = sorted({span for _, row in ACTS for span in commands(row[-1]) if span.startswith("clearance")})


@pytest.mark.parametrize("line", OURS)
def test_a_command_of_ours_that_a_row_says_can_be_run_as_it_stands(line: str, tmp_path: Path) -> None:
    (there := tmp_path / "given.json").touch()
    command, rest = leaf(shlex.split(line)[1:])

    command.make_context(line, [str(there) if word.endswith((".json", ".jsonl")) else word for word in rest])


@pytest.mark.parametrize("line", sorted({span for span in commands(PROSE) if span.startswith(("get ", "post "))}))
def test_what_get_and_post_ask_for_is_a_route(line: str) -> None:
    method, path, *body = shlex.split(line)
    version = re.findall(r"^P=(.*)$", BLOCKS, re.MULTILINE)[0]
    route = "/api/" + path.replace("$P", version).replace("$ID", "id").partition("?")[0]
    offered = [re.sub(r"\{\w+\}", "[^/]+", known) for known_method, known in ACCESS if known_method == method.upper()]

    assert [known for known in offered if re.fullmatch(known, route)]
    assert all(isinstance(json.loads(part), dict) for part in body)
    assert len(body) == (method == "post")


def test_the_shorthands_that_rows_use_are_made_at_the_beginning_and_given_what_they_take() -> None:
    takes = {name for name, body in SHORTHANDS.items() if re.search(r"\$1\b", body)}
    used = {(span.split()[0], len(span.split()) > 1) for span in commands(PROSE)}

    assert [name for name, given in sorted(used) if name in takes and not given] == []
    assert SHORTHANDS.keys() <= {name for name, _ in used} | {"id_of", "rows"}  # others are made of these two


def test_every_variable_is_set_or_is_the_operators_own() -> None:
    used = set(re.findall(r"\$\{?([A-Z][A-Z_]*)", TEXT))
    set_ = set(re.findall(r"(?:^|export |[ {(])([A-Z][A-Z_]*)=", BLOCKS, re.MULTILINE))
    own = {"BLOB", "CLIENT_ID", "ID"}  # of a dead letter, of the deployment, of a message

    assert used - set_ <= own


def test_every_block_is_a_script() -> None:
    assert subprocess.run(["bash", "-n"], input=BLOCKS, text=True, check=False).returncode == 0
