"""Words of others are quoted without the secrets in them."""

import time

import pytest

from shared.domain.redacted import redacted

SECRET = "c2VjcmV0LWNhbmFyeQ%3D%3D"
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJvaWQiOiJjYW5hcnkifQ.c2lnbmF0dXJlLWNhbmFyeQ"
WITH_SECRETS = {
    "a SAS URL": f"https://x.blob.core.windows.net/c?sv=2024-11-04&sig={SECRET}&se=2026",
    "a connection string": f"DefaultEndpointsProtocol=https;AccountName=x;AccountKey={SECRET};EndpointSuffix=y",
    "a shared access key": f"Endpoint=sb://x;SharedAccessKeyName=root;SharedAccessKey={SECRET}",
    "a bearer token": f"Authorization: Bearer {SECRET}",
    "a bearer token in lower case": f"authorization: bearer {SECRET}",
    "a shared key": f"Authorization: SharedKey account:{SECRET}",
    "a SAS in a header": f"SharedAccessSignature r=x&e=y&s={SECRET}",
    "a password in a header": f"Authorization: Basic {SECRET}",
    "a JSON answer": f'{{"token_type": "Bearer", "access_token": "{SECRET}", "expires_in": 3599}}',
    "a JSON answer in JSON": rf'{{"message": "{{\"access_token\":\"{SECRET}\"}}"}}',
    "a client secret": f"client_secret={SECRET}&grant_type=client_credentials",
    "a client assertion": f"client_assertion={SECRET}&scope=x",
    "a SAS token in JSON": f"{{'sasToken': '{SECRET}', 'secretsType': 'Sas'}}",
    "a key of Event Grid": f"aeg-sas-key: {SECRET}",
    "a key of Functions": f"x-functions-key: {SECRET}",
    "a key of a sender": f"the key whsec_{SECRET.replace('%3D', '=')} is too short",
    "a signature": f'signature="{SECRET}"',
}
IN_PEACE = (
    "The signature is wrong: compare the clocks.",
    "Basic authentication is not offered; send a Bearer token.",
    "UserError: the model fraud-detector:7 has a design of 3 layers, assignee=dana",
    "PartitionKey: work; RowKey: risk-dev:fraud:7",
    "",
)


@pytest.mark.parametrize("text", WITH_SECRETS.values(), ids=WITH_SECRETS)
def test_a_secret_is_left_out_and_what_it_is_remains(text: str) -> None:
    said = redacted(text)

    assert SECRET[:12] not in said
    assert "***" in said
    assert said.startswith(text[:8])


@pytest.mark.parametrize("text", [JWT, f"({JWT})", f"the token {JWT}. was sent", f'"{JWT}"', JWT[:40]])
def test_a_json_web_token_is_known_wherever_it_stands(text: str) -> None:
    said = redacted(text)

    assert "eyJ" not in said
    assert "canary" not in said


@pytest.mark.parametrize("text", IN_PEACE)
def test_other_words_are_left_in_peace(text: str) -> None:
    assert redacted(text) == text


def test_what_was_redacted_once_stays_as_it_is() -> None:
    for text in WITH_SECRETS.values():
        assert redacted(redacted(text)) == redacted(text)


ENDLESS = ("sig", "token:", "token ", "a_", "bearer ", "eyJ", "whsec_", "secret'", 'token=\\"', "=", "x.")


@pytest.mark.timeout(60)
@pytest.mark.parametrize("text", ENDLESS)
def test_no_text_takes_long(text: str) -> None:
    began = time.perf_counter()
    redacted(text * 100_000 + "!")
    assert time.perf_counter() - began < 5
