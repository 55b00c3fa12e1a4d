"""What tools read: one promotion whole, its rows as they are chained, and pages of lists."""

from datetime import date, time, timedelta
from typing import Any

import pytest

from shared.adapters.event_codec import CODEC
from shared.domain.canonical import canonical, sha256_hex
from shared.domain.chain import GENESIS, Row, Tip, check_chain
from shared.domain.change_window import ChangeWindow
from shared.domain.events import Recorded
from shared.domain.ids import PromotionId
from shared.domain.policy import ExceptionRule, Mode
from shared.domain.run_digest import run_digest
from shared.web.plain import plain
from tests.domain.evidence_makers import a_policy, a_promotion, a_run, tags
from tests.web.front import ONE, Front, code_of


def promoted(front: Front) -> Front:
    front.asked().world.approve()
    front.world.work()
    return front


# ------------------------------------------------------------------------------------------------ one promotion


def test_a_promotion_that_waits_for_people_says_all_they_need(front: Front) -> None:
    front.asked().webhook(front.webhook_body(comment="Looks right."))
    found = front.get(ONE).json()
    assert (found["promotion"], found["status"], found["round"]) == (str(a_promotion()), "awaiting_approval", 1)
    assert (found["approvals"], found["required"]) == (1, 2)
    assert found["expires_at"] == "2026-03-08T12:00:00.000000Z"
    assert found["registrant"] == "Dana Osei"
    assert found["page"] == "https://clearance.contoso.com/promotions/risk-dev/fraud-detector/7"
    evaluation = found["evaluation"]
    assert evaluation["digest"] == front.world.digest()
    assert (evaluation["policy"], evaluation["outcome"], evaluation["champion"]) == ("fraud", "passed", None)
    assert evaluation["facts"]["metrics"] == {"auc": "0.94", "fairness_gap": "0.02"}
    (source,) = evaluation["facts"]["sources"]
    assert (source["kind"], source["sha256"]) == ("run", run_digest(a_run(), {}))
    assert evaluation["rules"]["required_groups"] == ["risk-officers"]
    assert evaluation["release_record"]["rollback_path"] == "version 6"
    assert [(t["registry"], t["name"], t["status"]) for t in found["targets"]] == [
        ("contoso-shared", "fraud-detector", "pending"),
        ("contoso-eu", "risk-dev-fraud-detector", "pending"),
    ]
    assert [(d["person"], d["verdict"], d["comment"], d["stands"]) for d in found["decisions"]] == [
        ("amir.approver", "approve", "Looks right.", True)
    ]


def test_a_blocked_promotion_names_actual_expected_and_the_command_that_mends_it(front: Front) -> None:
    front.world.register(tags=tags(owner="dana@elsewhere.com"))
    front.world.work()
    found = front.get(ONE).json()
    assert found["status"] == "blocked"
    failed = [gate for gate in found["evaluation"]["gates"] if gate["outcome"] != "passed"]
    assert [(gate["outcome"], gate["mode"]) for gate in failed] == [("failed", "enforce")]
    assert "dana@elsewhere.com" in failed[0]["actual"]
    assert "contoso" in failed[0]["expected"]
    assert failed[0]["command"].startswith("az ml model update --name fraud-detector --version 7")


def test_what_does_not_block_says_why_and_who_answers_for_it(front: Front) -> None:
    until = date(2026, 3, 31)
    exception = ExceptionRule("tag:classification", ("fraud-*",), "rosa.risk@contoso.com", "RISK-311", until)
    modes: dict[str, Mode] = {"tag:data_window": "warn", "lineage:*": "shadow"}
    front.world.policies.loaded = (a_policy(modes=modes, exceptions=(exception,)),)
    front.world.register(tags=tags(classification=None, data_window="never"), job=None)
    front.world.work()
    found = front.get(ONE).json()
    assert found["status"] == "awaiting_approval"
    gates = {gate["gate"]: gate for gate in found["evaluation"]["gates"]}
    assert not any(gate["blocks"] for gate in gates.values())
    assert gates["tag:data_window"]["note"] == "warning, it does not block"
    assert gates["lineage:job"]["note"] == "shadow: would have blocked"
    assert gates["tag:classification"]["exception"] == {
        "owner": "rosa.risk@contoso.com", "reason": "RISK-311", "until": "2026-03-31",
    }  # fmt: skip
    assert "tag:data_window failed (warning, it does not block)" in found["explanation"]
    assert "exception until 2026-03-31, rosa.risk@contoso.com: RISK-311" in found["explanation"]
    assert "lineage:job" not in found["explanation"]


def test_what_waits_for_the_change_window_says_until_when(front: Front) -> None:
    window = ChangeWindow("Europe/Zurich", ("mon", "tue"), time(9), time(17))
    front.world.policies.loaded = (a_policy(change_window=window),)
    found = promoted(front).get(ONE).json()
    assert (found["status"], found["window_opens_at"]) == ("promoting", "2026-03-02T08:00:00.000000Z")
    assert found["explanation"].endswith("which opens at 2026-03-02 08:00 UTC.")
    assert found["evaluation"]["rules"]["change_window"] == "mon, tue 09:00-17:00 Europe/Zurich"


def test_a_later_answer_of_the_same_person_is_the_one_that_stands(front: Front) -> None:
    front.asked().webhook()
    front.webhook(front.webhook_body(comment="Thought again."), id="msg_2")
    assert [answer["stands"] for answer in front.get(ONE).json()["decisions"]] == [False, True]


def test_a_new_round_shows_what_changed_and_which_answers_no_longer_count(front: Front) -> None:
    front.asked().webhook()
    front.world.clock.advance(timedelta(minutes=1))
    front.world.register(tags=tags(scope="all payments"))
    front.world.work()
    found = front.get(ONE).json()
    assert found["round"] == 2
    assert any("scope" in sentence for sentence in found["evaluation"]["difference"])
    assert [answer["stands"] for answer in found["decisions"]] == [False]


def test_a_promoted_version_names_what_the_registries_hold(front: Front) -> None:
    found = promoted(front).get(ONE).json()
    assert found["status"] == "promoted"
    assert {target["status"] for target in found["targets"]} == {"promoted"}
    assert all(target["asset_id"] and target["mark"] == "done" for target in found["targets"])


def test_the_next_version_is_shown_against_the_champion(front: Front) -> None:
    promoted(front)
    front.world.register(a_promotion("8"))
    front.world.work()
    champion = front.get(ONE[:-1] + "8").json()["evaluation"]["champion"]
    assert champion["promotion"] == "risk-dev:fraud-detector:7"
    assert champion["metrics"] == {"auc": "0.94", "fairness_gap": "0.02"}


@pytest.mark.parametrize("path", ["/api/promotions/risk-dev/nothing/1", "/api/promotions/nowhere/fraud-detector/7"])
def test_an_unknown_promotion_is_a_404(front: Front, path: str) -> None:
    for route in (path, f"{path}/history"):
        answer = front.get(route)
        assert (answer.status_code, code_of(answer)) == (404, "unknown_promotion")


@pytest.mark.parametrize(
    "path", ["/api/promotions/Risk/x/1", "/api/promotions/risk-dev/_x/1", "/api/promotions/a/b/-1"]
)
def test_a_name_that_does_not_fit_its_grammar_is_told_the_grammar(front: Front, path: str) -> None:
    answer = front.get(path)
    assert (answer.status_code, code_of(answer)) == (422, "invalid_id")
    assert "expected" in answer.json()["detail"]


def test_storage_out_of_reach_is_a_503_to_be_tried_again(front: Front) -> None:
    front.asked().world.histories.unreachable = True
    answer = front.get(ONE)
    assert (answer.status_code, code_of(answer), answer.json()["reason"]) == (503, "unreadable", "storage_unreachable")
    assert answer.headers["retry-after"]


# ------------------------------------------------------------------------------------------------ its rows


def test_the_rows_are_those_that_the_chain_was_made_of(front: Front) -> None:
    """Whoever reads them over HTTP can verify them with nothing but docs/history-format.md."""
    found = promoted(front).get(f"{ONE}/history").json()["items"]
    rows = [_chain_row(item) for item in found]
    head = Tip(a_promotion().partition, found[-1]["sequence"], found[-1]["hash"])
    assert check_chain(a_promotion().partition, rows, head) == []
    assert [item["type"] for item in found] == front.world.happened()
    assert found[0]["previous"] == GENESIS


def _chain_row(item: dict[str, Any]) -> Row:
    body = canonical(item["data"])
    return Row(
        history=a_promotion().partition,
        sequence=item["sequence"],
        previous=item["previous"],
        at=item["at"],
        operation=item["operation"],
        actor=item["actor"],
        type=item["type"],
        schema=1,
        body=item["data"],
        body_sha256=sha256_hex(body),
        body_size=len(body),
        hash=item["hash"],
    )


def test_an_event_is_written_as_its_row_holds_it(front: Front) -> None:
    rows: tuple[Recorded, ...] = promoted(front).world.histories.load(a_promotion()).rows
    for row in rows:
        assert plain(row.event) == CODEC.encode(row.event).body


def test_what_has_no_plain_form_is_not_guessed() -> None:
    with pytest.raises(TypeError, match="bytes has no plain form"):
        plain(b"x")


# ------------------------------------------------------------------------------------------------ lists


@pytest.fixture
def many(front: Front) -> Front:
    """Seven versions, the last one blocked, registered a minute apart."""
    for version in range(1, 8):
        stated = tags(owner="x@elsewhere.com") if version == 7 else tags()
        front.world.register(a_promotion(str(version)), tags=stated)
        front.world.work()
        front.world.clock.advance(timedelta(minutes=1))
    return front


def test_a_list_is_read_page_by_page(many: Front) -> None:
    seen: list[str] = []
    cursor: dict[str, str] = {}
    for _ in range(4):
        page = many.get("/api/promotions", limit=2, **cursor).json()
        seen += [item["version"] for item in page["items"]]
        if page["cursor"] is None:
            break
        cursor = {"cursor": page["cursor"]}
    assert seen == ["7", "6", "5", "4", "3", "2", "1"]


def test_a_list_is_filtered(many: Front) -> None:
    def versions(**query: str) -> list[str]:
        return [item["version"] for item in many.get("/api/promotions", **query).json()["items"]]

    assert versions(status="blocked") == ["7"]
    assert versions(status="promoted") == []
    assert versions(model="fraud-detector", workspace="risk-dev", open="true") == ["7", "6", "5", "4", "3", "2", "1"]
    assert versions(model="other") == versions(open="false") == []


def test_a_row_of_a_list_says_what_is_needed_to_choose(many: Front) -> None:
    item = many.get("/api/promotions", status="blocked").json()["items"][0]
    assert item["promotion"] == "risk-dev:fraud-detector:7"
    assert "x@elsewhere.com" in item["explanation"]
    assert (item["policy"], item["round"], item["required"], item["open"]) == ("fraud", 1, 2, True)
    assert set(item["targets"]) == {"contoso-shared", "contoso-eu"}


def test_the_timeline_is_filtered_by_time_model_person_and_kind(many: Front) -> None:
    many.webhook(
        many.webhook_body(promotion="risk-dev:fraud-detector:3", evaluation=many.world.digest(a_promotion("3")))
    )
    many.world.work()
    many.world.register(PromotionId("risk-dev", "unknown-model", "1"))
    many.world.work()

    def found(**query: str) -> list[tuple[str, str]]:
        return [(item["version"], item["type"]) for item in many.get("/api/history", **query).json()["items"]]

    assert found(type="Blocked") == [("7", "Blocked")]
    assert found(actor="amir.approver") == [("3", "DecisionRecorded")]
    assert {version for version, _ in found(**{"from": "2026-03-01T12:01:00Z", "to": "2026-03-01T12:03:00Z"})} == {
        "2",
        "3",
    }
    assert found(to="2026-03-01") == []
    assert len(found(**{"from": "2026-03-01", "limit": "200"})) == len(found(limit="200"))
    assert {kind for _, kind in found(model="unknown-model")} == {"Registered", "Ignored"}


def test_an_entry_of_the_timeline_points_into_its_history(many: Front) -> None:
    item = many.get("/api/history", type="Blocked").json()["items"][0]
    row = many.get("/api/promotions/risk-dev/fraud-detector/7/history").json()["items"][item["sequence"] - 1]
    assert item["id"] == f"promotion/risk-dev/fraud-detector/7#{row['sequence']}"
    assert (item["hash"], item["at"], item["actor"]) == (row["hash"], row["at"], row["actor"])


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/api/promotions?limit=0", "limit"),
        ("/api/promotions?limit=201", "limit"),
        ("/api/promotions?limit=many", "limit"),
        ("/api/promotions?status=failed", "status"),
        ("/api/promotions?model=../x", "model"),
        ("/api/promotions?workspace=' or 1 eq 1", "workspace"),
        ("/api/promotions?open=maybe", "open"),
        ("/api/promotions?sttus=blocked", "sttus"),
        ("/api/history?from=yesterday", "from"),
        ("/api/history?to=2026-03-01T12:00:00", "to"),
        ("/api/history?from=0001-01-01T00:00:00%2B14:00", "from"),
        ("/api/history?to=9999-12-31T23:59:59-12:00", "to"),
        ("/api/history?actor=%00", "actor"),
        ("/api/history?actor=a%0d%0ab", "actor"),
        ("/api/history?type=registered", "type"),
        ("/api/quarantine?limit=-1", "limit"),
        ("/api/quarantine?status=x", "status"),
    ],
)
def test_a_query_with_a_fault_is_told_where(front: Front, path: str, place: str) -> None:
    answer = front.get(path)
    assert (answer.status_code, code_of(answer)) == (422, "invalid_query")
    assert [fault.partition(":")[0] for fault in answer.json()["faults"]] == [place]


@pytest.mark.parametrize("cursor", ["x", "!", "AAAA", "bnVsbA", "e30", "é", "%00", "A" * 4096])
@pytest.mark.parametrize("path", ["/api/promotions", "/api/history", "/api/quarantine"])
def test_a_cursor_that_was_not_made_by_the_listing_is_refused(front: Front, path: str, cursor: str) -> None:
    answer = front.get(path, cursor=cursor)
    assert (answer.status_code, code_of(answer)) == (422, "invalid_cursor")


def test_the_release_record_shows_who_said_what_in_the_api_and_on_the_page(front: Front) -> None:
    front.asked().world.answer(release_record={"scope": "all payments"}, limitations="not for loans")
    (scope,) = [each for each in front.get(ONE).json()["record"]["fields"] if each["field"] == "scope"]
    assert scope == {
        "field": "scope",
        "required": True,
        "status": "contradictory",
        "text": None,
        "said": [{"by": None, "text": "card payments"}, {"by": "amir.approver", "text": "all payments"}],
    }
    page = front.page("/promotions/risk-dev/fraud-detector/7").text
    assert all(told in page for told in ("contradictory", "card payments", "all payments", "not for loans"))


def test_what_waits_names_the_run_and_the_two_commands(front: Front) -> None:
    front.world.register(tags=tags(evaluation_run="evaluate-later"))
    front.world.work()
    assert front.get(ONE).json()["awaits"] == ["evaluate-later"]
    page = front.page("/promotions/risk-dev/fraud-detector/7").text
    assert "when run evaluate-later ends" in page
    assert "clearance look-again risk-dev:fraud-detector:7\nclearance give-up risk-dev:fraud-detector:7" in page
