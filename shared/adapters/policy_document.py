"""The shape of a policy file, section by section; every sentence raised here says what to write instead."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

import re2
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from shared.domain.errors import InvalidId
from shared.domain.ids import checked
from shared.domain.instants import parse_day
from shared.domain.policy import (
    ApprovalRule,
    EvidenceRule,
    ExceptionRule,
    MetricRule,
    Mode,
    Policy,
    TagRule,
    TargetRule,
)
from shared.domain.provenance import PREFIX
from shared.domain.visible import visible

DURATION = r"^[0-9]{1,5}[mhd]$"
TAG_NAME = r"^[A-Za-z0-9_-]{1,128}$"
METRIC_NAME = r"^[A-Za-z0-9_./ -]{1,128}$"
POLICY_NAME = r"^[a-z0-9][a-z0-9-]{0,63}$"
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


def spelled_duration(span: timedelta) -> str:
    """A duration as a policy file writes it: `30m`, `12h`, `7d`."""
    minutes = int(span.total_seconds()) // 60
    for unit, length in (("d", 24 * 60), ("h", 60)):
        if minutes % length == 0 and minutes:
            return f"{minutes // length}{unit}"
    return f"{minutes}m"


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
    if value.casefold().startswith(PREFIX):
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


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class MatchDocument(_Section):
    """Which versions the policy governs: workspace aliases, and model names with `*` and `?`."""

    workspaces: list[Annotated[str, AfterValidator(_workspace)]] = Field(
        min_length=1, max_length=MOST_LISTED, description="Aliases of workspaces, as the settings name them."
    )
    models: list[Annotated[str, Field(pattern=MODEL_PATTERN)]] = Field(
        min_length=1, max_length=MOST_LISTED, description="Names of models; `*` stands for any characters, `?` for one."
    )
    opt_in_tag: TagName | None = Field(
        default=None, description="Versions without this tag, or with it set to false, are ignored."
    )


class ReleaseRecordDocument(_Section):
    """What must be stated before anything is approved, by tags or with a decision."""

    require: list[TagName] = Field(
        default=[],
        max_length=MOST_LISTED,
        description="Nothing is approved before each of these is stated, by a tag or with a decision.",
    )


class TagDocument(_Section):
    """What one tag must hold: exactly one of the three."""

    pattern: Pattern | None = Field(default=None, description="A google-re2 expression that the whole value must fit.")
    one_of: Annotated[list[Text], Field(min_length=1)] | None = Field(default=None, description="The values allowed.")
    type: Literal["date_range"] | None = Field(
        default=None, description="date_range: YYYY-MM-DD/YYYY-MM-DD, start first."
    )

    @model_validator(mode="after")
    def _one_rule(self) -> "TagDocument":
        if sum(rule is not None for rule in (self.pattern, self.one_of, self.type)) != 1:
            raise ValueError("must state exactly one of pattern, one_of and type")
        return self


class LineageDocument(_Section):
    """Where the version must come from."""

    job_required: bool = Field(default=False, description="The version must name the job it came from.")
    job_status: Text | None = Field(
        default=None, description="The status that job must have ended with, such as Completed."
    )


class RunDocument(_Section):
    """Which run proves the version: the one a tag names, `or: job` for the job it came from, or both in this order."""

    tag: TagName | None = Field(default=None, description="The tag that holds the id of the evaluation run.")
    or_: Literal["job"] | None = Field(
        default=None,
        alias="or",
        description="job: where the tag is absent, the job that the version came from is the run.",
    )

    @model_validator(mode="after")
    def _some_way(self) -> "RunDocument":
        if self.tag is None and self.or_ is None:
            raise ValueError("names no run: write {tag: evaluation_run}, {or: job} or both")
        return self


class MetricDocument(_Section):
    """Bounds of one metric, and which of its values counts. With `max` alone less is better, with `min` alone more."""

    min: Threshold | None = Field(default=None, description="The least value allowed.")
    max: Threshold | None = Field(default=None, description="The greatest value allowed.")
    no_worse_than_champion_by: Threshold | None = Field(
        default=None,
        description="How much worse than the champion's recorded value it may be, in the metric's own unit.",
    )
    use: Literal["last", "best", "mean"] = Field(
        default="last", description="Which of the values that the run logged counts."
    )
    better: Literal["higher", "lower"] | None = Field(
        default=None, description="Which way is better; left out, min alone says higher, and max alone lower."
    )

    @model_validator(mode="after")
    def _sensible(self) -> "MetricDocument":
        if self.min is None and self.max is None:
            raise ValueError("bounds nothing: write min or max")
        if self.min is not None and self.max is not None:
            self._both(self.min, self.max)
        if self.no_worse_than_champion_by is not None and self.no_worse_than_champion_by < 0:
            raise ValueError("has a negative no_worse_than_champion_by: write 0 or more")
        return self

    def _both(self, least: Decimal, most: Decimal) -> None:
        if least > most:
            raise ValueError("has a min above its max: swap them")
        needs_better = self.no_worse_than_champion_by is not None or self.use == "best"
        if needs_better and self.better is None:
            raise ValueError("has two bounds, so that better is not known: write better: higher, or better: lower")


class EvidenceDocument(_Section):
    """The run that proves a version, how old it may be, and what it must hold."""

    run: RunDocument = Field(description="Where the run that proves a version is named.")
    max_age: Span | None = Field(default=None, description="How long ago that run may have ended.")
    same_dataset_as_champion: bool = Field(
        default=False, description="The run must have used the data set of the champion's evaluation."
    )
    metrics: dict[MetricName, MetricDocument] = Field(
        default={}, max_length=MOST_RULES, description="Bounds, by the name of the metric."
    )


class ApprovalDocument(_Section):
    """Who must answer, and who never counts: always who registered the version and who ran its evaluation."""

    quorum: int = Field(ge=1, le=100, description="How many distinct people must approve.")
    rejections: int = Field(default=1, ge=1, le=100, description="How many rejections end the round.")
    groups: list[Group] = Field(min_length=1, max_length=MOST_LISTED, description="Members of any of these may answer.")
    required_groups: list[Group] = Field(
        default=[], description="Each of these, listed under groups too, must hold at least one who approves."
    )
    exclude: list[Literal["registrant", "run_submitter"]] | None = Field(
        default=None, description="Who never counts. Left out, it is everyone whom the evidence asked for gives a part."
    )
    expires_after: Span = Field(default=timedelta(days=7), description="How long people have to answer.")

    @model_validator(mode="after")
    def _answerable(self) -> "ApprovalDocument":
        unknown = sorted(set(self.required_groups) - set(self.groups))
        if unknown:
            raise ValueError(f"requires {', '.join(unknown)}, which groups does not list: add it there")
        return self


class TargetDocument(_Section):
    """A registry, and the name and version there."""

    registry: Registry = Field(description="The name of the Azure ML registry.")
    name: Template = Field(default="{name}", description="The model's name there, from {workspace} and {name}.")
    version: Template = Field(default="{version}", description="The version there, from {workspace} and {version}.")
    champion_from: Registry | None = Field(
        default=None, description="Compare with the champion of this target's line; left out, of the first target's."
    )


class ExceptionDocument(_Section):
    """A gate that does not block versions of some models for a while; somebody answers for it by name."""

    gate: Text = Field(description="The gate's name, such as metric:auc.")
    models: list[Annotated[str, Field(pattern=MODEL_PATTERN)]] = Field(
        min_length=1, max_length=MOST_LISTED, description="The models it is for, with * and ?."
    )
    owner: Text = Field(description="Who answers for it, such as an e-mail address.")
    reason: Text = Field(description="Why, such as a ticket.")
    until: Day = Field(description="The last day it holds, in UTC: 2026-12-31. Then the gate is enforced again.")


class PolicyDocument(_Section):
    """The rules for a group of models."""

    policy: str = Field(pattern=POLICY_NAME, description="The policy's own name; no two files may share one.")
    match: MatchDocument = Field(description="Which versions it governs; no version may fit two policies.")
    owner: Text = Field(description="Who answers for this policy, such as an e-mail address.")
    grace: Duration = Field(
        default=timedelta(minutes=30), description="How long after registration late tags and runs are waited for."
    )
    release_record: ReleaseRecordDocument = Field(
        default=ReleaseRecordDocument(), description="What must be stated before anything is approved."
    )
    tags: dict[TagName, TagDocument] = Field(
        default={}, max_length=MOST_RULES, description="Tags that must be there, by name, and what they hold."
    )
    reserved_tags: list[ReservedName] = Field(
        default=[],
        max_length=MOST_RULES,
        description="Names that no version or run may carry as a tag or property, besides those that begin with clearance_.",
    )
    lineage: LineageDocument = Field(default=LineageDocument(), description="The job that the version must come from.")
    evidence: EvidenceDocument | None = Field(
        default=None, description="The run that proves the version, and its metrics."
    )
    approval: ApprovalDocument = Field(description="Who must answer.")
    targets: list[TargetDocument] = Field(
        min_length=1, max_length=MOST_TARGETS, description="The registries that an approved version goes to."
    )
    mode: Mode = Field(
        default="enforce",
        description="off: it governs nothing. shadow: judged and recorded. warn: told to people. enforce: it blocks.",
    )
    modes: dict[Text, Mode] = Field(
        default={},
        max_length=MOST_RULES,
        description="Another mode for a gate, by its name (tag:owner) or its kind (tag:*).",
    )
    exceptions: list[ExceptionDocument] = Field(
        default=[], max_length=MOST_RULES, description="Gates that do not block some models for a while."
    )

    @model_validator(mode="after")
    def _statable(self) -> "PolicyDocument":
        run_tag = self.evidence.run.tag if self.evidence else None
        asked = {*self.tags, *self.release_record.require, *filter(None, (run_tag, self.match.opt_in_tag))}
        reserved = {name.casefold() for name in self.reserved_tags}
        if torn := sorted(name for name in asked if name.casefold() in reserved):
            raise ValueError(f"asks the submitter for {', '.join(torn)}, which reserved_tags forbids: keep one of both")
        return self

    def as_policy(self) -> Policy:
        """The same as a value of the domain."""
        return Policy(
            name=self.policy,
            workspaces=tuple(self.match.workspaces),
            models=tuple(self.match.models),
            opt_in_tag=self.match.opt_in_tag,
            owner=self.owner,
            grace=self.grace,
            release_record=tuple(self.release_record.require),
            tags=_tags(self.tags),
            job_required=self.lineage.job_required,
            job_status=self.lineage.job_status,
            evidence=_evidence(self.evidence),
            approval=self._approval(),
            targets=tuple(TargetRule(t.registry, t.name, t.version, t.champion_from) for t in self.targets),
            mode=self.mode,
            modes=dict(self.modes),
            exceptions=tuple(
                ExceptionRule(e.gate, tuple(e.models), e.owner, e.reason, e.until) for e in self.exceptions
            ),
            reserved_tags=tuple(self.reserved_tags),
        )

    @property
    def roles_to_exclude(self) -> tuple[str, ...]:
        """The roles that invariant 4 never lets count: who submitted the run only where a run is asked for."""
        return ("registrant", "run_submitter") if self.evidence else ("registrant",)

    def _approval(self) -> ApprovalRule:
        asked = self.approval
        exclude = self.roles_to_exclude if asked.exclude is None else tuple(asked.exclude)
        groups, required = tuple(asked.groups), tuple(asked.required_groups)
        return ApprovalRule(asked.quorum, asked.rejections, groups, required, exclude, asked.expires_after)


def _tags(tags: Mapping[str, TagDocument]) -> dict[str, TagRule]:
    rules = {}
    for name, tag in tags.items():
        rules[name] = TagRule(tag.pattern, None if tag.one_of is None else tuple(tag.one_of), tag.type)
    return rules


def _evidence(evidence: EvidenceDocument | None) -> EvidenceRule | None:
    if evidence is None:
        return None
    metrics = {name: _metric(metric) for name, metric in evidence.metrics.items()}
    same = evidence.same_dataset_as_champion
    return EvidenceRule(evidence.run.tag, evidence.run.or_ == "job", evidence.max_age, same, metrics)


def _metric(metric: MetricDocument) -> MetricRule:
    return MetricRule(metric.min, metric.max, metric.no_worse_than_champion_by, metric.use, metric.better)
