"""The digest of an evaluation: SHA-256 over the RFC 8785 form of its digest document."""

from shared.domain.canonical import canonical_without_numbers, sha256_hex
from shared.domain.difference import difference
from shared.domain.digest_document import digest_document
from shared.domain.evaluation import Evaluation

__all__ = ["difference", "digest_document", "digest_of"]


def digest_of(evaluation: Evaluation) -> str:
    """Return the digest, lower-case hex, 64 digits."""
    return sha256_hex(canonical_without_numbers(digest_document(evaluation)))
