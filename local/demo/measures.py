"""What a whole demo cost: requests that Azure ML and storage got, and the peak memory of each process."""

import re
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from local.platform import Platform

# Azurite's access log: 127.0.0.1 - - [date] "POST /devstoreaccount1/$batch HTTP/1.1" 202 -
_REQUEST = re.compile(r'"(GET|PUT|POST|DELETE|MERGE|PATCH|HEAD) /devstoreaccount1/?([^ "?]*)([^ "]*) HTTP')
_IDLE = "numofmessages="


class Measures:
    """Counts for the length of a `with` block."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        return None

    def round_trips(self) -> dict[str, Any]:
        """Requests of the whole demo by service; polls of the queues are counted apart."""
        azure_ml = Counter(str(call["operation"]) for call in self._platform.emulator.calls())
        return {"azure_ml": dict(sorted(azure_ml.items())), **self._storage()}

    def peak_rss_mb(self) -> dict[str, int]:
        """Peak resident memory of each process by its name, in MiB (`VmHWM` of Linux; empty elsewhere)."""
        return {name: peak for name, pid in self._platform.processes().items() if (peak := _peak(pid)) is not None}

    def _storage(self) -> dict[str, int]:
        log = self._platform.folder / "logs" / "azurite.log"
        counted: Counter[str] = Counter({"table": 0, "queue": 0, "queue_polls": 0, "blob": 0})
        for request in _REQUEST.finditer(log.read_text("utf-8", "replace")):
            counted[_service(request[1], request[2], request[3])] += 1
        return dict(counted)


def _service(method: str, path: str, query: str) -> str:
    if path.startswith(("$batch", "Tables")) or "(" in path:
        return "table"
    if path.endswith("/messages") and method == "GET" and _IDLE in query:
        return "queue_polls"
    if "/messages" in path:
        return "queue"
    return "table" if method == "POST" else "blob"


def _peak(pid: int) -> int | None:
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii")
    except OSError:
        return None
    peak = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(peak[1]) // 1024 if peak else None
