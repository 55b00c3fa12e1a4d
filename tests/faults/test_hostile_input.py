"""The short form of the hostile input, and that each of its judges can say no."""

import logging
import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import pytest
from fastapi import FastAPI, Header, HTTPException, Request
from pydantic import BaseModel
from starlette.responses import JSONResponse

from local.faults import hostile_input
from local.faults.hostile import openapi_phases, planted
from local.faults.hostile.answers import accepted
from local.faults.hostile.api import standing
from local.faults.hostile.corpora import Corpora
from local.faults.hostile.pages import check_page
from local.faults.hostile.payloads import XSS
from local.faults.hostile.planted import Plant
from local.faults.hostile.scores import Broken, Scores
from local.faults.hostile.secrets import BEARER, WHSEC, refuse_leaks, watching
from local.faults.hostile.site import Answered, Front, signing_in
from local.faults.hostile.wire_answers import check_form
from local.faults.options import Options
from shared.domain.evidence import Run
from shared.domain.traces import Step
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


def careless() -> FastAPI:
    """An app that breaks what each check of the two phases is about."""
    app = FastAPI(openapi_url="/api/openapi.json")
    things: set[str] = set()

    @app.post("/api/things", status_code=201, openapi_extra={"security": []})
    def make() -> Thing:
        made = Thing(id=f"t{len(things)}")
        things.add(made.id)
        return made

    @app.get("/api/things/{id}", responses={404: {"description": "none"}})
    def read(id: str) -> Thing:
        return Thing(id=id)  # what was removed is still there

    @app.delete("/api/things/{id}", responses={404: {"description": "none"}})
    def remove(id: str) -> Thing:
        things.discard(id)
        return Thing(id=id)

    @app.get("/api/things/{id}/parts", responses={404: {"description": "none"}})
    def parts(id: str) -> Thing:
        raise HTTPException(404)  # of what was just made too

    @app.get("/api/guarded")
    def guarded(x_proof: Annotated[str | None, Header()] = None) -> str:
        return f"not asked for {x_proof}"

    @app.middleware("http")
    async def takes_any_method(request: Request, call_next: Any) -> Any:
        answer = await call_next(request)
        return JSONResponse({"id": "x"}) if answer.status_code == 405 else answer

    for operation in app.openapi()["paths"]["/api/guarded"].values():
        operation["parameters"][0] |= {"required": True}
    return app


class Thing(BaseModel):
    """Something that is made, read and removed."""

    id: str


def test_each_check_of_coverage_and_of_chains_can_fire() -> None:
    told = openapi_phases.run(careless(), {}, seed=7, examples=20)

    names = {each.partition(": ")[2].partition(":")[0] for each in told.found}
    assert names >= {"unsupported_method", "missing_required_header", "use_after_free", "ensure_resource_availability"}
    assert min(told.judged.values()) > 0


def test_an_app_that_judges_nothing_is_not_called_sound() -> None:
    app = FastAPI(openapi_url="/api/openapi.json")
    app.get("/api/nothing")(lambda: 1)
    scores = Scores()

    openapi_phases.attack(scores, app, {}, 7, 1)

    assert any("a header was judged" in each for each in scores.found)


def test_what_an_adapter_gives_is_held_to_its_types() -> None:
    run = Run("r", "Completed", {}, None, None, None, None)
    check_form(run)
    odd: dict[str, Any] = {"submitter": {"": 1}, "metrics": {"auc": 0.9}, "id": None}
    for name, value in odd.items():
        with pytest.raises(ValueError, match=name):
            check_form(replace(run, **{name: value}))
    with pytest.raises(Broken, match="it gave int"):
        check_form(7)


def test_whether_published_inputs_were_there_is_said(tmp_path: Path) -> None:
    assert "no published inputs" in Corpora(None).told
    (tmp_path / "eventgrid").mkdir()
    (tmp_path / "eventgrid" / "other.json").write_text("{}")
    assert Corpora(tmp_path).told.startswith(f"1 published events of {tmp_path}")


def test_a_named_folder_without_published_inputs_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLEARANCE_CORPORA", str(tmp_path))
    with pytest.raises(SystemExit, match="holds no eventgrid"):
        Corpora.named()


def test_every_word_that_is_planted_stands_where_it_belongs_and_nowhere_else() -> None:
    scores = Scores()
    with watching() as watch, signing_in() as sign_in:
        planted.attack(scores, sign_in, watch)

    assert scores.found == []
    assert scores.cases > 40
    assert watch.faults == []


STANDS = Plant("word", must=frozenset({"export"}), may=frozenset({"answers"}))


@pytest.mark.parametrize(
    ("places", "why"),
    [
        ({"export", "telemetry"}, "it stands in telemetry"),
        ({"answers"}, "it does not stand in export"),
        (set(planted.PLACES), "it stands in awaited_runs, "),
    ],
)
def test_a_word_in_the_wrong_place_is_found(places: set[str], why: str) -> None:
    planted.stands_right(STANDS, {"export": STANDS.word, "answers": f"x{STANDS.word}y", "queue": "canary"})
    with pytest.raises(Broken, match=why):
        planted.stands_right(STANDS, dict.fromkeys(places, STANDS.word))


def test_a_proof_that_is_kept_anywhere_is_found() -> None:
    with signing_in() as sign_in:
        front = Front(sign_in)
        scores = Scores()
        signature = front.signed(b"{}", "msg_1")["webhook-signature"].removeprefix("v1,")
        planted.keep_secrets(scores, "here", front)
        assert scores.found == []
        for secret in (signature, sign_in.token("ana.auditor"), BEARER, WHSEC):
            with front.telemetry.step(Step.LOOK, front.asked(), note=secret):
                planted.keep_secrets(scores, "here", front)
            planted.keep_secrets(scores, "here", front)
            front.telemetry.steps.clear()

    assert len(scores.found) == 4
    assert all("the port telemetry holds the secret" in each for each in scores.found)


def test_a_word_that_was_planted_is_found_in_a_log_record_too() -> None:
    with watching() as watch:
        watch.words.add("canary-of-its-own")
        logging.getLogger("azure.core").info("GET /canary-of-its-own")
    assert len(watch.faults) == 1
