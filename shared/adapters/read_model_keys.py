"""Row keys that order lists newest first: Table Storage orders by key alone, ascending."""

import re
from datetime import UTC, datetime, timedelta

from shared.ports import Summary, TimelineEntry

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_MICROSECOND = 253_402_300_799_999_999  # the end of the year 9999
_LAST_SEQUENCE = 9_999_999_999
_KEY = re.compile(r"[0-9]{18}[:;][A-Za-z0-9_.:-]{0,512}")


def newest_first(at: datetime) -> str:
    """18 digits that are smaller the later the instant is. Microseconds are kept."""
    return f"{_LAST_MICROSECOND - (at - _EPOCH) // timedelta(microseconds=1):018d}"


def instant_of(key: str) -> datetime:
    """The instant that a key made here begins with."""
    return _EPOCH + timedelta(microseconds=_LAST_MICROSECOND - int(key[:18]))


def is_key(text: str) -> bool:
    """Whether a text that came from outside may be the beginning of a key made here."""
    return bool(_KEY.fullmatch(text)) and int(text[:18]) <= _LAST_MICROSECOND


def timeline_key(entry: TimelineEntry) -> str:
    """The place of an event in the timeline: newest first; of one append, the last event first."""
    return f"{newest_first(entry.at)}:{entry.history.replace('/', ':')}:{_LAST_SEQUENCE - entry.sequence:010d}"


def catalog_key(summary: Summary) -> str:
    """The place of a promotion in the catalog: newest registration first."""
    return f"{newest_first(summary.first_at)}:{summary.promotion}"


def month_of(at: datetime) -> str:
    """The month of an instant in UTC: `yyyymm`."""
    return at.astimezone(UTC).strftime("%Y%m").zfill(6)
