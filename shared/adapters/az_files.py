"""Role assignments and definitions from files as the Azure CLI prints them, with every fault of every file at once."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from shared.adapters.role_listing import read_assignments, read_definitions
from shared.domain.access_report import Access
from shared.domain.errors import DocumentInvalid
from shared.domain.strict_json import loads
from shared.domain.visible import visible

T = TypeVar("T")

LARGEST = 64 * 1024 * 1024
"""Bytes of one file: all built-in roles are 3 MB."""


def read_az_files(assignments: Sequence[Path], definitions: Sequence[Path]) -> Access:
    """Read files of `az role assignment list -o json` and `az role definition list -o json`.

    Raises:
        DocumentInvalid: with every fault.
    """
    faults: list[str] = []
    assigned = [each for path in assignments for each in _read(path, read_assignments, faults)]
    defined = [each for path in definitions for each in _read(path, read_definitions, faults)]
    if faults:
        raise DocumentInvalid("What the Azure CLI printed", faults)
    return Access(tuple(dict.fromkeys(assigned)), {each.id: each for each in defined})


def _read(path: Path, read: Callable[[str, Any], tuple[T, ...]], faults: list[str]) -> tuple[T, ...]:
    name = visible(path.name)
    try:
        content = path.read_bytes().removeprefix(b"\xef\xbb\xbf")  # PowerShell puts it there
        return read(name, loads(content, max_bytes=LARGEST, max_depth=32, what=name))
    except DocumentInvalid as invalid:
        faults += [fault if fault.startswith(name) else f"{name}: {fault}" for fault in invalid.faults]
        return ()
