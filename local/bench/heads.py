"""What one history takes of the nightly checkpoint: bytes of its document, memory and CPU of the process that writes it."""

import json
import time
import tracemalloc
from datetime import UTC, datetime

from local.sheets.footprint import NightlyHead
from shared.adapters.history_entities import head_entity, head_of
from shared.domain.chain import Tip
from shared.domain.merkle import make_checkpoint
from shared.ports import Head
from shared.version import __version__

_AT = datetime(2026, 3, 1, 2, tzinfo=UTC)
_SNAPSHOT = {"status": "promoted", "open": False, "round": 1, "created_at": "2026-02-28T09:14:00.123456Z"}


def measure(histories: int = 2000) -> NightlyHead:
    """Of `histories` histories and of twice as many: what the second half of these took, each."""
    (small, less, _), (large, more, cpu) = _written(histories), _written(2 * histories)
    return NightlyHead(
        round((large - small) / histories), round((more - less) / histories), round(1e6 * cpu / (2 * histories))
    )


def _written(histories: int) -> tuple[int, int, float]:
    """Bytes of the document, most bytes held, seconds of CPU."""
    rows = [json.dumps(_head(number)) for number in range(histories)]
    tracemalloc.start()
    heads = _read(rows)  # the run holds them to its end, to compare them with the lists
    document = make_checkpoint(_AT, __version__, _tips(heads))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    began = time.process_time()
    make_checkpoint(_AT, __version__, _tips(_read(rows)))
    return len(document), peak, time.process_time() - began


def _head(number: int) -> dict[str, object]:
    tip = Tip(f"promotion:risk-dev:fraud-{number:06d}:1", 14, f"{number:064x}")
    return head_entity(tip, _SNAPSHOT)


def _read(rows: list[str]) -> tuple[Head, ...]:
    """As a page of the table gives them: no two share a text."""
    return tuple(head_of(json.loads(row)) for row in rows)


def _tips(heads: tuple[Head, ...]) -> list[Tip]:
    return [Tip(head.id.partition, head.sequence, head.hash) for head in heads]
