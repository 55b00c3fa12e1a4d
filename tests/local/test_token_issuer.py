"""Tokens as Entra and App Service give them, taken and checked by the real client libraries."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ManagedIdentityCredential

from local.processes import Child, Children
from local.readiness import ready_line
from local.tls import Authority
from local.token_issuer import PeopleFault, read_people

ROOT = Path(__file__).parents[2]
PEOPLE = read_people()
SECRET = "a-header-value-of-the-test"


@pytest.fixture(scope="module")
def issuer(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Child]:
    argv: list[str | Path] = [sys.executable, "-m", "local.token_issuer", "--tls", authority.folder]
    with Children(tmp_path_factory.mktemp("logs")) as children:
        yield children.start("token-issuer", argv, ready=ready_line, env={"IDENTITY_HEADER": SECRET}, cwd=ROOT)


@pytest.fixture
def client(authority: Authority) -> Iterator[httpx.Client]:
    with httpx.Client(verify=authority.client_context()) as client:
        yield client


@pytest.fixture
def keys(issuer: Child, authority: Authority) -> jwt.PyJWKClient:
    return jwt.PyJWKClient(issuer.ready["jwks_uri"], ssl_context=authority.client_context())


def test_the_real_managed_identity_credential_gets_its_token(
    issuer: Child, keys: jwt.PyJWKClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", issuer.ready["identity_endpoint"])
    monkeypatch.setenv("IDENTITY_HEADER", SECRET)
    with ManagedIdentityCredential() as credential:
        token = credential.get_token("https://management.azure.com/.default")
    claims = jwt.decode(
        token.token,
        keys.get_signing_key_from_jwt(token.token),
        algorithms=["RS256"],
        audience="https://management.azure.com",
        issuer=issuer.ready["issuer"],
    )
    assert claims["oid"] == PEOPLE.managed_identity.oid
    assert token.expires_on == claims["exp"] > time.time() + 3600


def test_the_identity_of_another_client_id_is_not_given(issuer: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", issuer.ready["identity_endpoint"])
    monkeypatch.setenv("IDENTITY_HEADER", SECRET)
    stranger = "00000000-0000-4000-8000-00000000dead"
    with (
        ManagedIdentityCredential(client_id=stranger) as credential,
        pytest.raises(ClientAuthenticationError, match=stranger),
    ):
        credential.get_token("https://management.azure.com/.default")
    with ManagedIdentityCredential(client_id=PEOPLE.managed_identity.client_id) as credential:
        assert credential.get_token("https://management.azure.com/.default").token


@pytest.mark.parametrize("headers", [{}, {"X-IDENTITY-HEADER": "wrong"}])
def test_the_identity_endpoint_wants_its_header(issuer: Child, client: httpx.Client, headers: dict[str, str]) -> None:
    query = {"resource": "https://ml.azure.com", "api-version": "2019-08-01"}
    answer = client.get(issuer.ready["identity_endpoint"], params=query, headers=headers)
    assert answer.status_code == 401


@pytest.mark.parametrize("key", sorted(PEOPLE.people))
def test_each_person_signs_in_with_entra_like_claims(
    issuer: Child, client: httpx.Client, keys: jwt.PyJWKClient, key: str
) -> None:
    token = ask(client, issuer, person=key)
    claims = jwt.decode(
        token,
        keys.get_signing_key_from_jwt(token),
        algorithms=["RS256"],
        audience=PEOPLE.client_id,
        issuer=issuer.ready["issuer"],
        options={"require": ["exp", "iat", "nbf", "aud", "iss"]},
    )
    person = PEOPLE.people[key]
    assert (claims["oid"], claims["tid"], claims["ver"]) == (person.oid, PEOPLE.tenant_id, "2.0")
    assert (claims["name"], claims["preferred_username"], claims["roles"]) == (person.name, person.upn, [*person.roles])


def test_the_discovery_document_leads_to_the_keys(issuer: Child, client: httpx.Client) -> None:
    document = client.get(issuer.ready["issuer"] + "/.well-known/openid-configuration").json()
    assert document["issuer"] == issuer.ready["issuer"]
    assert client.get(document["jwks_uri"]).json()["keys"][0]["alg"] == "RS256"


def test_bad_tokens_can_be_ordered(issuer: Child, client: httpx.Client, keys: jwt.PyJWKClient) -> None:
    def decode(token: str) -> Any:
        key = keys.get_signing_key_from_jwt(token)
        return jwt.decode(token, key, algorithms=["RS256"], audience=PEOPLE.client_id)

    with pytest.raises(jwt.ExpiredSignatureError):
        decode(ask(client, issuer, person="dana.submitter", lifetime=-60))
    with pytest.raises(jwt.InvalidAudienceError):
        decode(ask(client, issuer, person="dana.submitter", audience="https://elsewhere"))
    with pytest.raises(jwt.InvalidSignatureError):
        decode(ask(client, issuer, person="dana.submitter", sign_with="unpublished"))
    with pytest.raises(jwt.PyJWTError):
        decode(ask(client, issuer, person="dana.submitter", sign_with="none"))
    claims = decode(ask(client, issuer, person="dana.submitter", claims={"roles": ["Operator"], "name": None}))
    assert claims["roles"] == ["Operator"]
    assert "name" not in claims


def test_rotation_keeps_old_tokens_good_until_the_old_key_is_retired(
    issuer: Child, client: httpx.Client, authority: Authority
) -> None:
    old = ask(client, issuer, person="ana.auditor")
    rotate = issuer.ready["tokens_url"].replace("tokens", "keys/rotate")
    kid = client.post(rotate).json()["kid"]
    new = ask(client, issuer, person="ana.auditor")
    assert jwt.get_unverified_header(new)["kid"] == kid
    fresh = jwt.PyJWKClient(issuer.ready["jwks_uri"], ssl_context=authority.client_context(), cache_jwk_set=False)
    assert fresh.get_signing_key_from_jwt(old).key_id != kid
    client.post(rotate, json={"retire_old": True})
    for stale in (old, new):
        with pytest.raises(jwt.PyJWKClientError):
            fresh.get_signing_key_from_jwt(stale)


@pytest.mark.parametrize(
    "body", [{}, {"person": "nobody"}, {"person": "rosa.risk", "role": "x"}, {"person": "rosa.risk", "kind": "saml"}]
)
def test_a_faulty_request_is_told_what_is_wrong(issuer: Child, client: httpx.Client, body: dict[str, Any]) -> None:
    answer = client.post(issuer.ready["tokens_url"], json=body)
    assert answer.status_code == 400
    assert answer.json()["error_description"]


def test_a_people_file_is_told_all_its_faults_at_once(tmp_path: Path) -> None:
    file = tmp_path / "people.yaml"
    file.write_text("tenant_id: x\nclient_id: y\npeople: {a: {name: A, oid: '1', upn: a@contoso.com, roles: Reader}}")
    with pytest.raises(PeopleFault) as fault:
        read_people(file)
    for place in ("tenant_id", "client_id", "managed_identity", "people.a.oid", "people.a.roles"):
        assert place in str(fault.value)


def ask(client: httpx.Client, issuer: Child, **request: Any) -> str:
    answer = client.post(issuer.ready["tokens_url"], json=request)
    answer.raise_for_status()
    return str(answer.json()["token"])
