"""Look at a version: read it whole, judge it, record what follows (R3, R14, R17)."""

from dataclasses import replace
from datetime import datetime

from shared.domain.commands import RecordSourceGone
from shared.domain.errors import HistoryClash, PortError
from shared.domain.looks import Attempts
from shared.workflow.examine import examine
from shared.workflow.handling import Handling
from shared.workflow.set_aside import set_aside
from shared.workflow.trouble import source_failed


def look(handling: Handling) -> bool:
    """One full read; whether something was appended."""
    began = handling.outside.clock.now()
    try:
        examined = examine(handling.outside, handling.case)
    except PortError as error:
        return source_failed(handling, error)
    try:
        if examined is None:
            return _gone(handling, began)
        appended = handling.record_reading(examined.command)
    except HistoryClash:
        return True  # somebody appended meanwhile: the next look reads under what stands there now
    _looked(handling, began)
    return appended


def _looked(handling: Handling, began: datetime) -> None:
    asked = handling.looks.asked  # as it stood before the read: whoever has asked since is still to be answered
    handling.looks = replace(handling.looks, looked=began, answered=asked, missing_since=None, source=Attempts())


def _gone(handling: Handling, began: datetime) -> bool:
    """With a history: withdrawn. Without: looked for again for a while, since listings lag, then quarantined."""
    if handling.history.sequence:
        appended = handling.record_reading(RecordSourceGone())
        _looked(handling, began)
        return appended
    missing_since = handling.looks.missing_since or began
    if began - missing_since < handling.outside.waits.missing_grace:
        again = Attempts(handling.looks.source.count + 1, began + handling.outside.waits.relook, "not_found")
        handling.looks = replace(handling.looks, missing_since=missing_since, source=again)
        return False
    reason = f"{handling.promotion} was announced, but its workspace has had no such version since {missing_since}."
    body = str(handling.promotion).encode()
    set_aside(handling.outside, "promotions", reason, body)
    _looked(handling, began)
    return False
