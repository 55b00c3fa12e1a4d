"""The short form of the hostile input, and that each of its judges can say no."""

import logging
import time

import pytest

from local.faults import hostile_input
from local.faults.hostile.answers import accepted
from local.faults.hostile.api import standing
from local.faults.hostile.pages import check_page
from local.faults.hostile.payloads import XSS
from local.faults.hostile.scores import Broken, Scores
from local.faults.hostile.secrets import BEARER, WHSEC, refuse_leaks, watching
from local.faults.hostile.site import Answered, Front, signing_in
from local.faults.options import Options
from shared.web.edge import SECURITY_HEADERS

HEADERS = tuple((name.lower(), value) for name, value in SECURITY_HEADERS.items())
JSON, HTML = ("content-type", "application/json"), ("content-type", "text/html; charset=utf-8")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_nothing_hostile_crashes_or_hangs_anything() -> None:
    said: list[str] = []

    figures = hostile_input.run(Options(seed=20_261_123, short=True, say=said.append))

    assert (figures["crashed"], figures["hung"]) == (0, 0), "\n".join(said)
    assert figures["cases"] > 1_000


def test_a_case_that_raises_is_crashed_and_one_without_end_is_hung() -> None:
    scores = Scores(limit=0.05)
    scores.case("here", "fine", lambda: True)
    scores.case("here", "refused", lambda: False)
    scores.case("here", "raises", lambda: bool(1 // 0))
    scores.case("here", "sleeps", _sleeps)
    scores.must("here", "ought to be refused", lambda: True, accepted=False)
    assert [scores.of(score) for score in ("accepted", "rejected", "crashed", "hung")] == [1, 1, 2, 1]
    assert len(scores.found) == 3
    assert "ZeroDivisionError" in scores.found[0]


def _sleeps() -> bool:
    time.sleep(0.3)
    return True


@pytest.mark.parametrize("text", XSS[:3] + XSS[6:9])
def test_a_page_that_prints_a_text_as_it_is_is_found(text: str) -> None:
    page = '<html><body><p title="{}">{}</p></body></html>'
    check_page(page.format("fine", "fine"))
    with pytest.raises(Broken):
        check_page(page.format(text, text))


def test_a_page_with_what_cannot_be_seen_is_found() -> None:
    with pytest.raises(Broken, match=r"U\+202E"):
        check_page("<p>safe\u202etxt.exe</p>")


@pytest.mark.parametrize(
    "answer",
    [
        Answered(200, (JSON,), b"{}"),
        Answered(200, (*HEADERS, JSON, ("location", "https://evil.test")), b"{}"),
        Answered(200, (*HEADERS, JSON), b"\xff"),
        Answered(200, (*HEADERS, JSON), b"NaN"),
        Answered(200, (*HEADERS, JSON), f'"{BEARER}"'.encode()),
        Answered(200, (*HEADERS, HTML), b"<script></script>"),
        Answered(404, (*HEADERS, JSON), b"{}"),
        Answered(500, (*HEADERS, ("content-type", "application/problem+json")), b'{"code":"unexpected","status":500}'),
    ],
)
def test_an_answer_that_breaks_a_promise_is_found(answer: Answered) -> None:
    with pytest.raises(Broken):
        accepted(answer)


def test_a_secret_is_found_plain_and_in_base64() -> None:
    refuse_leaks("it", "nothing")
    for text in (f"x{BEARER}y", WHSEC):
        with pytest.raises(Broken, match="it holds the secret"):
            refuse_leaks("it", text)


@pytest.mark.parametrize("said", [BEARER, "one\ntwo", "\x1b[31mred", "right\u202eleft"])
def test_a_log_record_that_says_too_much_or_more_than_a_line_is_found(said: str) -> None:
    with watching() as watch:
        logging.getLogger("clearance.web").warning("%s", said)
    assert len(watch.faults) == 1


def test_a_traceback_in_the_log_is_found() -> None:
    with watching() as watch:
        logging.getLogger("shared.web").error("broken", exc_info=ValueError("why"))
    assert watch.faults


def test_what_a_get_changes_is_seen() -> None:
    with signing_in() as sign_in:
        front = Front(sign_in)
        before = standing(front)
        front.asked()
        assert standing(front) != before
