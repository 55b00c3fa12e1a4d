"""The shape of a policy file, section by section; every sentence raised here says what to write instead."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, model_validator

from shared.adapters.policy_evidence import EvidenceDocument
from shared.adapters.policy_values import (
    MODEL_PATTERN,
    MOST_LISTED,
    MOST_RULES,
    MOST_TARGETS,
    POLICY_NAME,
    Day,
    Duration,
    Group,
    Pattern,
    Registry,
    ReservedName,
    Section,
    Span,
    TagName,
    Template,
    Text,
    Workspace,
)
from shared.adapters.policy_window import ChangeWindowDocument
from shared.adapters.rule_document import MOST_RULES_IN_CEL, RuleDocument, as_rules
from shared.domain.policy import (
    ApprovalRule,
    ExceptionRule,
    Mode,
    Policy,
    TagRule,
    TargetRule,
)


class MatchDocument(Section):
    """Which versions the policy governs: workspace aliases, and model names with `*` and `?`."""

    workspaces: list[Workspace] = Field(
        min_length=1, max_length=MOST_LISTED, description="Aliases of workspaces, as the settings name them."
    )
    models: list[Annotated[str, Field(pattern=MODEL_PATTERN)]] = Field(
        min_length=1, max_length=MOST_LISTED, description="Names of models; `*` stands for any characters, `?` for one."
    )
    opt_in_tag: TagName | None = Field(
        default=None, description="Versions without this tag, or with it set to false, are ignored."
    )


class ReleaseRecordDocument(Section):
    """What must be stated before anything is approved, by tags or with a decision."""

    require: list[TagName] = Field(
        default=[],
        max_length=MOST_LISTED,
        description="Nothing is approved before each of these is stated, by a tag or with a decision.",
    )


class TagDocument(Section):
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


class LineageDocument(Section):
    """Where the version must come from."""

    job_required: bool = Field(default=False, description="The version must name the job it came from.")
    job_status: Text | None = Field(
        default=None, description="The status that job must have ended with, such as Completed."
    )


class ApprovalDocument(Section):
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


class TargetDocument(Section):
    """A registry, and the name and version there."""

    registry: Registry = Field(description="The name of the Azure ML registry.")
    name: Template = Field(default="{name}", description="The model's name there, from {workspace} and {name}.")
    version: Template = Field(default="{version}", description="The version there, from {workspace} and {version}.")
    champion_from: Registry | None = Field(
        default=None, description="Compare with the champion of this target's line; left out, of the first target's."
    )


class ExceptionDocument(Section):
    """A gate that does not block versions of some models for a while; somebody answers for it by name."""

    gate: Text = Field(description="The gate's name, such as metric:auc.")
    models: list[Annotated[str, Field(pattern=MODEL_PATTERN)]] = Field(
        min_length=1, max_length=MOST_LISTED, description="The models it is for, with * and ?."
    )
    owner: Text = Field(description="Who answers for it, such as an e-mail address.")
    reason: Text = Field(description="Why, such as a ticket.")
    until: Day = Field(description="The last day it holds, in UTC: 2026-12-31. Then the gate is enforced again.")


class PolicyDocument(Section):
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
    change_window: ChangeWindowDocument | None = Field(
        default=None, description="When imports may start; left out, at any time."
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

    rules: list[RuleDocument] = Field(
        default=[], max_length=MOST_RULES_IN_CEL, description="What the other keys cannot say, in CEL."
    )

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
            tags=as_tag_rules(self.tags),
            job_required=self.lineage.job_required,
            job_status=self.lineage.job_status,
            evidence=self.evidence.as_rule() if self.evidence else None,
            approval=self._approval(),
            targets=tuple(TargetRule(t.registry, t.name, t.version, t.champion_from) for t in self.targets),
            mode=self.mode,
            modes=dict(self.modes),
            change_window=self.change_window.as_window() if self.change_window else None,
            exceptions=as_exception_rules(self.exceptions),
            reserved_tags=tuple(self.reserved_tags),
            rules=as_rules(self.rules),
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


def as_exception_rules(exceptions: Sequence[ExceptionDocument]) -> tuple[ExceptionRule, ...]:
    """The same as values of the domain."""
    return tuple(ExceptionRule(e.gate, tuple(e.models), e.owner, e.reason, e.until) for e in exceptions)


def as_tag_rules(tags: Mapping[str, TagDocument]) -> dict[str, TagRule]:
    """The same as values of the domain, by name."""
    rules = {}
    for name, tag in tags.items():
        rules[name] = TagRule(tag.pattern, None if tag.one_of is None else tuple(tag.one_of), tag.type)
    return rules
