"""docs/policy-guide.md can be followed as it is rendered, from an empty folder on.

The test does what a reader does: the sentence before a block says which file it is, commands run in the order in which they
stand, and what they print is what the guide shows.
"""

import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from typer.testing import CliRunner

from shared.cli.main import app

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "policy-guide.md").read_text("utf-8")
_BLOCK = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_WRITE = re.compile(r"Write \*\*(?P<file>[^*]+)\*\*:$")
_ADD = re.compile(r"Add at the end of \*\*(?P<file>[^*]+)\*\*:$")
_REPLACE = re.compile(r"In \*\*(?P<file>[^*]+)\*\*, put this in place of `(?P<key>[a-z_]+)`:$")
_OVER = re.compile(r"- warning: policies/loans\.yaml:\S+ exceptions\.0\.until is over: [^\n]*\n")


class Block(NamedTuple):
    """One fenced block: the paragraph before it in one line, its language, and what it holds."""

    before: str
    info: str
    text: str


def blocks() -> Iterator[Block]:
    """Every block of the guide, in order."""
    for found in _BLOCK.finditer(GUIDE):
        paragraph = GUIDE[: found.start()].rstrip().rpartition("\n\n")[2]
        yield Block(paragraph.replace("\n", " "), *found.groups())


BLOCKS = list(blocks())


class Reader:
    """Somebody with a terminal, who is in a clone of Clearance at first and has an empty home."""

    def __init__(self, home: Path) -> None:
        self.here = ROOT
        self.environment = {"HOME": str(home), "PATH": os.environ["PATH"]}
        self.status = 0
        self.ran = 0

    def write(self, before: str, text: str) -> None:
        """Put a block into the file that the sentence before it names, as that says."""
        if found := _WRITE.search(before):
            path = self.here / found["file"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        elif found := _ADD.search(before):
            path = self.here / found["file"]
            path.write_text(path.read_text("utf-8") + text, "utf-8")
        else:
            found = _REPLACE.search(before)
            assert found, f"no file is named before:\n{text}"
            path = self.here / found["file"]
            path.write_text(replaced(path.read_text("utf-8"), found["key"], text), "utf-8")

    def run(self, command: str) -> str:
        """What a command prints."""
        program, *arguments = shlex.split(command)
        self.ran += 1
        match program:
            case "clearance":
                result = CliRunner().invoke(app, arguments)
                self.status = result.exit_code
                return result.output
            case "echo":
                assert arguments == ["$?"]
                return f"{self.status}\n"
            case "make":  # what it would do: here it has been done
                planned = subprocess.run(
                    [program, "--dry-run", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
                )
                return shlex.split(planned.stdout.splitlines()[-1])[1] + "\n"
            case "export":
                name, _, value = arguments[0].partition("=")
                self.environment[name] = self.shell(f'printf %s "{value}"')
                return ""
            case "cd":
                self.here = Path(self.shell(f"{command} && pwd").strip())
                os.chdir(self.here)
                return ""
        assert program in {"mkdir", "cp"}
        return self.shell(command)

    def shell(self, command: str) -> str:
        """A command in a shell of its own."""
        environment = {**self.environment, "PWD": str(self.here)}
        done = subprocess.run(
            ["bash", "-c", command], cwd=self.here, env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout


def replaced(document: str, key: str, text: str) -> str:
    """The document with a top-level key in its old place."""
    section = re.compile(rf"(?ms)^{key}:.*?(?=^\S|\Z)")
    assert section.search(document), f"there is no {key} to be replaced"
    return section.sub(lambda _: text, document)


def commands(text: str) -> Iterator[tuple[str, str]]:
    """Each command of a console, with what the guide says it prints."""
    for part in re.split(r"(?m)^\$ ", text)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def is_shown(output: str, expected: str, *, over: bool) -> bool:
    """Whether a command printed what the guide shows, where `...` stands for any lines.

    Once the exception is `over` there is a warning more, as the guide says there will be.
    """
    pattern = re.escape(expected).replace(re.escape("...\n"), r"(?:.*\n)*?")
    return re.fullmatch(pattern, _OVER.sub("", output) if over else output) is not None


@pytest.mark.parametrize("ends", ["2027-03-31", "2020-03-31", "9998-03-31"])
def test_the_guide_can_be_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ends: str) -> None:
    """Now, when its exception is over, and as long as it is not."""
    monkeypatch.chdir(ROOT)
    assert "until: 2027-03-31\n" in GUIDE
    over = date.fromisoformat(ends) < datetime.now(UTC).date()
    reader = Reader(tmp_path)
    for block in BLOCKS:
        text = block.text.replace("2027-03-31", ends).replace("2027-04-01", ends.replace("03-31", "04-01"))
        if block.info == "yaml":
            reader.write(block.before, text)
        for command, expected in commands(text) if block.info == "console" else ():
            output = reader.run(command)
            assert is_shown(output, expected, over=over), f"{command}\n{output}"
    assert reader.ran == len(re.findall(r"^\$ ", GUIDE, re.MULTILINE)) > 20
    assert reader.here == tmp_path / "loans"


def test_what_is_rendered_is_all_there_is() -> None:
    """GitHub shows nothing of what follows the language of a block."""
    assert {block.info for block in BLOCKS} == {"console", "yaml", "json"}
    assert len(BLOCKS) == GUIDE.count("```") / 2


def test_the_command_is_on_the_path_that_the_guide_sets(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    (line,) = re.findall(r"^\$ (export PATH=.*)$", GUIDE, re.MULTILINE)
    reader.run(line)
    assert f"{ROOT}/.venv/bin" in reader.environment["PATH"].split(":")


def test_the_recorded_example_is_whole_and_the_shipped_policies_would_judge_as_those_did() -> None:
    example = ROOT / "docs" / "examples" / "recorded.jsonl"
    assert CliRunner().invoke(app, ["verify", str(example)]).exit_code == 0
    replayed = [
        "policy",
        "backtest",
        "--from",
        "2026-03-01",
        "--folder",
        str(ROOT / "policies"),
        "--export",
        str(example),
    ]
    told = CliRunner().invoke(app, replayed).output
    assert re.search(r"come out the same +2\n", told), f"write it anew: make docs\n{told}"
