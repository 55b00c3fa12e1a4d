"""What a run was made of: workers and mutants read the sources while it goes on, and nobody may change them meanwhile."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from local.mutants.mutant import ROOT, source_files

Sources = Mapping[str, str]
"""Each file to the SHA-256 of its content."""


def read_sources(root: Path = ROOT) -> Sources:
    """As they stand now."""
    return {str(path): sha256((root / path).read_bytes()).hexdigest() for path in source_files(root)}


def checksum(sources: Sources) -> str:
    """One for all."""
    return sha256("".join(f"{name} {digest}\n" for name, digest in sorted(sources.items())).encode()).hexdigest()


def changed(before: Sources, after: Sources) -> list[str]:
    """The files that are not what they were, by name."""
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
