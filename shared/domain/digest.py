"""The digest of an evaluation: SHA-256 over the RFC 8785 form of its digest document."""

import hashlib

import rfc8785

from shared.domain.difference import difference
from shared.domain.digest_document import digest_document
from shared.domain.evaluation import Evaluation

__all__ = ["difference", "digest_document", "digest_of"]


def digest_of(evaluation: Evaluation) -> str:
    """Return the digest, lower-case hex, 64 digits."""
    return hashlib.sha256(rfc8785.dumps(digest_document(evaluation))).hexdigest()
