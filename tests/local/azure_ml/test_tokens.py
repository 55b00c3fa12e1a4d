"""Bearer tokens checked against a key set."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import jwt
import pytest
from azure.ai.ml.entities import Model
from azure.core.exceptions import ClientAuthenticationError
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from local.azure_ml.config import EmulatorConfig
from local.azure_ml.server import Running, running_emulator
from tests.local.azure_ml.conftest import RISK, SHARED, Sdk, trust

MakeToken = Callable[..., str]


def publish(path: Path, **keys: RSAPrivateKey) -> None:
    """Write a JWKS file with the public halves."""
    known = [
        {**jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, "alg": "RS256"}
        for kid, key in keys.items()
    ]
    path.write_text(json.dumps({"keys": known}))


@pytest.fixture(scope="module")
def key() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


@pytest.fixture(scope="module")
def keys_path(key: RSAPrivateKey, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "jwks.json"
    publish(path, one=key)
    return path


@pytest.fixture(scope="module")
def guarded(keys_path: Path) -> Iterator[Running]:
    config = EmulatorConfig((RISK,), (SHARED,), token_keys=keys_path, audiences=("api://extra",))
    with running_emulator(config) as running:
        running.control.models("register", "fraud", "1", workspace=RISK.name)
        yield running


@pytest.fixture
def sdk(guarded: Running, monkeypatch: pytest.MonkeyPatch) -> Sdk:
    trust(monkeypatch, guarded)
    return Sdk(guarded)


@pytest.fixture
def token(key: RSAPrivateKey) -> MakeToken:
    def make(signer: RSAPrivateKey = key, kid: str = "one", **claims: object) -> str:
        usual = {"aud": "https://management.azure.com/", "exp": time.time() + 60, "oid": "o", "name": "Dana Osei"}
        return jwt.encode({**usual, **claims}, signer, "RS256", headers={"kid": kid})

    return make


@pytest.mark.parametrize("audience", ["https://management.azure.com", "https://ml.azure.com/", "api://extra", "own"])
def test_a_good_token_passes(sdk: Sdk, guarded: Running, token: MakeToken, audience: str) -> None:
    bearer = token(aud=guarded.url if audience == "own" else audience)
    assert sdk.workspace(token=bearer).models.get("fraud", "1").version == "1"


def test_the_caller_is_who_the_token_says(sdk: Sdk, token: MakeToken) -> None:
    path = "azureml://datastores/workspaceblobstore/paths/x"
    made = sdk.workspace(token=token(name="Rosa Lind")).models.create_or_update(
        Model(name="hers", version="1", path=path)
    )
    assert made.creation_context.created_by == "Rosa Lind"


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"aud": "https://graph.microsoft.com"}, "wrong audience"),
        ({"exp": 1}, "expired"),
        ({"kid": "two"}, "no key 'two'"),
    ],
)
def test_a_bad_token_is_a_401(sdk: Sdk, token: MakeToken, claims: dict[str, object], said: str) -> None:
    with pytest.raises(ClientAuthenticationError, match=said) as caught:
        sdk.workspace(token=token(**claims)).models.get("fraud", "1")
    assert caught.value.status_code == 401


@pytest.mark.parametrize("bearer", ["opaque", "", "a.b.c"])
def test_what_is_no_token_is_a_401(sdk: Sdk, bearer: str) -> None:
    with pytest.raises(ClientAuthenticationError):
        sdk.workspace(token=bearer).models.get("fraud", "1")


def test_a_token_signed_by_another_key_is_a_401(sdk: Sdk, token: MakeToken) -> None:
    with pytest.raises(ClientAuthenticationError, match="Signature verification failed"):
        sdk.workspace(token=token(signer=generate_private_key(65537, 2048))).models.get("fraud", "1")


def test_a_rotated_key_set_is_read_again(sdk: Sdk, token: MakeToken, key: RSAPrivateKey, keys_path: Path) -> None:
    new = generate_private_key(65537, 2048)
    publish(keys_path, one=key, two=new)
    assert sdk.workspace(token=token(signer=new, kid="two")).models.get("fraud", "1").version == "1"
