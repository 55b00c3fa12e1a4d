"""Where a running platform is: what its tools must know, kept in `platform.json` of its folder while it runs."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

FILE = "platform.json"


class NoPlatform(Exception):
    """No platform runs there; the text says how to start one."""


@dataclass(frozen=True, slots=True)
class Address:
    """URLs end without a slash. It holds no secret.

    Attributes:
        app: the Functions app over http, as `http://127.0.0.1:7071`.
        pages: where people reach the app: the sign-in page's URL where it runs, else that of the app.
        emulator: the Azure ML emulator over https.
        tokens: where the token issuer hands out tokens for people.
        topic: the event topic's own routes, `https://127.0.0.1:port/_topic`.
        telemetry: the ingestion endpoint's own routes, `https://127.0.0.1:port/_telemetry`.
        ca_bundle: PEM file of the one authority behind every https URL here.
    """

    app: str
    pages: str
    emulator: str
    tokens: str
    topic: str
    telemetry: str
    ca_bundle: str

    def write(self, folder: Path) -> None:
        """Keep it in the platform's folder."""
        (folder / FILE).write_text(json.dumps(asdict(self), indent=2) + "\n", "utf-8")


def read_address(folder: Path) -> Address:
    """The address of the platform that runs in `folder`.

    Raises:
        NoPlatform: none does.
    """
    try:
        found: dict[str, Any] = json.loads((folder / FILE).read_text("utf-8"))
        return Address(**found)
    except FileNotFoundError:
        raise NoPlatform(f"no platform runs in {folder}: start one with `make run` in another terminal") from None
    except (ValueError, TypeError) as error:
        raise NoPlatform(f"{folder / FILE} cannot be read ({error}): stop the platform and start it anew") from error


def forget_address(folder: Path) -> None:
    """Take the address away once the platform has stopped."""
    (folder / FILE).unlink(missing_ok=True)
