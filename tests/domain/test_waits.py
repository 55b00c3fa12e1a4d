"""How long the loop waits after trouble: doubling, spread, bounded, and never shorter than it was told (R11)."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.domain.promotion_makers import HOUR, MINUTE, SECOND, WAITS

KEYS = st.text(min_size=1, max_size=20)
TRIES = st.integers(1, 200)


@given(KEYS, TRIES)
def test_the_pause_doubles_from_half_a_minute_to_half_an_hour_with_a_quarter_of_jitter(key: str, tries: int) -> None:
    doubled = min(30 * SECOND * float(2 ** min(tries - 1, 40)), 30 * MINUTE)

    assert 0.75 * doubled <= WAITS.backoff(key, tries) <= 1.25 * doubled


def test_the_same_case_waits_the_same_and_different_cases_spread() -> None:
    pauses = {WAITS.backoff(f"risk-dev:fraud-detector:{version}", 3) for version in range(100)}

    assert WAITS.backoff("risk-dev:fraud-detector:7", 3) == WAITS.backoff("risk-dev:fraud-detector:7", 3)
    assert len(pauses) > 50


@given(KEYS, TRIES, st.floats(0, 7200))
def test_retry_after_is_honoured(key: str, tries: int, seconds: float) -> None:
    assert WAITS.backoff(key, tries, seconds) >= timedelta(seconds=seconds)


def test_a_retry_after_shorter_than_the_pause_does_not_shorten_it() -> None:
    assert WAITS.backoff("a", 9, 1.0) == WAITS.backoff("a", 9) < HOUR
