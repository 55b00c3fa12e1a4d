"""Bytes of blobs, kept as files named by their SHA-256."""

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path

from local.azure_ml.state import Blob
from local.azure_ml.timestamps import http_time


@dataclass(frozen=True, slots=True)
class BlobFiles:
    """A folder of contents. The same bytes are stored once, so a server-side copy costs nothing."""

    folder: Path

    def put(self, content: bytes, content_type: str = "application/octet-stream", *, with_md5: bool = True) -> Blob:
        """Store bytes and return their record.

        Put Blob stores an MD5 of its own; Put Block List does not (learn.microsoft.com, Put Blob, Put Block List), hence
        ``with_md5``.
        """
        digest = hashlib.sha256(content).hexdigest()
        path = self.folder / digest
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            partial = path.with_suffix(".partial")
            partial.write_bytes(content)
            partial.replace(path)
        md5 = content_md5(content) if with_md5 else None
        return Blob(digest, len(content), md5, http_time(), content_type)

    def read(self, blob: Blob) -> bytes:
        """Return the bytes of a blob."""
        return (self.folder / blob.sha256).read_bytes()


def content_md5(content: bytes) -> str:
    """Return the MD5 of bytes in base64, the form of the Content-MD5 header."""
    return base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()
