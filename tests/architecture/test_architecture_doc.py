"""docs/ARCHITECTURE.md: every concern has a file that is there, and every room of the tree is spoken of."""

import re

import pytest

from tests.architecture.project import ROOT, named, python_files

TEXT = (ROOT / "docs/ARCHITECTURE.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| ([^|`]+) \| (`[^|]+`) \|$", TEXT, re.MULTILINE)
FILES = [(concern.strip(), file) for concern, files in ROWS for file in re.findall(r"`([^`]+)`", files)]


@pytest.mark.parametrize(("concern", "file"), FILES)
def test_a_concern_names_a_file_that_is_there(concern: str, file: str) -> None:
    assert (ROOT / file).is_file(), f"{concern}: docs/ARCHITECTURE.md names {file}"


def test_each_concern_and_each_file_stands_there_once() -> None:
    concerns, files = [concern.strip() for concern, _ in ROWS], [file for _, file in FILES]

    assert len(concerns) == len(set(concerns)) > 50
    assert len(files) == len(set(files))


def test_every_room_of_the_tree_is_spoken_of() -> None:
    rooms = {"/".join(named(file).split("/")[:2]) for file in python_files("shared")}
    rooms = {room for room in rooms if (ROOT / room).is_dir()}

    assert rooms
    assert [room for room in sorted(rooms) if f"`{room}/`" not in TEXT] == []


def test_the_events_of_the_walk_through_exist() -> None:
    walk = TEXT.partition("## What one promotion does")[2]
    known = set(
        re.findall(r"^class (\w+):", (ROOT / "shared/domain/events.py").read_text(encoding="utf-8"), re.MULTILINE)
    )

    assert set(re.findall(r"`([A-Z]\w+)`", walk)) - known == set()
