"""Files of evaluation results, read strictly: what `mlflow.evaluate` saves, or our own format.

`mlflow_evaluate`: `metrics.json` as `mlflow.models.EvaluationResult.save` writes it, one object of metric to number
(mlflow 3.17, mlflow/models/evaluation/base.py). It names no data set and no time.

`clearance`: `{"producer": text, "created_at": RFC 3339 with offset, "dataset": text, "metrics": {name: number}}`;
`dataset` may be left out.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from shared.domain.errors import DocumentInvalid
from shared.domain.evidence import Results, RunFile, Source
from shared.domain.strict_json import loads

LARGEST_FILE = 1_048_576
"""Bytes of one file of a run that are read; of a larger one none are."""

DEEPEST = 16
_KEYS = ("producer", "created_at", "dataset", "metrics")
_LONGEST_TEXT = 256


def read_results(file: RunFile, form: str) -> Results:
    """What the file says. It never raises: what cannot be used is the `fault` of what it returns."""
    source = source_of("results", file)
    try:
        value = json_of(file)
        return _mlflow(source, value) if form == "mlflow_evaluate" else _clearance(source, value)
    except DocumentInvalid as invalid:
        return Results(source, fault=" ".join(invalid.faults))


def source_of(kind: str, file: RunFile) -> Source:
    """Where a file comes from, with the digest of its bytes."""
    sha256 = None if file.content is None else hashlib.sha256(file.content).hexdigest()
    return Source(kind, file.run, path=file.path, sha256=sha256)


def json_of(file: RunFile) -> Any:
    """The file as JSON.

    Raises:
        DocumentInvalid: with every fault; also where the file is too large to be read.
    """
    if file.content is None:
        raise DocumentInvalid(file.path, [f"It has {file.size} bytes; at most {LARGEST_FILE} are read."])
    return loads(file.content, max_bytes=LARGEST_FILE, max_depth=DEEPEST, what=file.path, exact=True)


def instant_fault(value: Any) -> str:
    """What is wrong with an instant from outside; empty where it is one with an offset, as RFC 3339 writes it."""
    return "" if instant(value) else "is no time with an offset: write 2026-03-01T12:00:00Z"


def instant(value: Any) -> datetime | None:
    """An instant from outside in UTC, None where it is none, or has no offset so that nobody knows which it is."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
        return found.astimezone(UTC) if found and found.tzinfo else None
    except (ValueError, OverflowError):
        return None


def text_fault(value: Any) -> str:
    """What is wrong with a text from outside; empty where it is one of 1 to 256 characters."""
    fits = isinstance(value, str) and 0 < len(value) <= _LONGEST_TEXT
    return "" if fits else f"is no text of 1 to {_LONGEST_TEXT} characters"


def _mlflow(source: Source, value: Any) -> Results:
    if not isinstance(value, dict):
        raise DocumentInvalid("results", ["It is no object of metrics: save it with EvaluationResult.save."])
    return Results(source, metrics=_metrics(value))


def _clearance(source: Source, value: Any) -> Results:
    faults = list(_clearance_faults(value))
    if faults:
        raise DocumentInvalid("results", faults)
    return Results(
        source=replace(source, producer=value["producer"], at=instant(value["created_at"])),
        metrics=_metrics(value["metrics"]),
        dataset=value.get("dataset"),
    )


def _clearance_faults(value: Any) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"It is no object with {', '.join(_KEYS)}."
        return
    yield from (f"The key {key[:40]!a} is not known: leave it out." for key in value if key not in _KEYS)
    if fault := text_fault(value.get("producer")):
        yield f"producer {fault}."
    if fault := instant_fault(value.get("created_at")):
        yield f"created_at {fault}."
    if "dataset" in value and (fault := text_fault(value["dataset"])):
        yield f"dataset {fault}."
    if not isinstance(value.get("metrics"), dict):
        yield "metrics is no object of metric to number."


def _metrics(found: Mapping[str, Any]) -> dict[str, str]:
    return {name: _number_text(value) for name, value in found.items()}


def _number_text(value: Any) -> str:
    """A number keeps its digits. Anything else stays what it is, in JSON, so that no gate takes "0.9" for a number."""
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return str(value) if is_number else json.dumps(value, default=str)[:_LONGEST_TEXT]
