"""Names of things and the grammar each must fit, so that an id is safe as a table key and as a URL segment."""

import re
from dataclasses import dataclass
from datetime import datetime

from shared.domain.errors import InvalidId

# Azure ML asset names: letters, digits, `_`, `.`, `-`, at most 255, not starting with a sign
# (learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules). A version is held shorter so
# that `promotion:<workspace>:<name>:<version>` stays below the 512 UTF-16 units that a table key may have.
_GRAMMAR = {
    "workspace": re.compile(r"[a-z0-9][a-z0-9-]{0,31}"),
    "name": re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,254}"),
    "version": re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}"),
    "registry": re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{1,32}"),
}


def checked(part: str, text: str) -> str:
    """Return `text` if it fits the grammar of `part` ("workspace", "name", "version" or "registry").

    Raises:
        InvalidId: with the part, the text and the pattern expected.
    """
    if not _GRAMMAR[part].fullmatch(text):
        raise InvalidId(part, text, _GRAMMAR[part].pattern)
    return text


def pattern_of(part: str) -> str:
    """The regular expression that the whole of a `part` fits ("workspace", "name", "version" or "registry")."""
    return _GRAMMAR[part].pattern


@dataclass(frozen=True, slots=True, order=True)
class PromotionId:
    """The case of one model version: `workspace:name:version`. Its parts are checked on construction."""

    workspace: str
    name: str
    version: str

    def __post_init__(self) -> None:
        checked("workspace", self.workspace)
        checked("name", self.name)
        checked("version", self.version)

    def __str__(self) -> str:
        return f"{self.workspace}:{self.name}:{self.version}"

    @property
    def partition(self) -> str:
        """The partition key of its history."""
        return f"promotion:{self}"

    @property
    def subject(self) -> str:
        """The id of its history in events: `promotion/<workspace>/<name>/<version>`."""
        return f"promotion/{self.workspace}/{self.name}/{self.version}"

    @classmethod
    def parse(cls, text: str) -> "PromotionId":
        """Read `workspace:name:version`.

        Raises:
            InvalidId: if there are not three parts, or one does not fit its grammar.
        """
        parts = text.split(":")
        if len(parts) != 3:
            raise InvalidId("promotion", text, "workspace:name:version")
        return cls(*parts)


@dataclass(frozen=True, slots=True, order=True)
class LineId:
    """One model name in one registry."""

    registry: str
    name: str

    def __post_init__(self) -> None:
        checked("registry", self.registry)
        checked("name", self.name)

    def __str__(self) -> str:
        return f"{self.registry}:{self.name}"

    @property
    def partition(self) -> str:
        """The partition key of its history."""
        return f"line:{self}"

    @property
    def subject(self) -> str:
        """The id of its history in events: `line/<registry>/<name>`."""
        return f"line/{self.registry}/{self.name}"


HistoryId = PromotionId | LineId


def parse_partition(partition: str) -> HistoryId:
    """Read a history's partition key back into the id it belongs to.

    Raises:
        InvalidId: if it is neither `promotion:...` nor `line:...`.
    """
    kind, _, rest = partition.partition(":")
    parts = rest.split(":")
    if kind == "promotion" and len(parts) == 3:
        return PromotionId(*parts)
    if kind == "line" and len(parts) == 2:
        return LineId(*parts)
    raise InvalidId("history", partition, "promotion:<workspace>:<name>:<version> or line:<registry>:<name>")


@dataclass(frozen=True, slots=True, order=True)
class Target:
    """Where a version goes: a registry and the name and version it gets there. One target per registry and promotion."""

    registry: str
    name: str
    version: str

    def __post_init__(self) -> None:
        checked("registry", self.registry)
        checked("name", self.name)
        checked("version", self.version)

    def __str__(self) -> str:
        return f"{self.registry}:{self.name}:{self.version}"

    @property
    def line(self) -> LineId:
        """The line this target adds a version to."""
        return LineId(self.registry, self.name)


@dataclass(frozen=True, slots=True)
class Incarnation:
    """Which registration of a version number: a number can be deleted and registered again."""

    asset_id: str
    created_at: datetime
