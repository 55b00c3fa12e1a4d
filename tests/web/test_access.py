"""Who may call what: every route has an entry, every role is held to it, and only a token proves anything."""

import base64
import json
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest
from fastapi.routing import APIRoute

from shared.domain import events
from shared.domain.ids import PromotionId
from shared.web.access import ACCESS, Anonymous
from shared.web.app import ROUTERS
from tests.domain.evidence_makers import a_promotion, tags
from tests.web.front import ONE, SETTINGS, Front, SignIn, code_of
from tests.workflow.world import World

PEOPLES_ROUTES = sorted(route for route, rule in ACCESS.items() if not isinstance(rule, Anonymous))
FILLED = {
    "{workspace}": "risk-dev",
    "{name}": "fraud-detector",
    "{version}": "7",
    "{registry}": "contoso-eu",
    "{id}": "0" * 64,
    "{sender}": "pipeline",
    "{file}": "clearance.css",
}

# Role -> what it may do, written out once more, so that a slip in the table is seen.
READS = {
    "GET /api/promotions",
    "GET /api/promotions/{workspace}/{name}/{version}",
    "GET /api/promotions/{workspace}/{name}/{version}/history",
    "GET /api/promotions/{workspace}/{name}/{version}/explanation",
    "GET /api/history",
    "GET /",
    "GET /promotions/{workspace}/{name}/{version}",
    "GET /history",
    "GET /models/{name}",
}
OWN = {
    "POST /api/promotions/{workspace}/{name}/{version}/reevaluate",
    "POST /api/promotions/{workspace}/{name}/{version}/withdraw",
    "POST /api/promotions/{workspace}/{name}/{version}/give-up",
}
MAY = {
    "Reader": READS,
    "Submitter": READS | OWN,
    "Approver": READS | {"POST /api/promotions/{workspace}/{name}/{version}/decisions"},
    "Operator": READS
    | OWN
    | {
        "POST /api/promotions/{workspace}/{name}/{version}/targets/{registry}/retry",
        "POST /api/promotions/{workspace}/{name}/{version}/targets/{registry}/give-up",
        "GET /api/quarantine",
        "POST /api/quarantine/{id}/replay",
    },
    "Auditor": READS | {"GET /api/quarantine"},
    "": set(),
    "Owner": set(),
}


def routes() -> Iterator[tuple[str, str]]:
    yield "GET", "/api/openapi.json"
    for router in ROUTERS:
        for route in router.routes:
            assert isinstance(route, APIRoute)
            for method in route.methods or ():
                yield method, route.path


def filled(path: str) -> str:
    for part, value in FILLED.items():
        path = path.replace(part, value)
    return path


def send(front: Front, method: str, path: str, headers: dict[str, str]) -> httpx.Response:
    return front.call(method, filled(path), headers=headers)


def test_every_route_has_exactly_one_entry_in_the_table() -> None:
    assert sorted(routes()) == sorted(ACCESS)


@pytest.mark.parametrize("role", MAY)
@pytest.mark.parametrize(("method", "path"), PEOPLES_ROUTES)
def test_a_role_reaches_its_routes_and_no_other(front: Front, role: str, method: str, path: str) -> None:
    answer = send(front, method, path, front.bearer("dana.submitter", [role]))
    refused = answer.status_code == 403 and code_of(answer) == "no_role"
    assert refused is (f"{method} {path}" not in MAY[role])
    assert answer.status_code not in {401, 405, 500}


@pytest.mark.parametrize(("method", "path"), PEOPLES_ROUTES)
def test_a_request_without_a_token_is_a_401_on_every_route_for_people(front: Front, method: str, path: str) -> None:
    answer = send(front, method, path, {})
    assert (answer.status_code, code_of(answer)) == (401, "not_authenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_what_app_service_says_in_a_plain_header_proves_nothing(front: Front) -> None:
    claims = [{"typ": "roles", "val": "Operator"}, {"typ": "name", "val": "Olu Adeyemi"}]
    principal = base64.b64encode(json.dumps({"auth_typ": "aad", "claims": claims}).encode()).decode()
    spoofed = {
        "X-MS-CLIENT-PRINCIPAL": principal,
        "X-MS-CLIENT-PRINCIPAL-ID": "01500000-0000-4000-8000-000000000014",
        "X-MS-CLIENT-PRINCIPAL-NAME": "olu.operator@contoso.com",
        "X-MS-CLIENT-PRINCIPAL-IDP": "aad",
    }
    assert send(front, "GET", "/api/quarantine", spoofed).status_code == 401


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"Authorization": "Bearer x"}, "malformed_token"),
        ({"Authorization": "Basic b2x1Om9sdQ=="}, "unsupported_scheme"),
        ({}, "no_token"),
    ],
)
def test_the_answer_says_what_is_wrong_with_a_token(front: Front, headers: dict[str, str], reason: str) -> None:
    answer = send(front, "GET", "/api/promotions", headers)
    assert code_of(answer) == "not_authenticated"
    assert answer.json()["reason"] == reason


def test_nobody_learns_of_faults_in_a_request_before_they_are_known(front: Front) -> None:
    assert front.client.get("/api/promotions?limit=never").status_code == 401
    assert front.client.post(f"{ONE}/decisions", content=b"{").status_code == 401
    assert front.client.get("/api/promotions/UPPER/x/1").status_code == 401


# ------------------------------------------------------------------------------------------------ own versions


def test_a_submitter_asks_for_a_new_look_at_their_own_version(front: Front) -> None:
    front.world.register(tags=tags(owner="dana@elsewhere.com"))
    front.world.work()
    answer = front.post(f"{ONE}/reevaluate", "dana.submitter", {"comment": "The tag is set now."})
    assert (answer.status_code, answer.json()) == (202, {"promotion": str(a_promotion()), "status": "received"})
    assert front.world.events(events.ReevaluationRequested)[0].comment == "The tag is set now."


@pytest.mark.parametrize("wish", ["reevaluate", "withdraw", "give-up"])
def test_a_submitter_does_not_reach_the_versions_of_others(front: Front, wish: str) -> None:
    front.world.register(registrant="Amir Haddad")
    front.world.work()
    answer = front.post(f"{ONE}/{wish}", "dana.submitter", {"comment": "x"})
    assert (answer.status_code, code_of(answer)) == (403, "not_own_version")
    assert "Amir Haddad" in answer.json()["detail"]


def test_a_submitter_answers_for_their_service_principal(front: Front) -> None:
    front.world.register(registrant="svc-train")
    front.world.work()
    assert front.post(f"{ONE}/withdraw", "dana.submitter").status_code == 202


def test_whoever_registered_a_version_is_not_guessed(front: Front) -> None:
    front.world.register(registrant=None)
    front.world.work()
    assert code_of(front.post(f"{ONE}/withdraw", "dana.submitter")) == "not_own_version"


def test_only_operators_ask_for_a_version_that_nobody_knows_yet(front: Front) -> None:
    assert code_of(front.post(f"{ONE}/reevaluate", "dana.submitter")) == "unknown_promotion"
    assert front.post(f"{ONE}/reevaluate", "olu.operator").status_code == 202


def test_somebody_whom_the_directory_does_not_list_reads_and_decides_nothing(front: Front) -> None:
    front.asked()
    token = front.sign_in.token("amir.approver", oid="99999999-0000-4000-8000-000000000099")
    headers = {"Authorization": f"Bearer {token}"}
    assert front.client.get(ONE, headers=headers).status_code == 200
    answer = front.client.post(f"{ONE}/decisions", json=front.decision(), headers=headers)
    assert (answer.status_code, code_of(answer)) == (403, "unknown_person")
    assert "oid: 99999999-0000-4000-8000-000000000099" in answer.json()["detail"]


# ------------------------------------------------------------------------------------------------ workspaces

FORECAST = PromotionId("forecast-dev", "demand", "1")


@pytest.fixture
def two_workspaces(sign_in: SignIn) -> Front:
    """Everybody sees risk-dev; forecast-dev is for the platform team."""
    hidden = replace(SETTINGS, readers={"forecast-dev": ("platform-team",)})
    front = Front(sign_in, hidden, World(workspaces=("risk-dev", "forecast-dev")))
    front.asked().world.register(FORECAST)
    front.world.work()
    return front


def test_lists_hold_only_what_a_person_may_see(two_workspaces: Front) -> None:
    def seen(person: str, path: str) -> set[str]:
        return {item["workspace"] for item in two_workspaces.get(path, person).json()["items"]}

    for path in ("/api/promotions?open=true", "/api/history"):
        assert seen("ana.auditor", path) == {"risk-dev"}
    for path in ("/api/promotions", "/api/history", "/api/promotions?status=ignored", "/api/promotions?open=false"):
        assert "forecast-dev" not in seen("ana.auditor", path)
    assert seen("olu.operator", "/api/promotions") == {"risk-dev", "forecast-dev"}
    assert seen("olu.operator", "/api/promotions?workspace=forecast-dev") == {"forecast-dev"}
    assert seen("ana.auditor", "/api/promotions?workspace=forecast-dev") == set()


@pytest.mark.parametrize(
    "path",
    [
        "/api/promotions/forecast-dev/demand/1",
        "/api/promotions/forecast-dev/demand/1/history",
    ],
)
def test_what_a_person_may_not_see_does_not_exist_for_them(two_workspaces: Front, path: str) -> None:
    assert two_workspaces.get(path, "olu.operator").status_code == 200
    hidden, absent = two_workspaces.get(path), two_workspaces.get(path.replace("forecast-dev", "risk-dev"))
    assert code_of(hidden) == code_of(absent) == "unknown_promotion"
    assert hidden.json()["detail"].replace("forecast-dev", "risk-dev") == absent.json()["detail"]


def test_pages_hide_it_too(two_workspaces: Front) -> None:
    assert two_workspaces.page("/promotions/forecast-dev/demand/1", "olu.operator").status_code == 200
    assert two_workspaces.page("/promotions/forecast-dev/demand/1").status_code == 404
    assert "demand" not in two_workspaces.page("/", show="all").text


def test_nobody_tells_a_promotion_what_to_do_that_they_may_not_see(sign_in: SignIn) -> None:
    hidden = replace(SETTINGS, readers={"risk-dev": ("ml-approvers",)})
    front = Front(sign_in, hidden).asked()
    for wish in ("reevaluate", "withdraw", "give-up", "targets/contoso-eu/retry", "targets/contoso-eu/give-up"):
        assert code_of(front.post(f"{ONE}/{wish}", "olu.operator", {"comment": "x"})) == "unknown_promotion"
    assert code_of(front.post(f"{ONE}/decisions", "rosa.risk", front.decision())) == "unknown_promotion"
    assert front.post(f"{ONE}/decisions", "amir.approver", front.decision()).status_code == 200


# ------------------------------------------------------------------------------------------------ other sites


def browser(front: Front, **headers: str) -> httpx.Response:
    """A signed-in browser sends what a page of some site made it send."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    cookie_borne = {"X-MS-TOKEN-AAD-ID-TOKEN": front.sign_in.token("olu.operator"), **named}
    return front.call("POST", f"{ONE}/reevaluate", headers=cookie_borne)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "none"},
        {"Sec_Fetch_Site": "cross-site", "Origin": "https://clearance.contoso.com"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://clearance.contoso.com"},
        {"Origin": "https://clearance.contoso.com.evil.example"},
    ],
)
def test_another_site_cannot_use_a_browsers_sign_in(front: Front, headers: dict[str, str]) -> None:
    answer = browser(front.asked(), **headers)
    assert (answer.status_code, code_of(answer)) == (403, "cross_site")


@pytest.mark.parametrize(
    ("name", "ours"), [("Sec-Fetch-Site", "same-origin"), ("Origin", "https://clearance.contoso.com")]
)
def test_a_header_that_comes_twice_is_not_believed_for_its_first_value(front: Front, name: str, ours: str) -> None:
    headers = [("X-MS-TOKEN-AAD-ID-TOKEN", front.sign_in.token("olu.operator")), (name, ours), (name, "cross-site")]
    assert code_of(front.asked().call("POST", f"{ONE}/reevaluate", headers=headers)) == "cross_site"


@pytest.mark.parametrize("headers", [{"Sec_Fetch_Site": "same-origin"}, {"Origin": "https://clearance.contoso.com"}])
def test_our_own_pages_may(front: Front, headers: dict[str, str]) -> None:
    assert browser(front.asked(), **headers).status_code == 202


def test_a_bearer_token_is_sent_on_purpose(front: Front) -> None:
    assert front.asked().post(f"{ONE}/reevaluate", "olu.operator", Origin="https://tool.example").status_code == 202


def test_reading_changes_nothing(front: Front) -> None:
    front.asked()
    before = front.world.happened()
    for method, path in PEOPLES_ROUTES:
        if method == "GET":
            front.get(filled(path), "olu.operator")
    assert front.world.happened() == before
    assert front.world.queue.take() is None
