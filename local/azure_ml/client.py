"""How to reach an emulator: the arguments for azure-ai-ml, and a client of its control routes."""

import ssl
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from local.ports import LOOPBACK


def cloud_name(port: int) -> str:
    """Return the ``cloud`` argument of ``MLClient``.

    The port is part of it because the SDK never lets a process redefine a cloud of the same name.
    """
    return f"EmulatedAzure{port}"


def cloud_metadata(port: int) -> dict[str, str]:
    """Return the ``cloud_metadata`` argument of ``MLClient``; the SDK needs all six keys and both slashes at the end."""
    root = f"https://{LOOPBACK}:{port}/"
    return {
        "azure_portal": root,
        "resource_manager": root,
        "active_directory": "https://login.microsoftonline.com/",
        "aml_resource_id": "https://ml.azure.com/",
        "storage_endpoint": "emulator.test",
        "registry_discovery_endpoint": root,
    }


class ControlRefused(RuntimeError):
    """A control route refused what it was given; the text is its explanation."""


class Emulator:
    """A client of the control routes of one emulator.

    Args:
        url: ``https://127.0.0.1:<port>``.
        ca_bundle: PEM file of the emulator's CA.
    """

    def __init__(self, url: str, ca_bundle: Path) -> None:
        context = ssl.create_default_context(cafile=str(ca_bundle))
        self._http = httpx.Client(base_url=f"{url}/_emulator", verify=context, timeout=30, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def _send(self, method: str, path: str, body: object = None) -> Any:
        answer = self._http.request(method, path, json=body) if body is not None else self._http.request(method, path)
        if answer.is_error:
            raise ControlRefused(f"{method} /_emulator{path}: {answer.text}")
        return answer.json() if answer.content else None

    def health(self) -> dict[str, Any]:
        """Return what the emulator serves."""
        return dict(self._send("GET", "/health"))

    def add_faults(self, *rules: dict[str, Any]) -> None:
        """Arm rules; :class:`local.azure_ml.faults.Rule` says what one may hold."""
        self._send("POST", "/faults", list(rules))

    def faults(self) -> list[dict[str, Any]]:
        """Return the armed rules with ``struck`` and ``left``."""
        return list(self._send("GET", "/faults"))

    def clear_faults(self) -> None:
        """Disarm all rules."""
        self._send("DELETE", "/faults")

    def calls(self, operation: str | None = None) -> list[dict[str, Any]]:
        """Return the logged calls, of one operation or all; :class:`local.azure_ml.call_log.LoggedCall` says the fields."""
        return [call for call in self._send("GET", "/calls") if operation in {None, call["operation"]}]

    def clear_calls(self) -> None:
        """Forget the logged calls."""
        self._send("DELETE", "/calls")

    def imports(self) -> dict[str, dict[str, int]]:
        """Return ``requested``, ``accepted`` and ``effective`` imports by ``registry:name:version``."""
        return dict(self._send("GET", "/imports"))

    def models(self, action: str, name: str, *versions: str, **fields: Any) -> list[dict[str, Any]]:
        """Change models behind everybody's back; :class:`local.azure_ml.control_models.ModelChange` says the fields."""
        return list(self._send("POST", "/models", {"action": action, "name": name, "versions": versions, **fields}))

    def behaviour(self) -> dict[str, Any]:
        """Return the switches."""
        return dict(self._send("GET", "/behaviour"))

    def set_behaviour(self, **switches: Any) -> None:
        """Change some switches of :class:`local.azure_ml.config.Behaviour`."""
        self._send("PATCH", "/behaviour", switches)

    def arm(self) -> dict[str, Any]:
        """Return what the resource manager answers beside workspaces."""
        return dict(self._send("GET", "/arm"))

    def set_arm(self, **parts: Any) -> None:
        """Replace some parts of :class:`local.azure_ml.arm_config.Arm`."""
        self._send("PATCH", "/arm", parts)

    def events(self) -> dict[str, Any]:
        """Return mode, held, dropped and deliveries of events."""
        return dict(self._send("GET", "/events"))

    def set_event_mode(self, **mode: Any) -> None:
        """Mistreat the next events; :class:`local.azure_ml.event_feed.Mode` says how."""
        self._send("POST", "/events", mode)

    def reset_events(self) -> None:
        """Go back to plain delivery and let held events go."""
        self._send("DELETE", "/events")

    def wait_for_deliveries(
        self, count: int, subject: str | None = None, seconds: float = 10.0
    ) -> list[dict[str, Any]]:
        """Wait until that many deliveries (of one subject) are done, that is delivered or given up, and return them.

        Raises:
            TimeoutError: they were not done in time.
        """
        end = time.monotonic() + seconds
        while True:
            found = [each for each in self.events()["deliveries"] if subject in {None, each["subject"]}]
            done = [each for each in found if each["status"] != "pending"]
            if len(done) >= count:
                return done
            if time.monotonic() > end:
                raise TimeoutError(f"{len(done)} of {count} deliveries were done in {seconds} s: {found}")
            time.sleep(0.05)
