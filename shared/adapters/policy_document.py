"""The shape of a policy file, section by section; every sentence raised here says what to write instead."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from shared.adapters import schema_rules
from shared.adapters.document_faults import Said
from shared.adapters.policy_evidence import EvidenceDocument
from shared.adapters.policy_values import (
    MOST_LISTED,
    MOST_RULES,
    MOST_TARGETS,
    Day,
    Duration,
    GateName,
    GateOrKind,
    Group,
    ModelPattern,
    NameTemplate,
    Pattern,
    PolicyName,
    Registry,
    ReservedName,
    Section,
    Span,
    TagName,
    Text,
    VersionTemplate,
    Workspace,
)
from shared.adapters.policy_window import ChangeWindowDocument
from shared.adapters.readable import Finding, finding
from shared.adapters.rule_document import MOST_RULES_IN_CEL, RuleDocument, as_rules, name_findings
from shared.adapters.strict_yaml import Place
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
    models: list[ModelPattern] = Field(
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

    model_config = ConfigDict(json_schema_extra=schema_rules.TAG)

    pattern: Pattern | None = Field(default=None, description="A google-re2 expression that the whole value must fit.")
    one_of: Annotated[list[Text], Field(min_length=1)] | None = Field(default=None, description="The values allowed.")
    type: Literal["date_range"] | None = Field(
        default=None, description="date_range: YYYY-MM-DD/YYYY-MM-DD, start first."
    )

    def findings(self, place: Place) -> Iterator[Finding]:
        """What is wrong between its values."""
        if sum(rule is not None for rule in (self.pattern, self.one_of, self.type)) != 1:
            said = Said(
                "states none or several rules", "keep exactly one", "must state exactly one of pattern, one_of and type"
            )
            yield Finding(place, said, (place,))


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
    exclude: list[Literal["registrant", "run_submitter", "job_submitter"]] | None = Field(
        default=None,
        description="Who never counts. Left out, it is everyone whom the evidence asked for gives a part.",
        json_schema_extra=schema_rules.EXCLUDE,
    )
    expires_after: Span = Field(default=timedelta(days=7), description="How long people have to answer.")

    def findings(self, place: Place) -> Iterator[Finding]:
        """What is wrong between its values."""
        for index, group in enumerate(self.required_groups):
            if group not in self.groups:
                at = (*place, "required_groups", index)
                yield finding(at, f"is {group}, which groups does not list", "add it there", at, (*place, "groups"))


class TargetDocument(Section):
    """A registry, and the name and version there."""

    registry: Registry = Field(description="The name of the Azure ML registry.")
    name: NameTemplate = Field(default="{name}", description="The model's name there, from {workspace} and {name}.")
    version: VersionTemplate = Field(
        default="{version}", description="The version there, from {workspace} and {version}."
    )
    champion_from: Registry | None = Field(
        default=None,
        description="The registry, one of these targets, with whose champion every round of this policy compares; "
        "one target may say so for all. Left out, it is the first target's.",
    )


class ExceptionDocument(Section):
    """A gate that does not block versions of some models for a while; somebody answers for it by name."""

    gate: GateName = Field(description="The gate's name, such as metric:auc.")
    models: list[ModelPattern] = Field(
        min_length=1, max_length=MOST_LISTED, description="The models it is for, with * and ?."
    )
    owner: Text = Field(description="Who answers for it, such as an e-mail address.")
    reason: Text = Field(description="Why, such as a ticket.")
    until: Day = Field(description="The last day it holds, in UTC: 2026-12-31. Then the gate is enforced again.")


class PolicyDocument(Section):
    """The rules for a group of models."""

    model_config = ConfigDict(json_schema_extra=schema_rules.POLICY)

    policy: PolicyName = Field(description="The policy's own name; no two files may share one.")
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
    modes: dict[GateOrKind, Mode] = Field(
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

    rules: list[RuleDocument] = Field(
        default=[], max_length=MOST_RULES_IN_CEL, description="What the other keys cannot say, in CEL."
    )

    def findings(self) -> Iterator[Finding]:
        """What is wrong between its values, and between those of its sections."""
        for name, tag in self.tags.items():
            yield from tag.findings(("tags", name))
        if self.evidence:
            yield from self.evidence.findings(("evidence",))
        if self.change_window:
            yield from self.change_window.findings(("change_window",))
        yield from self.approval.findings(("approval",))
        yield from self._exclusion_findings()
        yield from name_findings(self.rules)
        yield from reserved_findings(self._asked(), self.reserved_tags)

    def _asked(self) -> Iterator[tuple[str, Place]]:
        """Every tag that the submitter is asked for, and where."""
        yield from asked_by_tags(self.tags, self.release_record)
        if self.evidence and self.evidence.run.tag:
            yield self.evidence.run.tag, ("evidence", "run", "tag")
        if self.match.opt_in_tag:
            yield self.match.opt_in_tag, ("match", "opt_in_tag")

    def _exclusion_findings(self) -> Iterator[Finding]:
        if self.approval.exclude is None:
            return
        place: Place = ("approval", "exclude")
        asked, needed = set(self.approval.exclude), set(self.roles_to_exclude)
        for role in sorted(needed - asked):
            yield finding(place, f"does not name {role}, who may never approve", "add it")
        for role in sorted(asked - needed - {"job_submitter"}):
            yield finding(place, f"names {role}, but no evidence asks for a run", "remove it")

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


def asked_by_tags(tags: Mapping[str, TagDocument], record: ReleaseRecordDocument) -> Iterator[tuple[str, Place]]:
    """Each tag that these sections ask for, and where."""
    yield from ((name, ("tags", name)) for name in tags)
    yield from ((name, ("release_record", "require", index)) for index, name in enumerate(record.require))


def reserved_findings(asked: Iterable[tuple[str, Place]], reserved: Sequence[str]) -> Iterator[Finding]:
    """Tags that are both asked for and forbidden, each once."""
    forbidden = {name.casefold(): index for index, name in reversed(list(enumerate(reserved)))}
    for name, place in dict(reversed(list(asked))).items():
        if (index := forbidden.get(name.casefold())) is not None:
            fault = f"asks the submitter for {name}, which reserved_tags forbids"
            yield finding(place, fault, "keep one of both", place, ("reserved_tags", index))


def as_exception_rules(exceptions: Sequence[ExceptionDocument]) -> tuple[ExceptionRule, ...]:
    """The same as values of the domain."""
    return tuple(ExceptionRule(e.gate, tuple(e.models), e.owner, e.reason, e.until) for e in exceptions)


def as_tag_rules(tags: Mapping[str, TagDocument]) -> dict[str, TagRule]:
    """The same as values of the domain, by name."""
    rules = {}
    for name, tag in tags.items():
        rules[name] = TagRule(tag.pattern, None if tag.one_of is None else tuple(tag.one_of), tag.type)
    return rules
