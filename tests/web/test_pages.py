"""Pages are complete, and whatever a tag, a comment or a name holds stays text."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest

from shared.domain.policy import ResultsRule
from shared.domain.run_digest import run_digest
from shared.domain.visible import visible
from shared.web import pages
from tests.domain.evidence_makers import a_policy, a_promotion, a_run, an_evidence_rule, tags
from tests.web import scenes
from tests.web.front import SETTINGS, Front, SignIn

PAGE = "/promotions/risk-dev/fraud-detector/7"
STATIC = Path(pages.__file__).parent / "static"


def _words(text: str) -> list[str]:
    return text.split()


# All that our templates are made of: anything else came out of somebody's text.
OUR_TAGS = frozenset(
    _words(
        "html head meta title link body a header div img nav p span main footer h1 h2 h3 form label select "
        "option input button table thead tbody tr th td time code pre b bdi dl dt dd section article "
        "blockquote ul ol li"
    )
)
OUR_ATTRIBUTES = frozenset(
    _words(
        "lang charset name content rel href type class id aria-label aria-current src alt width height method "
        "action value selected placeholder autocomplete scope data-label datetime title tabindex reversed"
    )
)


class Dom(HTMLParser):
    """The page as a browser's parser sees it."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def links(self) -> Iterator[str]:
        return (str(attrs["href"]) for _, attrs in self.tags if "href" in attrs)


def dom(answer: httpx.Response) -> Dom:
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return Dom(answer.text)


def refuse_foreign_markup(page: Dom) -> None:
    for tag, attributes in page.tags:
        assert tag in OUR_TAGS, tag
        assert set(attributes) <= OUR_ATTRIBUTES, attributes
    for link in page.links():
        assert link.startswith(("/", "?", "#")), link
        assert not link.startswith("//"), link


ALL_PAGES = ["/", "/?show=all", PAGE, "/history", "/models/fraud-detector"]


@pytest.mark.parametrize("path", ALL_PAGES)
def test_hostile_text_stays_text_on_every_page(front: Front, path: str) -> None:
    scenes.hostile(front)
    page = dom(front.page(path))
    refuse_foreign_markup(page)
    raw = "".join(page.texts) + "".join(str(value) for _, attrs in page.tags for value in attrs.values())
    for hidden in "\u202e\u200b\u2066\u2069\x07\x00\x1b":
        assert hidden not in raw


def test_hostile_text_is_shown_as_it_was_written_not_dropped(front: Front) -> None:
    scenes.hostile(front)
    shown = dom(front.page(PAGE)).text
    for text in scenes.HOSTILE[:-1]:
        assert " ".join(visible(text).split()) in shown


@pytest.mark.parametrize("scene", [lambda front: None, scenes.every_state])
@pytest.mark.parametrize("path", ALL_PAGES)
def test_no_page_needs_script_or_style_of_its_own(front: Front, scene: object, path: str) -> None:
    assert callable(scene)
    scene(front)
    answer = front.page(path)
    refuse_foreign_markup(dom(answer))
    assert "<script" not in answer.text
    assert "style=" not in answer.text


# ------------------------------------------------------------------------------------------------ complete


def test_the_inbox_lists_what_is_open_with_its_reason(front: Front) -> None:
    scenes.every_state(front)
    page = dom(front.page("/"))
    assert PAGE in page.links()
    assert "awaiting approval" in page.text
    assert "1 of 2" in page.text
    assert "dana@elsewhere.com" in page.text
    assert "/promotions/risk-dev/fraud-detector/6" not in page.links()
    assert "/promotions/risk-dev/fraud-detector/6" in dom(front.page("/", show="all")).links()


def test_the_inbox_is_narrowed_by_its_form(front: Front) -> None:
    scenes.every_state(front)

    def versions(**query: str) -> list[str]:
        links = dom(front.page("/", **query)).links()
        return [link.rpartition("/")[2] for link in links if link.startswith("/promotions/")]

    assert versions(status="blocked", model="", workspace="", show="open") == ["10", "8"]
    assert versions(status="rejected") == ["9"]
    assert versions(model="churn-model", show="all") == ["1"]
    assert versions(workspace="nowhere") == []


def test_an_empty_inbox_says_that_nobody_has_to_act(front: Front) -> None:
    assert "Nothing is open: nobody has to act." in dom(front.page("/")).text
    assert "Nothing fits here." in dom(front.page("/", status="blocked")).text
    assert "Nothing happened that fits." in dom(front.page("/history")).text


def test_who_may_see_no_workspace_is_told_so(sign_in: SignIn) -> None:
    front = Front(sign_in, replace(SETTINGS, readers={"risk-dev": ("nobody",)}))
    assert "You may see no workspace." in dom(front.page("/")).text


def test_the_page_of_a_blocked_version_holds_rule_actual_expected_and_command(front: Front) -> None:
    front.world.register(tags=tags(owner="dana@elsewhere.com"))
    front.world.work()
    shown = dom(front.page(PAGE)).text
    assert "1 of 13 gates did not pass" in shown
    assert "tag:owner failed" in shown
    assert '"dana@elsewhere.com"' in shown
    assert "a value that fits" in shown
    assert "az ml model update --name fraud-detector --version 7 --set 'tags.owner=<owner>'" in shown


def test_the_page_of_a_version_in_question_shows_champion_answers_targets_and_time(front: Front) -> None:
    scenes.every_state(front)
    shown = dom(front.page(PAGE)).text
    for text in (
        "Champion: contoso-shared:fraud-detector:6",
        "amir.approver ml-approvers",
        "AUC is within a point of the champion.",
        "Card payments only.",
        "RISK-1841",
        "2026-12-01",
        "2 of ml-approvers, risk-officers, at least one of each of risk-officers.",
        "risk-dev-fraud-detector 7 ",
        "Answers until 2026-03-08 12:07:00",
        front.world.digest(),
        "ApprovalRequested",
    ):
        assert text in shown, text


def test_a_changed_version_says_what_changed(front: Front) -> None:
    scenes.hostile(front)
    shown = dom(front.page(PAGE)).text
    assert "Changed since the round before" in shown
    assert 'Tag classification was "internal"' in shown
    assert "no longer counts" in shown


def test_thousands_of_rows_are_paged_through(front: Front) -> None:
    scenes.thousands(front, 120)
    for path in ("/", "/history"):
        seen: list[str] = []
        link: str | None = path
        while link:
            page = dom(front.page(link if link.startswith("/") else path + link))
            seen += [href for href in page.links() if href.startswith("/promotions/")]
            link = next((href for href in page.links() if "cursor=" in href), None)
        assert len(seen) == len(set(seen)) == 120


def test_a_model_shows_all_its_versions(front: Front) -> None:
    scenes.every_state(front)
    links = set(dom(front.page("/models/fraud-detector")).links())
    assert {f"/promotions/risk-dev/fraud-detector/{version}" for version in range(6, 12)} <= links
    assert "No version of this model is known" in dom(front.page("/models/other")).text


# ------------------------------------------------------------------------------------------------ refused


@pytest.mark.parametrize("path", ["/", "/history", PAGE, "/models/x"])
def test_who_is_not_signed_in_is_told_how(front: Front, path: str) -> None:
    front.asked()
    answer = front.client.get(path, headers={"Accept": "text/html"})
    page = dom(answer)
    assert answer.status_code == 401
    assert "/.auth/login/aad" in page.links()
    assert "fraud-detector" not in page.text


def test_without_a_place_to_sign_in_no_link_is_made_up(sign_in: SignIn) -> None:
    front = Front(sign_in, replace(SETTINGS, sign_in_path=None))
    page = dom(front.client.get("/", headers={"Accept": "text/html"}))
    assert "These pages are for people who are signed in." in page.text


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/promotions/risk-dev/nothing/1", 404, "No such promotion"),
        ("/promotions/RISK/nothing/1", 422, "A name does not fit its grammar"),
        ("/?status=nonsense", 422, "expected one of"),
        ("/history?from=yesterday", 422, "expected a day"),
        ("/?cursor=x", 422, "start again without one"),
        ("/nowhere", 404, "Nothing is here"),
    ],
)
def test_what_cannot_be_shown_is_a_page_that_says_why(front: Front, path: str, status: int, said: str) -> None:
    answer = front.page(path)
    page = dom(answer)
    assert answer.status_code == status
    assert said in page.text
    refuse_foreign_markup(page)


def test_a_hostile_query_stays_text(front: Front) -> None:
    for text in scenes.HOSTILE:
        for path in ("/", "/history"):
            for field in ("model", "status", "cursor", "actor", "from", "x"):
                refuse_foreign_markup(dom(front.page(path, **{field: text})))


def test_the_stylesheet_reaches_for_nothing_outside() -> None:
    style = (STATIC / "clearance.css").read_text()
    assert "url(" not in style
    assert "@import" not in style
    assert "prefers-color-scheme: dark" in style


def test_every_status_has_a_row_to_look_at(front: Front) -> None:
    scenes.every_state(front)
    shown = dom(front.page("/", show="all")).text
    for status in ("promoted", "awaiting approval", "blocked", "rejected", "ignored"):
        assert status in shown
    assert str(a_promotion().name) in shown


def test_the_page_says_where_each_piece_of_evidence_was_made(front: Front) -> None:
    evidence = an_evidence_rule(results=ResultsRule("evaluation/results.json", "mlflow_evaluate"))
    front.world.policies.loaded = (a_policy(evidence=evidence),)
    front.world.catalog.put_file("risk-dev", "evaluate-7", "evaluation/results.json", b"{}")
    front.asked()
    page = front.get("/promotions/risk-dev/fraud-detector/7").text
    assert "made by dana.submitter@contoso.com in run evaluate-7" in page
    assert f"SHA-256 <code>{run_digest(a_run(), {})}</code>" in page
    assert f"SHA-256 <code>{hashlib.sha256(b'{}').hexdigest()}</code>" in page
