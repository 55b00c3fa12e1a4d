"""The whole platform on one machine: the services, the Functions app among them, and what is needed to use both."""

import os
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import httpx

from local.azure_ml.client import Emulator
from local.platform.address import Address, forget_address
from local.platform.app_settings import Upstream, app_settings, environment
from local.platform.az_ml import az_ml_model_update
from local.platform.folder import first_start
from local.platform.functions_app import FunctionsApp
from local.platform.sdk import Sdk
from local.platform.secrets_file import Secrets, secrets_in
from local.platform.services import ROOT, Services, start_services
from local.platform.settings_file import write_settings
from local.platform.sign_in_page import start_sign_in
from local.platform.telemetry import TelemetryView
from local.platform.tokens import Tokens
from local.platform.topic import TopicView
from local.platform.waiting import wait_for
from local.platform.webhook import DecisionSigner
from local.ports import free_ports, listen
from local.processes import Child, Children
from local.tls import make_authority

if TYPE_CHECKING:
    from local.samples.registering import Registered

PORT_SETTING = "CLEARANCE_HTTP_PORT"
DEFAULT_PORT = 7071
READER = "ana.auditor"


class PortTaken(Exception):
    """The port of the app is in use, or is no port; the text names the setting that chooses another."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a platform differs from the plain one.

    Attributes:
        port: of the app's http triggers; None takes a free one.
        folder: kept over restarts; None uses a temporary one and keeps nothing.
        sign_in: also run the sign-in page, which is then how people reach the app.
        app_dir: folder of `function_app.py` and `host.json`.
        changes: app settings to replace or add; None takes one out.
        start_app: start the Functions app at once.
        access_log: let storage log each request, to be counted.
    """

    port: int | None = None
    folder: Path | None = None
    sign_in: bool = False
    app_dir: Path = ROOT
    changes: Mapping[str, str | None] = field(default_factory=dict)
    start_app: bool = True
    access_log: bool = False


class Platform:
    """A platform for the length of a `with` block; nothing it started outlives the block.

    Attributes after the start: `address`, `app`, `sdk`, `emulator` (control client of the Azure ML emulator), `topic`,
    `telemetry`, `secrets`, `folder`, `settings`.

    Raises:
        PortTaken: the app's port is in use.
        ChildFailed: a process did not start; the text ends with its log.
    """

    address: Address
    app: FunctionsApp
    sdk: Sdk
    emulator: Emulator
    topic: TopicView
    telemetry: TelemetryView
    secrets: Secrets
    folder: Path
    settings: dict[str, str]

    def __init__(self, options: Options = Options(), *, report: Callable[[str], None] = lambda _line: None) -> None:
        self._options = options
        self._report = report
        self._open = ExitStack()
        self._clients: dict[str | None, httpx.Client] = {}

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            self._start(opening)
            self._open = opening.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._open.close()

    # --- the app -----------------------------------------------------------------------------------------------------

    def start_app(self, changes: Mapping[str, str | None] | None = None) -> None:
        """Start the Functions app, with further app settings replaced if `changes` names any."""
        self.app.start(environment(self.settings, {**self._options.changes, **(changes or {})}))

    def stop_app(self) -> int:
        """Stop the Functions app alone; 0 if nothing was cut off."""
        return self.app.stop()

    def kill_app(self) -> None:
        """Kill the Functions app alone (SIGKILL)."""
        self.app.kill()

    def fire(self, function: str, given: object = None) -> None:
        """Run a timer, or any function with `given`, now."""
        self.app.fire(function, given)

    def processes(self) -> dict[str, int]:
        """The process id of everything that runs, by name."""
        return {child.name: child.pid for child in self._children.running}

    def wait_for_any_end(self) -> Child:
        """Block until one of the processes has ended by itself, and give that one."""
        return self._children.wait_for_any_end()

    # --- people ------------------------------------------------------------------------------------------------------

    def token(self, person: str, **wanted: Any) -> str:
        """A token of one of the people, for the app; see `Tokens.token`."""
        return self._tokens.token(person, **wanted)

    def http(self, person: str | None = None) -> httpx.Client:
        """A client of the app signed in as `person`, or nobody. Its token lasts an hour."""
        if person not in self._clients:
            headers = {"authorization": f"Bearer {self.token(person)}"} if person else {}
            client = httpx.Client(base_url=self.app.url, headers=headers, trust_env=False, timeout=60)
            self._clients[person] = self._open.enter_context(client)
        return self._clients[person]

    def signer(self, sender: str = "chatops") -> DecisionSigner:
        """Signs webhooks as one of the senders."""
        return DecisionSigner(sender, self.secrets.senders[sender])

    # --- the main job ------------------------------------------------------------------------------------------------

    def register(self, sample: str, **wanted: Any) -> "Registered":
        """Train, log and register a sample through the real SDK; `wanted` are fields of `local.samples` `Wanted`."""
        from local.samples.registering import Wanted, register_sample  # scikit-learn takes seconds

        return register_sample(self.sdk, Wanted(sample, **wanted))

    def mend(self, command: str, person: str = "dana.submitter") -> dict[str, str]:
        """Carry out a command that a gate printed, with its placeholder filled in, and give the version's tags then."""
        return az_ml_model_update(self.sdk, person, command)

    def promotion(self, promotion: str) -> dict[str, Any]:
        """What the API says about a promotion, by its id; a problem document while it is not known."""
        return dict(self.http(READER).get(promotion_path(promotion)).json())

    def wait_for_status(self, promotion: str, *statuses: str, timeout: float = 60.0) -> dict[str, Any]:
        """Wait until a promotion has one of these statuses, and give what the API says then.

        Raises:
            NeverCame: it has not; the text shows what it has.
        """
        what = f"{promotion} to be {' or '.join(statuses)}"
        return wait_for(
            lambda: self.promotion(promotion), lambda seen: seen.get("status") in statuses, timeout=timeout, what=what
        )

    def decision(self, promotion: str, approver: str, verdict: str = "approve", **fields: Any) -> dict[str, Any]:
        """The body of a decision on the evaluation that the promotion has now; `fields` are added or replaced."""
        digest = self.promotion(promotion)["evaluation"]["digest"]
        body = {"promotion": promotion, "evaluation": digest, "verdict": verdict, "approver": approver}
        return {**body, **fields}

    def sign_and_send(self, decision: Mapping[str, Any], sender: str = "chatops", **signed: Any) -> httpx.Response:
        """Send a decision by webhook; `signed` may hold the `id` and the instant `at` of the signature."""
        return self.signer(sender).sign(decision, **signed).send(self.http())

    # --- start -------------------------------------------------------------------------------------------------------

    def _start(self, opening: ExitStack) -> None:
        port = _checked_port(self._options.port)
        self.folder = _folder(self._options.folder, opening)
        self.secrets = secrets_in(self.folder)
        self._children = opening.enter_context(Children(self.folder / "logs"))
        self._report("starting storage, token issuer, Azure ML emulator, event topic and telemetry")
        authority = make_authority(self.folder / "tls")
        persist = self._options.folder is not None
        header = self.secrets.identity_header
        log = self._options.access_log
        services = start_services(self._children, self.folder, authority, header, persist=persist, access_log=log)
        self.app = FunctionsApp(self._children, port, self.folder, self._options.app_dir)
        self.address = self._address(services, authority.ca_bundle)
        self._connect(opening)
        self.settings = app_settings(_upstream(self.address, services), self.secrets, first_start(self.folder))
        write_settings(self.folder, self.settings)
        if self._options.start_app:
            self._report("starting the Functions app")
            self.start_app()
        opening.callback(forget_address, self.folder)
        self.address.write(self.folder)

    def _address(self, services: Services, ca_bundle: Path) -> Address:
        pages = self.app.url
        if self._options.sign_in:
            pages = start_sign_in(self._children, self.app.url, services.tokens, ca_bundle)
        return Address(
            self.app.url, pages, services.emulator, services.tokens, services.topic, services.telemetry, str(ca_bundle)
        )

    def _connect(self, opening: ExitStack) -> None:
        self._tokens = Tokens(self.address)
        opening.callback(self._tokens.close)
        self.topic = TopicView(self.address)
        opening.callback(self.topic.close)
        self.telemetry = TelemetryView(self.address)
        opening.callback(self.telemetry.close)
        self.emulator = opening.enter_context(Emulator(self.address.emulator, Path(self.address.ca_bundle)))
        self.sdk = Sdk(self.address, self._tokens)


def promotion_path(promotion: str) -> str:
    """Where the API keeps a promotion, by its id `workspace:name:version`."""
    return "/api/promotions/" + promotion.replace(":", "/")


def port_from_environment() -> int:
    """The app's port as `CLEARANCE_HTTP_PORT` says, 7071 if it does not.

    Raises:
        PortTaken: it is no port.
    """
    text = os.environ.get(PORT_SETTING, "").strip() or str(DEFAULT_PORT)
    if not text.isdecimal() or not 1024 <= int(text) <= 65000:
        raise PortTaken(f"{PORT_SETTING} is {text!r}; expected a port from 1024 to 65000, for example {DEFAULT_PORT}")
    return int(text)


def _checked_port(port: int | None) -> int:
    if port is None:
        return free_ports(1)[0]
    try:
        listen(port).close()
    except OSError as error:
        raise PortTaken(
            f"port {port} is in use: is another copy running? Stop it, or choose another port, "
            f"for example {PORT_SETTING}={port + 10}"
        ) from error
    return port


def _folder(kept: Path | None, opening: ExitStack) -> Path:
    if kept is None:
        return Path(opening.enter_context(tempfile.TemporaryDirectory(prefix="clearance-"))).resolve()
    kept.mkdir(parents=True, exist_ok=True, mode=0o700)
    return kept.resolve()


def _upstream(address: Address, services: Services) -> Upstream:
    return Upstream(
        address,
        services.connection_string,
        services.topic_endpoint,
        services.telemetry_connection,
        services.identity_endpoint,
        services.issuer,
        services.jwks_uri,
    )
