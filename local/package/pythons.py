"""The Pythons of this machine that the package is checked on."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

VERSIONS = ("3.11", "3.12", "3.13")
"""What pyproject.toml and requirements.txt are for."""

_ASK = "import sys; print('.'.join(map(str, sys.version_info[:3])))"


@dataclass(frozen=True, slots=True)
class Python:
    """An interpreter, and its whole version, such as 3.13.0."""

    executable: Path
    version: str

    @property
    def minor(self) -> str:
        """Such as 3.13."""
        return self.version.rpartition(".")[0]


def find_python(minor: str) -> Python | None:
    """The first interpreter of a version, such as 3.13: this one, on PATH, of pyenv, of uv; None if there is none."""
    for executable in _candidates(minor):
        version = _version_of(executable)
        if version is not None and version.rpartition(".")[0] == minor:
            return Python(executable, version)
    return None


def _candidates(minor: str) -> Iterator[Path]:
    if "{}.{}".format(*sys.version_info[:2]) == minor:
        yield Path(sys.executable)
    home = Path.home()
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    for manager in (Path(os.environ.get("PYENV_ROOT", home / ".pyenv")) / "versions", home / ".local/share/uv/python"):
        folders += [each / "bin" for each in sorted(manager.glob(f"*{minor}*"), reverse=True)]
    for folder in folders:
        executable = folder / f"python{minor}"
        if os.access(executable, os.X_OK):
            yield executable


def _version_of(executable: Path) -> str | None:
    """What it says of itself; None where it does not run, as the shims of pyenv do not for versions not chosen."""
    try:
        asked = subprocess.run([executable, "-Es", "-c", _ASK], capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return asked.stdout.strip() if asked.returncode == 0 else None
