"""Sign-in in front of the app: open are the signed webhook and health, and everything else is for people."""

import re
from collections.abc import Iterator

import pytest
from fastapi.routing import APIRoute

from local.bicep import Expression
from shared.web.access import ACCESS, Anonymous, ForPeople
from shared.web.app import ROUTERS
from tests.architecture.infra import condition, declared, given
from tests.architecture.project import ROOT

SIGN_IN = "infra/modules/sign-in.bicep"
OPEN = declared(SIGN_IN, "openPaths").value
SETTINGS = declared(SIGN_IN, "signIn").body["properties"]

# Open in the app, and behind sign-in in Azure: they give nothing away, and nobody needs them before signing in.
CLOSED_BY_AZURE = {"/api/openapi.json", "/static/{file}"}


def routes() -> Iterator[tuple[str, str]]:
    for router in ROUTERS:
        for route in router.routes:
            assert isinstance(route, APIRoute)
            yield from ((method, route.path) for method in route.methods or ())
    yield "GET", "/api/openapi.json"


def is_open(path: str) -> bool:
    """As App Service reads excludedPaths: a path, or with /* at the end all below it."""
    return any(path == each or (each.endswith("/*") and path.startswith(each[:-1])) for each in OPEN)


def test_exactly_the_webhook_and_health_are_open() -> None:
    assert {path for _, path in ACCESS if is_open(path)} == {"/api/webhooks/decisions/{sender}", "/api/health"}
    assert len(OPEN) == 2


@pytest.mark.parametrize(("method", "path"), sorted(routes()))
def test_a_route_has_a_role_or_is_open(method: str, path: str) -> None:
    rule = ACCESS[method, path]

    if is_open(path):
        assert isinstance(rule, Anonymous)
    else:
        assert isinstance(rule, ForPeople) or path in CLOSED_BY_AZURE


def test_what_is_closed_by_azure_alone_is_still_there() -> None:
    assert {path for _, path in routes()} >= CLOSED_BY_AZURE


def test_no_open_path_reaches_above_what_it_names() -> None:
    assert [each for each in OPEN if not re.fullmatch(r"(/[a-z]+)+(/\*)?", each) or each.count("/") < 2] == []


def test_who_calls_the_host_past_the_sign_in_is_told_to_bring_a_token_and_a_key() -> None:
    page = (ROOT / "docs/runbook.md").read_text()
    calls = re.findall(r"^curl .*?(?<!\\)$", page, re.MULTILINE | re.DOTALL)
    admin = {"$CLEARANCE_SERVER" in call: call for call in calls if "/admin/" in call}

    assert not is_open("/admin/functions/sweep")
    assert {*admin} == {True, False}, "one at the app that faces people, one at the promoter of a split"
    assert all("x-functions-key: $KEY" in call for call in admin.values())
    assert "Authorization: Bearer $CLEARANCE_TOKEN" in admin[True]
    assert "Authorization" not in admin[False], "nobody signs in there"


def test_everything_else_needs_a_sign_in() -> None:
    validation = SETTINGS["globalValidation"]

    assert SETTINGS["platform"]["enabled"] is True
    assert validation["requireAuthentication"] is True
    assert validation["unauthenticatedClientAction"] == "RedirectToLoginPage"
    assert validation["excludedPaths"] == Expression("openPaths")
    assert SETTINGS["httpSettings"]["requireHttps"] is True


def test_the_app_is_handed_the_token_that_it_verifies() -> None:
    [provider] = SETTINGS["identityProviders"].values()

    assert SETTINGS["login"]["tokenStore"]["enabled"] is True
    assert provider["validation"]["allowedAudiences"] == [
        Expression("authClientId"),
        Expression("'api://${authClientId}'"),
    ]


def test_app_service_proves_itself_by_an_identity_and_holds_no_secret() -> None:
    [provider] = SETTINGS["identityProviders"].values()
    secret = provider["registration"]["clientSecretSettingName"]

    assert secret == "OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID"
    assert declared("infra/modules/app.bicep", "signInSettings").value[secret] == Expression("signInIdentityClientId")
    assert given("app")["signInIdentityClientId"].text.startswith("signsIn ? signInIdentity!.outputs.clientId")


def test_without_an_app_registration_nobody_signs_in() -> None:
    for name in ("signIn", "signInIdentity"):
        assert condition(declared("infra/main.bicep", name)) == "signsIn"
    assert declared("infra/main.bicep", "signsIn").value == Expression("!empty(authClientId)")
    assert given("app")["authClientId"] == Expression("authClientId")
