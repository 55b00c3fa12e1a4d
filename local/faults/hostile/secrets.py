"""Secrets that are planted in what comes in, and looked for in whatever goes out."""

import base64
import logging
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from local.faults.hostile.scores import Broken

PLANTED = (
    "canary-bearer-7f3a91c2d4e5",
    "canary-cookie-1b2c3d4e5f60",
    "canary-sas-9d8c7b6a5f4e",
    "canary-account-key-5e4d3c2b1a09",
    "canary-webhook-key-0011223344556677",
    "canary-principal-aabbccddeeff",
)
BEARER, COOKIE, SAS, ACCOUNT_KEY, WEBHOOK_KEY, PRINCIPAL = PLANTED
CONNECTION = f"DefaultEndpointsProtocol=https;AccountName=x;AccountKey={ACCOUNT_KEY};EndpointSuffix=core.windows.net"
SAS_URL = f"https://x.blob.core.windows.net/c?sv=2024&sig={SAS}"
WHSEC = "whsec_" + base64.b64encode(WEBHOOK_KEY.encode()).decode()
_FORMS = tuple(dict.fromkeys([*PLANTED, *(base64.b64encode(each.encode()).decode().rstrip("=") for each in PLANTED)]))


def refuse_leaks(where: str, *texts: str, more: Iterable[str] = ()) -> None:
    """Raise `Broken` if a planted secret, plain or in base64, stands in one of the texts."""
    for text in texts:
        leaked = next((secret for secret in (*_FORMS, *more) if secret in text), None)
        if leaked:
            raise Broken(f"{where} holds the secret {leaked[:24]}")


class Watch(logging.Handler):
    """Reads every log record as it is made. `faults` are broken promises; `words` are more that no record may hold."""

    def __init__(self) -> None:
        super().__init__()
        self.words: set[str] = set()
        self.faults: list[str] = []
        self.records = 0
        self._reading = threading.Lock()

    def emit(self, record: logging.LogRecord) -> None:
        """Judge one record."""
        with self._reading:
            self.records += 1
            self.faults += _faults_of(record, self.words)


def _faults_of(record: logging.LogRecord, words: Iterable[str]) -> Iterator[str]:
    said = record.getMessage()
    whole = logging.Formatter().format(record)
    if any(secret in whole for secret in (*_FORMS, *words)):
        yield f"a record of {record.name} holds a planted secret"
    if record.exc_info:
        yield f"{record.name} logged a traceback: {str(record.exc_info[1])[:200]!r}"
    ours = record.name.startswith(("clearance", "shared", "functions"))
    if ours and not said.isprintable():
        yield f"a record of {record.name} is more than one line, or holds what cannot be seen: {said[:80]!r}"


@contextmanager
def watching() -> Iterator[Watch]:
    """Read every record that is logged within the block, down to INFO."""
    watch, root = Watch(), logging.getLogger()
    before, level = root.handlers[:], root.level
    root.handlers = [watch]
    root.setLevel(logging.INFO)
    try:
        yield watch
    finally:
        root.handlers, root.level = before, level
