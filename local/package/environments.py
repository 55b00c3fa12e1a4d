"""Environments that hold the packages of one lock and nothing else, made once and kept under build/."""

import fcntl
import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from local.package.pythons import Python

WORKER_LOCK = Path(__file__).parent / "worker.txt"
"""azure-functions-runtime, which is no part of the package: pinned and hashed, installed beside it."""

_READY = ".ready"


class NotInstalled(Exception):
    """A lock cannot be installed; the text ends with what the installer said."""


@dataclass(frozen=True, slots=True)
class Environments:
    """A folder of environments. One that was not finished is made anew; a new one takes the place of older ones.

    Attributes:
        folder: where they are kept; made if absent.
        say: told what is done next.
    """

    folder: Path
    say: Callable[[str], None]

    def of(self, lock: Path, python: Python) -> Path:
        """A virtual environment of `python` that holds what `lock` pins, and nothing else.

        Raises:
            NotInstalled: a pin lacks a hash, a requirement its pin, or a package cannot be had.
        """

        def make(where: Path) -> None:
            _uv("venv", "--python", python.executable, where)
            _uv("pip", "install", "--python", where, "--require-hashes", "-r", lock)

        return self._made("environment", lock, python, make)

    def library(self, lock: Path, python: Python) -> Path:
        """A folder of what `lock` pins, without what that asks for, to be put on the path behind an environment.

        Raises:
            NotInstalled: as `of`.
        """

        def make(where: Path) -> None:
            asked = ("--python", python.executable, "--target", where, "--no-deps", "--require-hashes", "-r", lock)
            _uv("pip", "install", *asked)

        return self._made("library", lock, python, make)

    def _made(self, kind: str, lock: Path, python: Python, make: Callable[[Path], None]) -> Path:
        of_this_kind = f"{kind}-{lock.stem}-{python.version}-"
        made_of = lock.read_bytes() + str(python.executable).encode()
        where = self.folder / (of_this_kind + hashlib.sha256(made_of).hexdigest()[:12])
        with self._alone():
            if not (where / _READY).exists():
                self.say(f"Python {python.version}: installing {lock.name}, nothing else (once)")
                shutil.rmtree(where, ignore_errors=True)
                self._make(make, where, lock)
                for old in {*self.folder.glob(f"{of_this_kind}*")} - {where}:
                    shutil.rmtree(old)
        return where

    def _make(self, make: Callable[[Path], None], where: Path, lock: Path) -> None:
        try:
            make(where)
        except subprocess.CalledProcessError as error:
            said = " ".join(str(error.stderr).split())
            raise NotInstalled(f"{lock.name} cannot be installed alone: {said}") from error
        (where / _READY).touch()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Within the block no other process makes one."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def python_in(environment: Path) -> Path:
    """Its interpreter."""
    return environment / "bin" / "python"


def installed_bytes(environment: Path) -> int:
    """What its packages take, without the bytecode that Python makes of them."""
    [packages] = environment.glob("lib/python*/site-packages")
    return sum(
        file.stat().st_size for file in packages.rglob("*") if file.is_file() and file.parent.name != "__pycache__"
    )


def _uv(*arguments: str | Path) -> None:
    command = [sys.executable, "-m", "uv", "--quiet", "--no-progress", *map(str, arguments)]
    subprocess.run(command, capture_output=True, text=True, check=True)
