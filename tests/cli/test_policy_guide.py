"""docs/policy-guide.md can be followed: its files are written, its commands run, and what it prints is what comes out."""

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from typer.testing import CliRunner

from shared.cli.main import app
from tests.cli.exports import completed, export_of
from tests.domain.evidence_makers import a_run, passing_evidence

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "policy-guide.md"
_BLOCK = re.compile(r"^```(yaml|console)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """One fenced block: its language, what follows on its first line, and its text."""

    language: str
    words: str
    text: str


BLOCKS = [Block(language, words.strip(), text) for language, words, text in _BLOCK.findall(GUIDE.read_text("utf-8"))]


def write(words: str, text: str) -> None:
    """`FILE` is written, `FILE +` added to, and `FILE =KEY` has one of its top-level keys replaced."""
    name, _, how = words.partition(" ")
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not how:
        path.write_text(text, "utf-8")
    elif how == "+":
        path.write_text(path.read_text("utf-8") + text, "utf-8")
    else:
        path.write_text(replaced(path.read_text("utf-8"), how[1:], text), "utf-8")


def replaced(document: str, key: str, text: str) -> str:
    """The document with a top-level key in its old place, or at the end where it is new."""
    section = re.compile(rf"(?ms)^{key}:.*?(?=^\S|\Z)")
    return section.sub(lambda _: text, document) if section.search(document) else document + text


def commands(text: str) -> Iterator[tuple[list[str], str]]:
    for part in re.split(r"(?m)^\$ ", text)[1:]:
        command, _, output = part.partition("\n")
        yield shlex.split(command), output


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the guide's reader has: the shipped policies as `proposed`, and an export of two evaluations by them."""
    shutil.copytree(ROOT / "policies", tmp_path / "proposed")
    weak, strong = (a_run(metrics={"auc": auc, "fairness_gap": "0.02"}) for auc in ("0.91", "0.95"))
    recorded = export_of([completed("7", passing_evidence(run=weak)), completed("8", passing_evidence(run=strong))])
    (tmp_path / "recorded.jsonl").write_text("".join(f"{line}\n" for line in recorded), "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_guide_can_be_followed(folder: Path) -> None:
    assert list(folder.iterdir())
    ran = 0
    for block in BLOCKS:
        if block.language == "yaml":
            write(block.words, block.text)
            continue
        for (program, *arguments), expected in commands(block.text):
            assert program == "clearance"
            result = CliRunner().invoke(app, arguments)
            fitting = re.escape(expected).replace(re.escape("...\n"), r"(?:.*\n)*?")
            assert re.fullmatch(fitting, result.output), f"{shlex.join(arguments)}\n{result.output}"
            assert f"exit={result.exit_code}" == (block.words or "exit=0"), result.output
            ran += 1
    assert ran > 8


def test_every_yaml_of_the_guide_names_its_file() -> None:
    assert [
        block for block in BLOCKS if block.language == "yaml" and not block.words.startswith(("policies/", "proposed/"))
    ] == []
