"""Single values of a policy file: how each is written, and what to write where it is not."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any

import re2
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from shared.domain.errors import InvalidId
from shared.domain.ids import checked
from shared.domain.instants import parse_day
from shared.domain.provenance import PREFIX, is_mark
from shared.domain.visible import visible

DURATION = r"^[0-9]{1,5}[mhd]$"
TAG_NAME = r"^[A-Za-z0-9_-]{1,128}$"
METRIC_NAME = r"^[A-Za-z0-9_./ -]{1,128}$"
POLICY_NAME = r"^[a-z0-9][a-z0-9-]{0,63}$"
ARTIFACT_PATH = r"^[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*$"
TOOL_VERSION = r"^[0-9]{1,9}(\.[0-9]{1,9}){0,3}$"
GROUP = r"^[a-z0-9][a-z0-9._-]{0,63}$"
MODEL_PATTERN = r"^[A-Za-z0-9_.*?-]{1,255}$"
LONGEST_PATTERN = 512
MOST_LISTED = 100  # workspaces, models or groups of one policy
MOST_RULES = 500  # tags or metrics of one policy
MOST_TARGETS = 20
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_TEMPLATE = re.compile(r"(?:[A-Za-z0-9_.-]|\{workspace\}|\{name\}|\{version\})+")
_RE2_MEMORY = 1 << 20  # bytes; a pattern that needs more is no pattern for a tag


def _duration(value: Any) -> Any:
    if not isinstance(value, str) or not re.fullmatch(DURATION, value):
        raise ValueError("is no duration: write minutes, hours or days, such as 30m, 12h or 7d")
    return timedelta(**{_UNITS[value[-1]]: int(value[:-1])})


def _day(value: Any) -> Any:
    try:
        return parse_day(str(value))
    except ValueError as fault:
        raise ValueError("is no day: write it as 2026-12-31") from fault


def _positive(value: timedelta) -> timedelta:
    if not value:
        raise ValueError("is no time at all: write at least 1m")
    return value


def _threshold(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        sentence = "is no number: write a plain decimal number such as 0.9, without quotes or exponent"
        raise ValueError(sentence)  # noqa: TRY004 - pydantic collects ValueError, a TypeError would escape it
    if not Decimal(value).is_finite():
        raise ValueError("is not finite: write a plain decimal number")
    return Decimal(value)


def _pattern(value: str) -> str:
    if len(value) > LONGEST_PATTERN:
        raise ValueError(f"is longer than {LONGEST_PATTERN} characters: shorten it")
    options = re2.Options()
    options.log_errors, options.max_mem = False, _RE2_MEMORY
    try:
        re2.compile(value, options)
    except re2.error as fault:
        reason = fault.args[0].decode("utf-8", "replace") if isinstance(fault.args[0], bytes) else str(fault)
        raise ValueError(f"is refused by RE2 ({visible(reason)}): see github.com/google/re2/wiki/Syntax") from fault
    return value


def _workspace(value: str) -> str:
    return _id("workspace", value)


def _registry(value: str) -> str:
    return _id("registry", value)


def _id(part: str, value: str) -> str:
    try:
        return checked(part, value)
    except InvalidId as fault:
        raise ValueError(str(fault)) from fault


def _template(value: str) -> str:
    if not _TEMPLATE.fullmatch(value):
        raise ValueError("is no template: use letters, digits, '_', '.', '-' and {workspace}, {name}, {version}")
    return value


def _not_ours(value: str) -> str:
    if is_mark(value):
        raise ValueError(f"begins with {PREFIX}, which only Clearance writes: name another tag")
    return value


Duration = Annotated[timedelta, BeforeValidator(_duration), WithJsonSchema({"type": "string", "pattern": DURATION})]
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Span = Annotated[Duration, AfterValidator(_positive)]
Threshold = Annotated[Decimal, BeforeValidator(_threshold), WithJsonSchema({"type": "number"})]
Pattern = Annotated[str, AfterValidator(_pattern)]
Text = Annotated[str, Field(min_length=1, max_length=256)]
TagName = Annotated[str, Field(pattern=TAG_NAME), AfterValidator(_not_ours)]
ReservedName = Annotated[str, Field(pattern=TAG_NAME)]
MetricName = Annotated[str, Field(pattern=METRIC_NAME)]
Group = Annotated[str, Field(pattern=GROUP)]
Template = Annotated[str, AfterValidator(_template)]
Registry = Annotated[str, AfterValidator(_registry)]
ToolVersion = Annotated[str, Field(pattern=TOOL_VERSION)]
ArtifactPath = Annotated[str, Field(pattern=ARTIFACT_PATH, max_length=255)]
Workspace = Annotated[str, AfterValidator(_workspace)]


class Section(BaseModel):
    """A part of a file: unknown keys and wrong types are faults, nothing is converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
