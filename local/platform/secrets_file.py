"""The secrets of one platform, made at its first start and readable by its owner alone."""

import json
import secrets
from base64 import b64decode, b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = "secrets.json"
_PEOPLE_OF = {
    # The chat tool speaks for everybody who may answer there, and for those whom the policy then refuses.
    "chatops": ("amir.approver", "rosa.risk", "dana.submitter"),
    "risk-desk": ("rosa.risk",),
}
SENDERS = tuple(_PEOPLE_OF)


@dataclass(frozen=True, slots=True)
class Secrets:
    """Shared secrets of webhook senders (`whsec_...`), and the header value of the identity endpoint."""

    senders: dict[str, str]
    identity_header: str

    def as_senders_setting(self) -> dict[str, Any]:
        """What `CLEARANCE_SENDERS` holds."""
        return {
            name: {"keys": [secret], "people": list(_PEOPLE_OF.get(name, ()))} for name, secret in self.senders.items()
        }


def secrets_in(folder: Path) -> Secrets:
    """The secrets kept in a platform's folder, made if there are none; each sender's also as hex, which openssl takes."""
    path = folder / FILE
    if not path.exists():
        made = _new()
        for name, secret in made["senders"].items():
            _write(hex_file(folder, name), b64decode(secret.removeprefix("whsec_")).hex())
        _write(path, json.dumps(made, indent=2) + "\n")
    kept = json.loads(path.read_text("utf-8"))
    return Secrets(dict(kept["senders"]), str(kept["identity_header"]))


def hex_file(folder: Path, sender: str) -> Path:
    """Where the key of a sender is kept as hexadecimal digits."""
    return folder / f"{sender}.hex"


def _write(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text, "utf-8")


def _new() -> dict[str, Any]:
    senders = {name: "whsec_" + b64encode(secrets.token_bytes(32)).decode() for name in SENDERS}
    return {"senders": senders, "identity_header": secrets.token_urlsafe(32)}
