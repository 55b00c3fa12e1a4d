"""Pages in a real browser: nothing is blocked or broken, nothing runs, nothing is wider than the screen."""

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from local.serving import serving, site_on
from tests.web import scenes
from tests.web.front import Front, SignIn

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine (apt-get install chromium)"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

PAGES = ["/", "/?show=all", "/history", "/models/fraud-detector", "/promotions/risk-dev/fraud-detector/7"]
SCENES: dict[str, Callable[[Front], object]] = {
    "nothing": lambda front: front.asked(),
    "every state": scenes.every_state,
    "hostile": scenes.hostile,
    "thousands": lambda front: scenes.thousands(front.asked()),
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=[*sandbox, "--disable-dev-shm-usage"])
        yield chromium
        chromium.close()


@pytest.mark.parametrize("scene", SCENES)
def test_pages_hold_in_light_on_a_wide_screen_and_in_dark_on_a_narrow_one(
    browser: Browser, sign_in: SignIn, scene: str
) -> None:
    front = Front(sign_in)
    SCENES[scene](front)
    site = site_on(front.app)
    with serving(site):
        for dark, width in ((False, 1280), (True, 360)):
            context = browser.new_context(
                color_scheme="dark" if dark else "light",
                viewport={"width": width, "height": 800},
                extra_http_headers={"X-MS-TOKEN-AAD-ID-TOKEN": sign_in.token("ana.auditor")},
            )
            for path in PAGES:
                _look_at(context.new_page(), site.url + path)
            context.close()


def _look_at(page: Page, url: str) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(dialog.message))
    answer = page.goto(url)
    assert answer is not None
    assert answer.status == 200
    assert complaints == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{url} is wider than the screen"
    assert page.evaluate("getComputedStyle(document.querySelector('main')).maxWidth") != "none", (
        "the stylesheet is missing"
    )
    page.close()
