"""What documents say is there: links, files, make targets, commands and their options, routes, the demo's steps."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from typer.core import TyperGroup

from local.demo.script import STEPS
from shared.cli.main import app
from shared.web.access import ACCESS
from tests.architecture.project import ROOT, named

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
_ROOMS = "shared|functions|local|tests|docs|infra|policies"
_FILE = re.compile(rf"`((?:{_ROOMS})/[\w./*-]+)`")
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)|(?:src|href|srcset)=\"([^\"]+)\"")
_MAKE = re.compile(r"^ *make ([a-z]+)|`(?:[A-Z_]+=\S+ )*make ([a-z]+)", re.MULTILINE)
_COMMAND = re.compile(r"(?:^|`)(?:\.venv/bin/)?clearance ([a-z][^`\n|]*)", re.MULTILINE)
_ROUTE = re.compile(r"\b(?:GET|POST) (/[^\s`?*]*)")
COMMAND = typer.main.get_command(app)


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def found(pattern: re.Pattern[str]) -> list[tuple[str, str]]:
    """What a pattern finds, with the page it stands on."""
    pairs = {
        (named(page), next(group for group in match.groups() if group))
        for page in PAGES
        for match in pattern.finditer(text(page))
    }
    return sorted(pairs)


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub makes of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", text(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize(("page", "link"), found(_LINK))
def test_a_link_leads_somewhere(page: str, link: str) -> None:
    if re.match(r"https?://|mailto:", link):
        return
    path, _, anchor = link.partition("#")
    target = (ROOT / page).parent / path if path else ROOT / page

    assert target.exists(), f"{page} links to {link}"
    assert not anchor or anchor in anchors(target), f"{page} links to a heading that is not there: {link}"


@pytest.mark.parametrize(("page", "file"), found(_FILE))
def test_a_file_that_is_named_is_there(page: str, file: str) -> None:
    assert list(ROOT.glob(file)), f"{page} names {file}"


def targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):.*## ", text(ROOT / "Makefile"), re.MULTILINE))


@pytest.mark.parametrize(("page", "target"), found(_MAKE))
def test_a_make_target_that_is_named_is_there(page: str, target: str) -> None:
    assert target in targets(), f"{page} says make {target}"


def leaf(words: list[str]) -> tuple[Any, list[str]]:
    """The command that words lead to, and the words after it."""
    command: Any = COMMAND
    while isinstance(command, TyperGroup) and words and words[0] in command.commands:
        command, words = command.commands[words[0]], words[1:]
    return command, words


@pytest.mark.parametrize(("page", "line"), found(_COMMAND))
def test_a_command_that_is_named_is_there_with_its_options(page: str, line: str) -> None:
    command, rest = leaf(line.split())
    options = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}

    assert not isinstance(command, TyperGroup), f"{page} says clearance {line}"
    assert {word.partition("=")[0] for word in rest if word.startswith("--")} - options - {"--help"} == set()


def routes() -> Iterator[re.Pattern[str]]:
    for _, path in ACCESS:
        yield re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)))


@pytest.mark.parametrize(("page", "route"), [each for each in found(_ROUTE) if each[1].startswith("/api/")])
def test_a_route_that_is_named_is_there(page: str, route: str) -> None:
    if "..." in route:
        return
    assert any(pattern.fullmatch(route) for pattern in routes()), f"{page} names {route}"


def test_the_readme_tells_the_steps_of_the_demo_in_order() -> None:
    told = re.findall(r"^\| \d+ \| `([a-z-]+)` \|", text(ROOT / "README.md"), re.MULTILINE)

    assert told == [step.name for step in STEPS]


def test_the_readme_names_every_command_of_make_that_people_start_with() -> None:
    told = re.findall(r"^\| `make ([a-z]+)` \|", text(ROOT / "README.md"), re.MULTILINE)

    assert set(told) <= targets()
    assert {"setup", "demo", "run", "test", "check", "bench", "faults", "package"} <= set(told)


@pytest.mark.parametrize("page", ["README.md", "docs/runbook.md", "docs/security.md", "docs/ARCHITECTURE.md"])
def test_prose_fits_a_screen(page: str) -> None:
    prose = re.sub(r"^(```.*?^```|\|.*?$)", "", text(ROOT / page), flags=re.MULTILINE | re.DOTALL)

    assert [line for line in prose.splitlines() if len(line) > 125] == []
