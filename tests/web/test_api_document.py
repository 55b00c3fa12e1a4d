"""The API says of itself what it does: in docs/api.md, in OpenAPI, and by codes that cover all that can be refused."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.web.access import ACCESS, Anonymous
from shared.web.problems import CODES, responses
from tests.web.front import Front

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
ROUTE_ROWS = re.findall(r"^\| `([A-Z]+) (/\S*)` \| (.+?) \|", DOCUMENT, re.MULTILINE)
CODE_ROWS = re.findall(r"^\| (\d{3}) \| `([a-z_]+)` \|", DOCUMENT, re.MULTILINE)


def test_the_document_names_every_route_once() -> None:
    assert sorted((method, path) for method, path, _ in ROUTE_ROWS) == sorted(ACCESS)


@pytest.mark.parametrize(("method", "path", "said"), ROUTE_ROWS)
def test_the_document_names_the_roles_of_the_table(method: str, path: str, said: str) -> None:
    rule = ACCESS[method, path]
    if isinstance(rule, Anonymous):
        assert said in {"anybody", "signature"}
    elif said == "any role":
        assert len(rule.roles) == 5
    else:
        everywhere, _, own = said.partition("; ")
        assert set(everywhere.split(", ")) == {str(role) for role in rule.roles}
        assert own == "".join(f"{role} for own versions" for role in rule.own)


def test_the_document_names_every_code_with_its_status() -> None:
    assert sorted((code, int(status)) for status, code in CODE_ROWS) == sorted(
        (code, status) for code, (status, _) in CODES.items()
    )


REFUSING = {"CommandRefused", "Refusal", "problem"}


def raised_codes() -> Iterator[tuple[str, str]]:
    """The code of every `CommandRefused(...)`, `Refusal(...)` and `problem(...)` below shared/."""
    for folder in ("domain", "workflow", "web"):
        for file in (ROOT / "shared" / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                match node:
                    case ast.Call(func=ast.Name(id=name), args=[ast.Constant(value=code), *_]) if name in REFUSING:
                        yield file.name, str(code)


def test_the_search_for_codes_finds_them() -> None:
    assert {code for _, code in raised_codes()} >= {"settled", "unknown_promotion", "replay_mismatch", "body_too_large"}


def test_whatever_the_rules_refuse_has_a_status_of_its_own() -> None:
    assert {(file, code) for file, code in raised_codes() if code not in CODES} == set()


# ------------------------------------------------------------------------------------------------ OpenAPI


@pytest.fixture
def described(front: Front) -> Any:
    return front.client.get("/api/openapi.json").json()


def test_openapi_describes_every_route_of_the_api_with_its_roles(described: Any) -> None:
    found = {
        (method.upper(), path): route
        for path, methods in described["paths"].items()
        for method, route in methods.items()
    }
    api = {key for key in ACCESS if key[1].startswith("/api/") and key[1] != "/api/openapi.json"}
    assert set(found) == api
    for key, route in found.items():
        rule = ACCESS[key]
        if isinstance(rule, Anonymous):
            assert route["security"] == []
        else:
            assert route["security"] == [{"token": []}]
            assert route["x-roles"] == sorted(rule.roles | rule.own)


def test_openapi_describes_bodies_and_problems(described: Any) -> None:
    for path, methods in described["paths"].items():
        for method, route in methods.items():
            assert ("requestBody" in route) is (method == "post"), path
            for status, answer in route["responses"].items():
                assert answer["description"]
                if int(status) >= 400 and path != "/api/health":
                    assert list(answer["content"]) == ["application/problem+json"], (path, status)
    webhook = described["paths"]["/api/webhooks/decisions/{sender}"]["post"]
    assert set(webhook["responses"]) == {"200", "400", "401", "403", "404", "409", "413", "415", "422", "503"}
    body = webhook["requestBody"]["content"]["application/json"]["schema"]
    assert set(body["required"]) == {"promotion", "evaluation", "verdict", "approver"}


def test_openapi_points_at_nothing_that_is_not_there(described: Any) -> None:
    names = set(described["components"]["schemas"])
    assert set(re.findall(r"#/components/schemas/(\w+)", str(described))) <= names
    assert not {"HTTPValidationError", "ValidationError"} & names


def test_openapi_states_the_grammar_of_what_a_path_and_a_query_may_hold(described: Any) -> None:
    for path, methods in described["paths"].items():
        for route in methods.values():
            for parameter in route.get("parameters", ()):
                schema = parameter["schema"]
                told = {"pattern", "enum", "oneOf", "maxLength", "maximum"} & set(schema)
                assert told, (path, parameter["name"])
                assert {"type": "null"} not in schema.get("anyOf", ())


def test_a_route_announces_only_codes_that_exist() -> None:
    with pytest.raises(KeyError):
        responses(["no_such_code"])
