"""A real issuer of tokens with its key set over https, and the app that believes it."""

from collections.abc import Iterator

import pytest
from starlette.types import Receive, Scope, Send

from local.serving import serving, site_on
from local.tls import make_authority
from local.token_issuer.people import read_people
from local.token_issuer.sign_in import sign_in_app
from local.token_issuer.signing import SigningKeys as IssuerKeys
from local.token_issuer.tokens import TokenIssuer
from shared.adapters.entra_identity import EntraIdentity, Expected
from shared.adapters.signing_keys import SigningKeys
from tests.web.front import Front, SignIn


@pytest.fixture(scope="session")
def sign_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SignIn]:
    authority = make_authority(tmp_path_factory.mktemp("tls"))
    people = read_people()
    issuers: list[TokenIssuer] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await sign_in_app(issuers[0])(scope, receive, send)

    site = site_on(app, certificate=authority.issue())
    issuers.append(TokenIssuer(people, IssuerKeys(), site.url))
    keys = SigningKeys(issuers[0].issuer, ca_bundle=str(authority.ca_bundle))
    identity = EntraIdentity(Expected(issuers[0].issuer, (people.client_id,), people.tenant_id), keys)
    with serving(site):
        yield SignIn(issuers[0], identity)


@pytest.fixture
def front(sign_in: SignIn) -> Front:
    return Front(sign_in)
