"""Names in the evidence store and of checkpoints, and what is said when one does not hold what it should."""

import re

from shared.domain.errors import DocumentInvalid

_CHECKPOINT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,199}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


def checked_digest(digest: str) -> str:
    """Return a digest that is one, so that no other text becomes a path.

    Raises:
        DocumentInvalid: it is not 64 lower-case hex digits.
    """
    if not _DIGEST.fullmatch(digest):
        raise DocumentInvalid("The evidence", [f"{digest[:80]!r} is no SHA-256: expected 64 lower-case hex digits."])
    return digest


def checked_name(name: str) -> str:
    """Return a checkpoint's name that fits its grammar.

    Raises:
        DocumentInvalid: it does not.
    """
    if not _CHECKPOINT.fullmatch(name):
        raise DocumentInvalid("The checkpoint", [f"{name[:80]!r} is no name for one: expected {_CHECKPOINT.pattern}."])
    return name


def gone(digest: str) -> DocumentInvalid:
    """What to raise for content that is not there."""
    sentence = "It is not in the evidence store: it was removed, or the store is another one."
    return DocumentInvalid(f"The evidence {digest}", [sentence])


def bad_content(digest: str) -> DocumentInvalid:
    """What to raise for content that does not hash to its name."""
    return DocumentInvalid(f"The evidence {digest}", ["What is kept under it hashes otherwise: it was edited."])


def written_already(name: str) -> DocumentInvalid:
    """What to raise for a second, other checkpoint of one name."""
    return DocumentInvalid(f"The checkpoint {name}", ["Another document stands under this name: it is written once."])
