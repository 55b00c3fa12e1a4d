"""Recorded evaluations judged by the policies of a folder: read one at a time, from an export or from the API's rows."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from shared.adapters.event_codec import CODEC
from shared.adapters.policy_files import load_policies
from shared.domain.backtest import Backtest
from shared.domain.events import EvaluationCompleted
from shared.domain.exported_history import whole_histories
from shared.domain.instants import parse_instant
from shared.domain.replay import Replay, replay

_TYPE = EvaluationCompleted.__name__
Found = tuple[datetime, EvaluationCompleted]


def backtest(folder: Path, found: Iterable[Found | Replay], most: int) -> Backtest:
    """Judge recorded evaluations by the policies of `folder`; what is a replay already says that nobody can.

    Raises:
        DocumentInvalid: the policies have faults, all of them listed; or what is read is none of ours.
    """
    policies = load_policies(folder)
    told = (each if isinstance(each, Replay) else replay(policies, each[1], each[0]) for each in found)
    return Backtest(most).add(told)


def from_export(lines: Iterable[str], since: datetime, until: datetime | None) -> Iterator[Found | Replay]:
    """The evaluations of an export that were recorded from `since` on and before `until`.

    Raises:
        DocumentInvalid: a line is none of ours, or is not as it was written; or lines are missing.
    """
    for row in (row for history in whole_histories(lines) for row in history.rows):
        at = parse_instant(row.at)
        if row.type != _TYPE or at < since or (until is not None and at >= until):
            continue
        if row.body is None:
            promotion = row.history.removeprefix("promotion:")
            yield Replay(promotion, 0, at, "unknown", "undecidable", why="Its body is not in the export.")
        else:
            yield at, _decoded(row.schema, row.body)


def from_api(at: str, data: Any) -> Found:
    """The evaluation of a row as the API answers with it, which is always at the newest version.

    Raises:
        DocumentInvalid: it is none of ours.
    """
    return parse_instant(at), _decoded(CODEC.newest(_TYPE), data)


def _decoded(schema: int, body: Any) -> EvaluationCompleted:
    event = CODEC.decode(_TYPE, schema, body)
    assert isinstance(event, EvaluationCompleted)
    return event
