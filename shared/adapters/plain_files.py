"""Files that people write: read only where they are files, and shown by the path that leads to them from here."""

import os
from pathlib import Path

from shared.domain.errors import DocumentInvalid
from shared.domain.faults import Fault
from shared.domain.visible import visible

_LONGEST_PATH = 1_000


def shown(file: Path) -> str:
    """A path as it is found from the working folder; one elsewhere as it was given."""
    path, here = Path(os.path.normpath(file.absolute())), Path.cwd()
    return visible(str(path.relative_to(here) if path.is_relative_to(here) else file), _LONGEST_PATH)


def file_fault(file: Path, fault: str, fix: str) -> Fault:
    """A fault of a file as a whole."""
    return Fault(f"{shown(file)}: {fault}: {fix}.", file=shown(file), fault=fault, fix=fix)


def irregular(path: Path) -> Fault | None:
    """Why what stands at `path` is no file to be read; None where it is one, and where there is nothing."""
    if path.is_file() or not os.path.lexists(path):
        return None
    if path.is_symlink() and not path.exists():
        return file_fault(path, "The link leads nowhere", "mend it, or remove it")
    kind = "a folder" if path.is_dir() else "no file, but a pipe, a socket or a device"
    return file_fault(path, f"This is {kind}", "put a file in its place, or remove it")


def bytes_of(path: Path, largest: int) -> bytes:
    """The content of a file, but never more than one byte above `largest`, which its reader then refuses.

    Raises:
        DocumentInvalid: it is no file, or may not be read.
        FileNotFoundError: there is nothing.
    """
    fault = irregular(path)
    try:
        if fault is None:
            with path.open("rb") as file:
                return file.read(largest + 1)
    except FileNotFoundError:
        raise
    except OSError as error:
        fault = file_fault(path, f"It cannot be read ({error.strerror})", "let whoever runs this read it")
    raise DocumentInvalid(shown(path), [fault])
