"""What the sections on real parts stand on: one Azurite behind the fault proxy, identities, workers, emulators in lanes."""

import json
import os
import secrets
import tempfile
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from local.azurite import AzuritePorts, start_azurite
from local.faults.emulator import WatchedEmulator, watched_emulator
from local.faults.identity import WatchedIdentity
from local.faults.nursery import Nursery
from local.faults.proxy import StorageProxy
from local.platform.estate import ALIAS, REGISTRIES, WORKSPACE
from local.ports import LOOPBACK
from local.processes import Children
from local.serving import serving, site_on
from local.tls import Authority, make_authority
from local.token_issuer.identity_endpoint import identity_app
from local.token_issuer.people import read_people
from local.token_issuer.sign_in import sign_in_app
from local.token_issuer.signing import SigningKeys
from local.token_issuer.tokens import TokenIssuer

SENDER = "chatops"
PUBLIC_URL = f"http://{LOOPBACK}:7071"
MOST_ACCOUNTS = 3000
_KEY = "Y2xlYXJhbmNlLWZhdWx0cw=="  # of every account of this one Azurite

# The protocol's waits, a hundred times shorter; shared/settings/waits.py relates them. A lease outlasts a machine that
# stands still for a while: what an import leaves after that is a conflict, and rightly.
SHORT_WAITS: Mapping[str, float] = {
    "LEASE": 6.0,
    "LEASE_NEEDED": 4.8,
    "IMPORT_DEADLINE": 4.5,
    "REREAD_MAX_AGE": 2.0,
    "READ_BACK_AGAIN": 1.5,
    "WORK_DUE": 1.0,
    "TOUCH_COVERS": 0.5,
    "BACKOFF_FIRST": 0.2,
    "BACKOFF_LAST": 1.0,
    "RELOOK": 60.0,
    "RELOOK_FOR": 120.0,
    "RELOOK_SLOW": 60.0,
    "RELOOK_SLOW_FOR": 240.0,
    "SETTLED_FOR": 1.0,
    "MISSING_GRACE": 5.0,
}


@dataclass(frozen=True, slots=True)
class Account:
    """One storage account: how workers reach it, through the proxy, and how we do, past it."""

    name: str
    azurite: AzuritePorts
    proxy: StorageProxy

    @property
    def watched(self) -> str:
        """The connection string of workers."""
        return _connection_string(self.name, self.proxy.ports)

    @property
    def direct(self) -> str:
        """The connection string past the proxy."""
        return _connection_string(self.name, self.azurite)


@dataclass(frozen=True, slots=True)
class Estate:
    """Everything that is shared.

    Attributes:
        lanes: emulators; on each one promotion after another is played out, and lanes do not meet.
        issuer: signs people in, and vouches for the app.
        webhook_key: of the one sender, who speaks for every approver.
        accounts: numbers of storage accounts that nobody has used.
    """

    azurite: AzuritePorts
    proxy: StorageProxy
    nursery: Nursery
    lanes: tuple[WatchedEmulator, ...]
    authority: Authority
    identity_url: str
    identity: WatchedIdentity
    identity_header: str
    issuer: TokenIssuer
    webhook_key: bytes
    accounts: Iterator[int] = field(default_factory=count)

    def new_account(self) -> Account:
        """A storage account that nobody has used."""
        return Account(f"f{next(self.accounts):05d}", self.azurite, self.proxy)

    def settings(self, lane: WatchedEmulator, account: Account, waits: Mapping[str, float]) -> dict[str, str]:
        """The app settings of a worker; all that differs from Azure."""
        host = urlsplit(lane.url).netloc
        people = self.issuer.people
        senders = {SENDER: {"keys": [_whsec(self.webhook_key)], "people": sorted(people.people)}}
        return {
            "AzureWebJobsStorage": account.watched,
            "CLEARANCE_WORKSPACES": json.dumps({ALIAS: WORKSPACE.arm_id}),
            "CLEARANCE_REGISTRIES": json.dumps([registry.name for registry in REGISTRIES]),
            "CLEARANCE_GOVERNED_FROM": json.dumps({ALIAS: "2020-01-01T00:00:00Z"}),
            "CLEARANCE_CLOUD": json.dumps(lane.cloud),
            "CLEARANCE_TRACKING_HOSTS": json.dumps({ALIAS: host}),
            "CLEARANCE_TRUSTED_HOSTS": "[]",
            "CLEARANCE_ARTIFACT_HOSTS": json.dumps([host]),
            "CLEARANCE_AZURE_ML_TIMEOUT": "10",
            "CLEARANCE_SENDERS": json.dumps(senders),
            "CLEARANCE_PUBLIC_URL": PUBLIC_URL,
            "CLEARANCE_TENANT_ID": people.tenant_id,
            "CLEARANCE_CLIENT_ID": people.client_id,
            "CLEARANCE_ISSUER": self.issuer.issuer,
            "CLEARANCE_JWKS_URI": self.issuer.jwks_uri,
            "AZURE_CLIENT_ID": people.managed_identity.client_id,
            "IDENTITY_ENDPOINT": self.identity_url + self.identity.path(lane.port),
            "IDENTITY_HEADER": self.identity_header,
            "REQUESTS_CA_BUNDLE": str(self.authority.ca_bundle),
            "SSL_CERT_FILE": str(self.authority.ca_bundle),
            "NO_PROXY": LOOPBACK,
            "POLICY_BUILD": "1",
            **{f"CLEARANCE_{name}_SECONDS": f"{seconds:g}" for name, seconds in waits.items()},
        }


@contextmanager
def running_estate(lanes: int) -> Iterator[Estate]:
    """Start it with that many lanes; nothing of it outlives the block."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="faults-")))
        authority = make_authority(folder / "tls")
        children = stack.enter_context(Children(folder / "logs"))
        ports = AzuritePorts.free()
        _start_storage(children, ports)
        issuer, header = stack.enter_context(_issuing(authority)), secrets.token_hex(16)
        identity = WatchedIdentity(identity_app(issuer, header))
        site = site_on(identity)
        stack.enter_context(serving(site))
        nursery = stack.enter_context(closing(Nursery(children, folder)))
        yield Estate(
            azurite=ports,
            proxy=stack.enter_context(StorageProxy(ports)),
            nursery=nursery,
            lanes=tuple(stack.enter_context(watched_emulator(authority)) for _ in range(lanes)),
            authority=authority,
            identity_url=site.url,
            identity=identity,
            identity_header=header,
            issuer=issuer,
            webhook_key=secrets.token_bytes(32),
        )


@contextmanager
def _issuing(authority: Authority) -> Iterator[TokenIssuer]:
    """Who signs people in, with the published keys over https, for the length of the block."""
    apps: list[ASGIApp] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await apps[0](scope, receive, send)

    site = site_on(app, certificate=authority.issue())
    issuer = TokenIssuer(read_people(), SigningKeys(), site.url)
    apps.append(sign_in_app(issuer))
    with serving(site):
        yield issuer


def _start_storage(children: Children, ports: AzuritePorts) -> None:
    """An Azurite with many accounts, so that every run begins with empty storage and one process serves them all."""
    before = os.environ.get("AZURITE_ACCOUNTS")
    os.environ["AZURITE_ACCOUNTS"] = ";".join(f"f{number:05d}:{_KEY}" for number in range(MOST_ACCOUNTS))
    try:
        start_azurite(children, ports)
    finally:
        if before is None:
            del os.environ["AZURITE_ACCOUNTS"]
        else:
            os.environ["AZURITE_ACCOUNTS"] = before


def _connection_string(account: str, ports: AzuritePorts) -> str:
    endpoints = {"Blob": ports.blob, "Queue": ports.queue, "Table": ports.table}
    return f"DefaultEndpointsProtocol=http;AccountName={account};AccountKey={_KEY};" + "".join(
        f"{service}Endpoint=http://{LOOPBACK}:{port}/{account};" for service, port in endpoints.items()
    )


def _whsec(key: bytes) -> str:
    return "whsec_" + b64encode(key).decode()
