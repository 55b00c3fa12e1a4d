"""Large evidence and checkpoints in memory."""

from shared.adapters.evidence_names import bad_content, checked_name, gone, written_already
from shared.adapters.memory.outage import Outage
from shared.domain.canonical import sha256_hex


class InMemoryEvidence(Outage):
    """The port `EvidenceStore`. `contents` may be tampered with, to see that it is found."""

    def __init__(self) -> None:
        super().__init__()
        self.contents: dict[str, bytes] = {}

    def put(self, content: bytes) -> str:
        """Keep content; returns its digest."""
        digest = sha256_hex(content)
        with self._lock:
            self._ask()
            self.contents.setdefault(digest, content)
        return digest

    def get(self, digest: str) -> bytes:
        """Read content and check it against its digest."""
        with self._lock:
            self._ask()
            content = self.contents.get(digest)
        if content is None:
            raise gone(digest)
        if sha256_hex(content) != digest:
            raise bad_content(digest)
        return content


class InMemoryCheckpoints(Outage):
    """The port `Checkpoints`; `documents` shows them by name."""

    def __init__(self) -> None:
        super().__init__()
        self.documents: dict[str, bytes] = {}

    def write(self, name: str, document: bytes) -> None:
        """Keep one; a name is written once, the same document under it again changes nothing."""
        checked_name(name)
        with self._lock:
            self._ask()
            if self.documents.setdefault(name, document) != document:
                raise written_already(name)

    def newest(self) -> str | None:
        """The name of the newest."""
        with self._lock:
            self._ask()
            return max(self.documents, default=None)

    def latest(self) -> bytes | None:
        """The newest itself."""
        name = self.newest()
        return self.documents[name] if name else None

    def ping(self) -> None:
        """Answer, unless told to be unreachable."""
        with self._lock:
            self._ask()
