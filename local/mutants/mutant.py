"""A copy of the project with one guard switched off by a change of its source, and nothing else."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_APP = ("function_app.py", "host.json", "functions", "shared", "policies")
_TESTS = ("tests", "local", "pyproject.toml", "docs", "requirements.txt", "local.settings.sample.json", "infra")
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "node_modules", "*.pyc")


class GuardMoved(Exception):
    """The text of a guard does not stand exactly once where the table says; the table must follow the code."""


@dataclass(frozen=True, slots=True)
class Guard:
    """One guard, how it is switched off, and the test that must then turn red.

    Attributes:
        name: as figures and documents call it.
        file: where it stands.
        old: the source of the guard, found exactly once in the file.
        new: what stands there instead.
        test: node id of the test that notices.
        others: more of them, any of which may notice.
    """

    name: str
    file: str
    old: str
    new: str
    test: str
    others: tuple[str, ...] = ()

    @property
    def tests(self) -> tuple[str, ...]:
        """The node ids of the tests that may notice."""
        return (self.test, *self.others)


def source_files(root: Path = ROOT) -> Iterator[Path]:
    """What `project_copy` copies, file by file, relative to the project."""
    for part in (*_APP, *_TESTS):
        for path in [root / part] if (root / part).is_file() else (root / part).rglob("*"):
            found = path.relative_to(root)
            if path.is_file() and not _LEFT_OUT("", list(found.parts)):
                yield found


def app_without(guard: Guard, folder: Path) -> Path:
    """Copy what is deployed into a folder, without the guard; gives the folder, for a Functions host to run.

    Raises:
        GuardMoved: the guard is not where the table says.
    """
    return _switched_off(guard, _copied(folder, _APP))


def project_copy(folder: Path) -> Path:
    """Copy what tests need into a folder, as it is; gives the folder, for pytest to run in."""
    copied = _copied(folder, (*_APP, *_TESTS))
    modules = Path("local", "azurite", "node_modules")
    (copied / modules).symlink_to(ROOT / modules)
    return copied


def project_without(guard: Guard, project: Path, folder: Path) -> Path:
    """Link a `project_copy`, compiled modules and all, into a folder that is not there yet, without the guard.

    Raises:
        GuardMoved: the guard is not where the table says.
    """
    shutil.copytree(project, folder, symlinks=True, copy_function=os.link)
    return _switched_off(guard, folder)


def _copied(folder: Path, parts: tuple[str, ...]) -> Path:
    for part in parts:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=_LEFT_OUT)
        else:
            shutil.copy(source, folder / part)
    return folder


def _switched_off(guard: Guard, folder: Path) -> Path:
    path = folder / guard.file
    text = path.read_text("utf-8")
    if text.count(guard.old) != 1:
        raise GuardMoved(f"{guard.name}: its text stands {text.count(guard.old)} times in {guard.file}, expected once.")
    path.unlink()  # it may be a link: the file that it shares its content with stays as it is
    path.write_text(text.replace(guard.old, guard.new), "utf-8")
    for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):  # as it was before the change
        compiled.unlink()
    return folder
