"""Access keys: the master key, the keys of functions, and the system keys of extensions."""

import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.functions_host.functions import AppRefused

EVENT_GRID_EXTENSION = "eventgrid_extension"


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one host. Without any (`open`) every caller is let in, as Core Tools does on a developer's machine.

    Attributes:
        open: nobody needs a key.
        master: opens everything, `/admin` included.
        functions: open every function of level "function".
        per_function: by function name in lower case, the keys that open this one.
        system: by name, such as `eventgrid_extension`.
    """

    open: bool
    master: str = ""
    functions: tuple[str, ...] = ()
    per_function: dict[str, tuple[str, ...]] = field(default_factory=dict)
    system: dict[str, str] = field(default_factory=dict)

    def opens_admin(self, given: str) -> bool:
        """Whether `given` is the master key."""
        return self.open or self.is_master(given)

    def is_master(self, given: str) -> bool:
        """Whether the caller has shown the master key; nobody has where no keys are kept."""
        return not self.open and _same(given, (self.master,))

    def opens_function(self, given: str, name: str, level: str) -> bool:
        """Whether `given` opens the function `name` of auth level anonymous, function or admin."""
        if level.lower() == "anonymous" or self.opens_admin(given):
            return True
        own = self.per_function.get(name.lower(), ())
        return level.lower() == "function" and _same(given, (*own, *self.functions))

    def opens_extension(self, given: str, name: str) -> bool:
        """Whether `given` is the system key `name`, or the master key."""
        return self.opens_admin(given) or _same(given, (self.system.get(name, ""),))


def given_key(headers: Mapping[str, str], query: Mapping[str, str]) -> str:
    """The key of a request: the header wins over `?code=` (host: AuthenticationLevelHandler.cs)."""
    return headers.get("x-functions-key") or query.get("code") or ""


def read_keys(path: Path | None) -> Keys:
    """The keys in a JSON file, which is made with new keys, for its owner alone, if it does not exist.

    Its fields: `masterKey`, `functionKeys` {name: key}, `functions` {function: {name: key}}, `systemKeys` {name: key}.

    Raises:
        AppRefused: the file is faulty.
    """
    if path is None:
        return Keys(open=True)
    if not path.exists():
        _write_new(path)
    try:
        document: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return Keys(
            open=False,
            master=_key(document["masterKey"]),
            functions=_keys(document.get("functionKeys", {})),
            per_function={name.lower(): _keys(keys) for name, keys in document.get("functions", {}).items()},
            system={name: _key(key) for name, key in document.get("systemKeys", {}).items()},
        )
    except (OSError, ValueError, TypeError, AttributeError, KeyError) as error:
        shape = '{"masterKey": "...", "functionKeys": {"default": "..."}, "systemKeys": {"eventgrid_extension": "..."}}'
        raise AppRefused([f"{path} is no keys file: {error!r}; expected {shape}"]) from error


def _write_new(path: Path) -> None:
    document = {
        "masterKey": secrets.token_urlsafe(32),
        "functionKeys": {"default": secrets.token_urlsafe(32)},
        "systemKeys": {EVENT_GRID_EXTENSION: secrets.token_urlsafe(32)},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(document, indent=2) + "\n", "utf-8")


def _keys(named: dict[str, Any]) -> tuple[str, ...]:
    return tuple(_key(key) for key in named.values())


def _key(value: Any) -> str:
    if not isinstance(value, str) or len(value) < 16:
        raise ValueError("a key is text of at least 16 characters")
    return value


def _same(given: str, known: tuple[str, ...]) -> bool:
    """Compared in constant time; an empty key never fits."""
    fits = [hmac.compare_digest(given.encode(), key.encode()) and bool(key) for key in known]
    return any(fits)
