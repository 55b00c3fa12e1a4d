"""One setting, and how all of them are read from a mapping with every fault collected."""

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

from shared.domain.errors import DocumentInvalid

T = TypeVar("T")
_UNRESOLVED = "@Microsoft.KeyVault("
_WAIT = re.compile(r"CLEARANCE_[A-Z_]+_SECONDS")


class Faulty(ValueError):
    """What was found in a setting instead of what is expected, one or more times; never quotes a secret."""

    def __init__(self, *found: str) -> None:
        super().__init__("; ".join(found))
        self.found = found


@dataclass(frozen=True, slots=True)
class Setting(Generic[T]):
    """One setting of the app.

    Attributes:
        name: of the environment variable.
        group: the heading it stands under in docs/configuration.md.
        meaning: what it is for, a sentence or two.
        expected: its form, to follow the word "expected" in a fault.
        example: a value that is accepted.
        read: text to value; raises `Faulty`.
        default: the text that counts where the setting is absent or empty; None where there is none.
        required: whether its absence is a fault; without default and not required, absent reads as None.
        secret: whether its value must never be shown.
    """

    name: str
    group: str
    meaning: str
    expected: str
    example: str
    read: Callable[[str], T]
    default: str | None = None
    required: bool = False
    secret: bool = False


@dataclass(slots=True)
class Reading:
    """A mapping being read: `take` each setting, then `finish`. An empty text counts as absent, as in Azure."""

    environment: Mapping[str, str]
    what: str = "The app's configuration"
    faults: list[str] = field(default_factory=list)

    def has(self, setting: Setting[Any]) -> bool:
        """Whether it is set to anything."""
        return bool(self._text(setting))

    def take(self, setting: Setting[T]) -> T:
        """The value. After a fault it means nothing, and `finish` raises before anybody uses it."""
        text = self._text(setting) or setting.default
        if text is None:
            if setting.required:
                self._fault(setting, "it is not set")
            return cast("T", None)
        try:
            return setting.read(_resolved(text))
        except Faulty as faulty:
            for found in faulty.found:
                self._fault(setting, f"found {found}")
            return cast("T", None)

    def finish(self) -> None:
        """Raise what was collected.

        Raises:
            DocumentInvalid: with every fault, each naming its setting, what was found, what is expected, an example.
        """
        if self.faults:
            raise DocumentInvalid(self.what, self.faults)

    def refuse_unknown_waits(self, known: Iterable[str]) -> None:
        """A misspelt wait would silently leave its default in force."""
        names = list(known)
        for name in sorted(self.environment):
            if _WAIT.fullmatch(name) and name not in names:
                near = difflib.get_close_matches(name, names, 1)
                meant = f"did you mean {near[0]}?" if near else "docs/configuration.md lists all of them."
                self.faults.append(f"{name}: there is no such setting; {meant}")

    def _text(self, setting: Setting[Any]) -> str:
        return self.environment.get(setting.name, "").strip()

    def _fault(self, setting: Setting[Any], found: str) -> None:
        self.faults.append(f"{setting.name}: {found}; expected {setting.expected}, for example {setting.example}.")


def _resolved(text: str) -> str:
    if text.startswith(_UNRESOLVED):
        raise Faulty("a Key Vault reference that was not resolved: check the app's access to the vault")
    return text
