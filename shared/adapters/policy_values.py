"""Single values of a policy file: how each is written, and what to write where it is not."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any, get_args, get_origin

import re2
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)

from shared.adapters.document_faults import Unfit
from shared.domain.errors import InvalidId
from shared.domain.ids import checked, pattern_of
from shared.domain.instants import parse_day
from shared.domain.provenance import PREFIX, is_mark
from shared.domain.visible import visible

DURATION = r"^[0-9]{1,5}[mhd]$"
SPAN = r"^(?!0+[mhd]$)[0-9]{1,5}[mhd]$"
ONE_DAY = r"([2-8][0-9]{3}|9[0-8][0-9]{2}|99[0-8][0-9]|999[0-8])-[0-9]{2}-[0-9]{2}"
DAY = f"^{ONE_DAY}$"
TAG_NAME = r"^[A-Za-z0-9_-]{1,128}$"
METRIC_NAME = r"^[A-Za-z0-9_./ -]{1,128}$"
POLICY_NAME = r"^[a-z0-9][a-z0-9-]{0,63}$"
ARTIFACT_PATH = r"^[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*$"
TOOL_VERSION = r"^[0-9]{1,9}(\.[0-9]{1,9}){0,3}$"
GROUP = r"^[a-z0-9][a-z0-9._-]{0,63}$"
MODEL_PATTERN = r"^[A-Za-z0-9_.*?-]{1,255}$"
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(9998, 12, 31)
"""Days that a file may name: there are others before and after them, by the longest duration and by one day."""
LONGEST_PATTERN = 512
MOST_LISTED = 100  # workspaces, models or groups of one policy
MOST_RULES = 500  # tags or metrics of one policy
MOST_TARGETS = 20
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_TEMPLATE = re.compile(r"(?:[A-Za-z0-9_.-]|\{workspace\}|\{name\}|\{version\})+")
# What one of the two templates of a target may hold, and the other not: for editors, which see one key at a time.
_NAME_TEMPLATE = r"^([A-Za-z0-9_.-]|\{workspace\}|\{name\})+$"
_VERSION_TEMPLATE = r"^([A-Za-z0-9_.-]|\{workspace\})*\{version\}([A-Za-z0-9_.-]|\{workspace\})*$"
_RE2_MEMORY = 1 << 20  # bytes; a pattern that needs more is no pattern for a tag


def _duration(value: Any) -> Any:
    if not isinstance(value, str) or not re.fullmatch(DURATION, value):
        raise Unfit("is no duration", "write minutes, hours or days, such as 30m, 12h or 7d")
    return timedelta(**{_UNITS[value[-1]]: int(value[:-1])})


def _day(value: Any) -> Any:
    try:
        found = parse_day(str(value))
    except ValueError as fault:
        raise Unfit("is no day", "write it as 2026-12-31") from fault
    return within_years(found)


def within_years(found: date) -> date:
    """The same day, where a file may name it.

    Raises:
        Unfit: it may not.
    """
    if not FIRST_DAY <= found <= LAST_DAY:
        raise Unfit(f"is not within the years {FIRST_DAY.year} to {LAST_DAY.year}", "write a day that is")
    return found


def _positive(value: timedelta) -> timedelta:
    if not value:
        raise Unfit("is no time at all", "write at least 1m")
    return value


def _threshold(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Unfit("is no number", "write a plain decimal number such as 0.9, without quotes or exponent")
    if not Decimal(value).is_finite():
        raise Unfit("is not finite", "write a plain decimal number")
    return Decimal(value)


def _not_negative(value: Decimal) -> Decimal:
    if value < 0:
        raise Unfit("is negative", "write 0 or more")
    return value


def _pattern(value: str) -> str:
    if len(value) > LONGEST_PATTERN:
        raise Unfit(f"is longer than {LONGEST_PATTERN} characters", "shorten it")
    options = re2.Options()
    options.log_errors, options.max_mem = False, _RE2_MEMORY
    try:
        re2.compile(value, options)
    except re2.error as fault:
        reason = fault.args[0].decode("utf-8", "replace") if isinstance(fault.args[0], bytes) else str(fault)
        raise Unfit(f"is refused by RE2 ({visible(reason)})", "see github.com/google/re2/wiki/Syntax") from fault
    return value


def _workspace(value: str) -> str:
    return _id("workspace", value)


def _registry(value: str) -> str:
    return _id("registry", value)


def _id(part: str, value: str) -> str:
    try:
        return checked(part, value)
    except InvalidId as fault:
        said, _, expected = str(fault).rstrip(".").rpartition(": ")
        raise Unfit(said, expected) from fault


def _template(value: str) -> str:
    if not _TEMPLATE.fullmatch(value):
        raise Unfit("is no template", "use letters, digits, '_', '.', '-' and {workspace}, {name}, {version}")
    return value


def _not_ours(value: str) -> str:
    if is_mark(value):
        raise Unfit(f"begins with {PREFIX}, which only Clearance writes", "name another tag")
    return value


def text_schema(pattern: str, *examples: str, **more: Any) -> WithJsonSchema:
    """How JSON Schema says it; an example is what editors offer, and what stands in for a value that cannot be read."""
    return WithJsonSchema({"type": "string", "pattern": pattern, "examples": list(examples), **more})


_OURS = "".join(f"[{letter.upper()}{letter}]" if letter.isalpha() else letter for letter in PREFIX)

Duration = Annotated[timedelta, BeforeValidator(_duration), text_schema(DURATION, "30m")]
Day = Annotated[date, BeforeValidator(_day), text_schema(DAY, "2026-12-31", format="date")]
Span = Annotated[Duration, AfterValidator(_positive), text_schema(SPAN, "7d")]
Threshold = Annotated[Decimal, BeforeValidator(_threshold), WithJsonSchema({"type": "number", "examples": [0.9]})]
Allowance = Annotated[
    Threshold, AfterValidator(_not_negative), WithJsonSchema({"type": "number", "minimum": 0, "examples": [0.01]})
]
Pattern = Annotated[str, AfterValidator(_pattern), Field(json_schema_extra={"maxLength": LONGEST_PATTERN})]
Text = Annotated[str, Field(min_length=1, max_length=256)]
TagName = Annotated[
    str, Field(pattern=TAG_NAME), AfterValidator(_not_ours), text_schema(f"^(?!{_OURS}){TAG_NAME[1:]}", "owner")
]
ReservedName = Annotated[str, Field(pattern=TAG_NAME), text_schema(TAG_NAME, "approved_by")]
MetricName = Annotated[str, Field(pattern=METRIC_NAME), text_schema(METRIC_NAME, "auc")]
Group = Annotated[str, Field(pattern=GROUP), text_schema(GROUP, "ml-approvers")]
ModelPattern = Annotated[str, Field(pattern=MODEL_PATTERN), text_schema(MODEL_PATTERN, "fraud-*")]
PolicyName = Annotated[str, Field(pattern=POLICY_NAME), text_schema(POLICY_NAME, "fraud")]
NameTemplate = Annotated[str, AfterValidator(_template), text_schema(_NAME_TEMPLATE, "{name}", "{workspace}-{name}")]
VersionTemplate = Annotated[str, AfterValidator(_template), text_schema(_VERSION_TEMPLATE, "{version}")]
Registry = Annotated[str, AfterValidator(_registry), text_schema(f"^{pattern_of('registry')}$", "contoso-shared")]
ToolVersion = Annotated[str, Field(pattern=TOOL_VERSION), text_schema(TOOL_VERSION, "0.8")]
ArtifactPath = Annotated[
    str,
    Field(pattern=ARTIFACT_PATH, max_length=255),
    text_schema(ARTIFACT_PATH, "evaluation/results.json", maxLength=255),
]
Workspace = Annotated[str, AfterValidator(_workspace), text_schema(f"^{pattern_of('workspace')}$", "risk-dev")]

# Gates by name, as editors can check them: whether the policy has the gate is for its reader to say.
_GATE = (
    r"release_record|tag:[A-Za-z0-9_-]+|lineage:(job|job_status)|evidence:(run|max_age|code_version|results|same_dataset)"
    r"|document:(modelscan|picklescan|model_signing)|metric:[A-Za-z0-9_./ -]+(:champion)?|rule:[a-z0-9-]+"
)
GateName = Annotated[str, Field(min_length=1, max_length=256), text_schema(f"^({_GATE})$", "metric:auc")]
GateOrKind = Annotated[
    str,
    Field(min_length=1, max_length=256),
    text_schema(rf"^({_GATE}|(tag|lineage|evidence|document|metric|rule):\*)$", "metric:auc", "tag:*"),
]


class Section(BaseModel):
    """A part of a file: unknown keys and wrong types are faults, nothing is converted.

    A key whose content is a comment says nothing, and must not pass for one that was left out on purpose.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @field_validator("*", mode="before")
    @classmethod
    def _holds_something(cls, value: Any, info: ValidationInfo) -> Any:
        if value is None and _may_be_left_out_whole(cls.model_fields[str(info.field_name)].annotation):
            raise Unfit("holds nothing", "write it, or remove it")
        return value


def _may_be_left_out_whole(annotation: Any) -> bool:
    """Whether a key holds a section, a list or a map, or is left out."""
    kinds = list(map(_bare, get_args(annotation)))
    return type(None) in kinds and any(
        isinstance(kind, type) and issubclass(kind, Section | list | dict) for kind in kinds
    )


def _bare(kind: Any) -> Any:
    plain = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    return get_origin(plain) or plain
