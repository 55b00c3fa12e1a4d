"""Published inputs, where `CLEARANCE_CORPORA` names the folder that holds them; nothing here needs them."""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.platform.estate import ALIAS
from shared.domain.ids import PromotionId


@dataclass(frozen=True, slots=True)
class EventCase:
    """A published message. `promotion` is what it announces once it comes from a governed workspace, None for nothing."""

    name: str
    text: str
    promotion: PromotionId | None

    def body(self, topic: str) -> bytes:
        """The message as one of our workspaces would send it; nothing else of it is touched."""
        ours = re.sub(
            r'("(?:topic|source)"\s*:\s*")/subscriptions/[^"]*workspaces/[^"]*',
            rf"\g<1>{topic}",
            self.text,
            flags=re.IGNORECASE,
        )
        return ours.encode()


@dataclass(frozen=True, slots=True)
class Corpora:
    """The folder; None where there is none."""

    folder: Path | None

    @classmethod
    def named(cls) -> "Corpora":
        """The one that the environment names.

        Raises:
            SystemExit: it holds no event: whoever names a folder believes that its inputs are among the cases.
        """
        given = os.environ.get("CLEARANCE_CORPORA")
        found = cls(Path(given) if given else None)
        if given and not any(found.events()):
            raise SystemExit(
                f"CLEARANCE_CORPORA names {given}, which holds no eventgrid/*.json. Name another folder, or none."
            )
        return found

    @property
    def told(self) -> str:
        """A sentence about what published inputs are among the cases."""
        if self.folder is None:
            return "CLEARANCE_CORPORA names no folder, so no published inputs are among the cases"
        return (
            f"{len([*self.events()])} published events of {self.folder}, and what lies beside them, are among the cases"
        )

    def events(self) -> Iterator[EventCase]:
        """Every published Event Grid message, of our kind and of others."""
        for path in self._files("eventgrid", "*.json"):
            if path.name not in {"EXPECTED.json", "delivery-headers.json"}:
                text = path.read_text("utf-8")
                yield EventCase(path.name, text, _announced(path.name, text))

    def webhooks(self) -> dict[str, Any] | None:
        """The vectors of Standard Webhooks."""
        for path in self._files("standard-webhooks", "vectors.json"):
            found: dict[str, Any] = json.loads(path.read_text("utf-8"))
            return found
        return None

    def canonical(self) -> Iterator[tuple[str, bytes, bytes]]:
        """Name, input and canonical output of RFC 8785's published cases."""
        for path in self._files("rfc8785-jcs", "input/*.json"):
            output = path.parents[1] / "output" / path.name
            if output.is_file():
                yield path.name, path.read_bytes(), output.read_bytes()

    def models(self) -> Iterator[tuple[str, Any]]:
        """Every published answer about versions of models, and one in the form of the SDK's own files."""
        for path in self._files("azureml-rest", "*.json"):
            for status, answer in json.loads(path.read_text("utf-8"))["responses"].items():
                yield f"{path.name} {status}", answer["body"]
        for path in self._files("azureml-sdk", "*.json"):
            yield path.name, json.loads(path.read_text("utf-8"))

    def _files(self, folder: str, pattern: str) -> list[Path]:
        return sorted((self.folder / folder).rglob(pattern)) if self.folder else []


def _announced(name: str, text: str) -> PromotionId | None:
    """What a message says, read with no code of ours; a key twice, and whatever is no JSON, says nothing."""
    if not name.lower().startswith(("modelregistered", "model_registered")) or "DUPLICATE" in name:
        return None
    found = json.loads(text)
    event = found[0] if isinstance(found, list) else found
    said = {key.lower(): value for key, value in event["data"].items()}
    return PromotionId(ALIAS, said["modelname"], str(said["modelversion"]))
