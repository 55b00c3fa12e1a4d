"""The zip that is deployed, built byte for byte the same from the same files.

The package holds what `PACKAGED` names, less what `.funcignore` leaves out, in sorted order, with one fixed time and
one fixed mode for every file, so that its SHA-256 can be compared between two machines. Dependencies are not inside:
the platform installs them from the hashed requirements.txt.
"""

import hashlib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pathspec

PACKAGED = ("function_app.py", "host.json", "requirements.txt", "functions", "shared", "policies")
# The first instant that a zip can hold; a real time would make every build differ.
FIXED_TIME = (1980, 1, 1, 0, 0, 0)
REGULAR_FILE_0644 = 0o100644 << 16


class PackageIncomplete(Exception):
    """Something that must be deployed is not in the project folder; the text names every missing part."""


def packaged_files(project: Path) -> list[Path]:
    """List the files to deploy, relative to `project`, sorted by their path with `/`.

    Raises:
        PackageIncomplete: a part of `PACKAGED` is missing, or `.funcignore` leaves nothing of it.
    """
    ignored = _ignored_by(project / ".funcignore")
    files: list[Path] = []
    empty: list[str] = []
    for part in PACKAGED:
        found = [file for file in _files_under(project / part, project) if not ignored.match_file(file.as_posix())]
        files += found
        if not found:
            empty.append(part)
    if empty:
        message = f"Nothing to deploy from: {', '.join(empty)}. Run this in the project folder and check .funcignore."
        raise PackageIncomplete(message)
    return sorted(files, key=Path.as_posix)


def build_package(project: Path, destination: Path) -> str:
    """Write the zip to `destination` and return its SHA-256 in hexadecimal.

    Raises:
        PackageIncomplete: as `packaged_files`.
    """
    files = packaged_files(project)
    destination.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(destination, "w") as package:
        for file in files:
            entry = zipfile.ZipInfo(file.as_posix(), FIXED_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = REGULAR_FILE_0644
            entry.create_system = 3  # Unix, whichever machine builds
            package.writestr(entry, (project / file).read_bytes(), compresslevel=9)
    return hashlib.sha256(destination.read_bytes()).hexdigest()


def _files_under(part: Path, project: Path) -> Iterator[Path]:
    candidates = [part] if part.is_file() else part.rglob("*")
    return (file.relative_to(project) for file in candidates if file.is_file())


def _ignored_by(funcignore: Path) -> pathspec.GitIgnoreSpec:
    lines = funcignore.read_text(encoding="utf-8").splitlines() if funcignore.is_file() else []
    return pathspec.GitIgnoreSpec.from_lines(lines)
