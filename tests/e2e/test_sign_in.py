"""The sign-in page forwards who signed in as App Service does, and nobody can claim to be signed in."""

from collections.abc import Iterator

import httpx
import pytest

from local.platform import Options, Platform

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def platform() -> Iterator[Platform]:
    with Platform(Options(sign_in=True)) as running:
        yield running


@pytest.fixture
def browser(platform: Platform) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=platform.address.pages, trust_env=False, timeout=30) as client:
        yield client


def sign_in(browser: httpx.Client, person: str, after: str = "/") -> httpx.Response:
    return browser.post("/.auth/login/aad", data={"person": person, "next": after})


def test_nobody_sees_the_inbox_before_signing_in(browser: httpx.Client) -> None:
    assert browser.get("/").status_code == 401


def test_the_form_offers_the_five_sample_people(browser: httpx.Client) -> None:
    form = browser.get("/.auth/login/aad").text
    for name in ("Dana Osei", "Amir Haddad", "Rosa Lind", "Olu Adeyemi", "Ana Petrova"):
        assert name in form


def test_who_signed_in_reaches_the_pages_and_the_api(browser: httpx.Client) -> None:
    answer = sign_in(browser, "ana.auditor", "/history")
    assert (answer.status_code, answer.headers["location"]) == (303, "/history")
    page = browser.get("/")
    assert page.status_code == 200
    assert "Ana Petrova" in page.text
    assert browser.get("/api/promotions", params={"limit": 1}).status_code == 200


def test_signing_out_ends_it(browser: httpx.Client) -> None:
    sign_in(browser, "ana.auditor")
    assert browser.get("/.auth/logout").status_code == 303
    assert browser.get("/").status_code == 401


def test_a_header_that_claims_a_sign_in_is_dropped(platform: Platform, browser: httpx.Client) -> None:
    claimed = {"x-ms-token-aad-id-token": platform.token("olu.operator"), "x-ms-client-principal-name": "olu"}
    assert browser.get("/", headers=claimed).status_code == 401


@pytest.mark.parametrize("after", ["https://evil.example/", "//evil.example/", "/\\evil.example", "/%2fevil.example"])
def test_a_link_cannot_send_people_elsewhere_after_signing_in(browser: httpx.Client, after: str) -> None:
    assert sign_in(browser, "ana.auditor", after).headers["location"] == "/"


def test_an_unknown_person_is_asked_again(browser: httpx.Client) -> None:
    assert sign_in(browser, "nobody").status_code == 400


def test_while_the_app_is_down_a_sentence_says_so(platform: Platform, browser: httpx.Client) -> None:
    platform.stop_app()
    answer = browser.get("/")
    platform.start_app()
    assert (answer.status_code, answer.text) == (502, "The app does not answer (ConnectError); is it still running?")
