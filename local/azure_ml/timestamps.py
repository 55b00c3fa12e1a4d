"""Instants as Azure writes them: seven fractional digits."""

import time
from datetime import UTC, datetime
from email.utils import format_datetime

TICKS_PER_SECOND = 10_000_000


def wire_time(offset_seconds: float = 0.0) -> str:
    """Return now (plus an offset in seconds) as ``2026-01-31T12:00:00.1234567+00:00``, the form of ``systemData``."""
    ticks = time.time_ns() // 100 + int(offset_seconds * TICKS_PER_SECOND)
    whole, fraction = divmod(ticks, TICKS_PER_SECOND)
    return f"{datetime.fromtimestamp(whole, UTC):%Y-%m-%dT%H:%M:%S}.{fraction:07d}+00:00"


def event_time(wire: str) -> str:
    """Turn the form of ``systemData`` into the form of ``eventTime``, which ends in ``Z``."""
    return wire.removesuffix("+00:00").removesuffix("Z") + "Z"


def sas_time(offset_seconds: float = 0.0) -> str:
    """Return now plus an offset in seconds in the form of a SAS expiry, ``2026-01-31T12:00:00Z``."""
    return f"{datetime.fromtimestamp(time.time() + offset_seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


def http_time() -> str:
    """Return now as an HTTP date, the form of ``Last-Modified``."""
    return format_datetime(datetime.now(UTC), usegmt=True)


def epoch_milliseconds() -> int:
    """Return now in milliseconds since 1970, the form of MLflow timestamps."""
    return time.time_ns() // 1_000_000
