"""Relay: what follows the history, from a position per sink, at least once (R5).

`tables` are the timeline, the catalog, the lines, the release of claims and who waits for which run; `topic` are the CloudEvents. A sink that
fails keeps its position and its own backoff and stops neither the other nor the loop.
"""

from collections.abc import Callable
from datetime import datetime

from shared.domain.errors import HistoryClash, PortError
from shared.domain.events import Recorded
from shared.domain.fold import fold
from shared.domain.looks import Attempts
from shared.domain.traces import Step
from shared.workflow.cloud_events import cloud_events
from shared.workflow.follow import cases_after, follow_claims, follow_lines, follow_runs
from shared.workflow.handling import Handling
from shared.workflow.mend import list_anew
from shared.workflow.summaries import is_open, summarise
from shared.workflow.timeline import timeline_entry
from shared.workflow.trouble import sink_failed

TABLES = "tables"
TOPIC = "topic"


def relay(handling: Handling) -> None:
    """Bring both sinks up to the last event, as far as they go."""
    with handling.outside.telemetry.step(Step.RELAY, handling.promotion):
        positions = _sent(handling, {TABLES: _to_tables, TOPIC: _to_topic})
        if positions != handling.history.relay:
            _save(handling, positions)


def announce(handling: Handling) -> None:
    """Publish what has happened so far; before an import, which may take minutes.

    The position is saved by the relay that ends the handling; a crash before that publishes again, by the same ids.
    """
    handling.published = _sent(handling, {TOPIC: _to_topic}).get(TOPIC, 0)


def next_relay(handling: Handling) -> datetime | None:
    """When a sink that is behind may be tried again; None where both are up to date."""
    now = handling.outside.clock.now()
    behind = [handling.looks.of_sink(sink) for sink in (TABLES, TOPIC) if _is_behind(handling, sink)]
    return min((attempts.next_try or now for attempts in behind), default=None)


def _is_behind(handling: Handling, sink: str) -> bool:
    return _position(handling, sink) < handling.history.sequence


def _position(handling: Handling, sink: str) -> int:
    """The last event that a sink has taken, as it was saved or as this handling knows better."""
    saved = handling.history.relay.get(sink, 0)
    return max(saved, handling.published) if sink == TOPIC else saved


def _sent(handling: Handling, sinks: dict[str, Callable[[Handling, int], None]]) -> dict[str, int]:
    """Send what is new to the sinks that are due; the positions of all sinks then."""
    positions = {sink: position for sink in (TABLES, TOPIC) if (position := _position(handling, sink))}
    for sink, send in sinks.items():
        if _is_behind(handling, sink) and handling.looks.of_sink(sink).due(handling.outside.clock.now()):
            try:
                send(handling, positions.get(sink, 0))
            except PortError as error:
                sink_failed(handling, sink, error)
            else:
                positions[sink] = handling.history.sequence
                handling.looks = handling.looks.with_sink(sink, Attempts())
    return positions


def _save(handling: Handling, positions: dict[str, int]) -> None:
    try:
        handling.history = handling.outside.histories.save_relay(handling.history, positions)
    except HistoryClash:
        handling.reload()  # another relay moved them; what it left is written again from the newest state
        if handling.history.sequence:
            list_anew(handling.outside, handling.case)


def _to_tables(handling: Handling, position: int) -> None:
    rows = handling.history.rows
    follow_lines(handling, position)
    follow_claims(handling, position)
    follow_runs(handling, position)
    entries = tuple(timeline_entry(handling.promotion, row) for row in rows[position:])
    handling.outside.read_models.apply(entries, summarise(handling.case), _was_open(handling, position))


def _was_open(handling: Handling, position: int) -> bool | None:
    """Whether the catalog may hold the promotion under the other heading, as it was at `position` or any time since.

    A relay that was killed after it wrote left what was true then, and its position does not say so.
    """
    cases = [case for case, _ in cases_after(handling, position)]
    before = [fold(handling.promotion, handling.history.rows[:position]), *cases] if position else cases
    now = is_open(handling.case)
    moved = any(is_open(case) is not now for case in before)
    return (not now) if moved else (now if position else None)


def _to_topic(handling: Handling, position: int) -> None:
    rows: tuple[Recorded, ...] = handling.history.rows
    published = cloud_events(handling.promotion, rows, position, handling.outside.base_url)
    if published:
        handling.outside.publisher.publish(published)
