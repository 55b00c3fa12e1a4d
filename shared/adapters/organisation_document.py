"""The shape of `organisation.yaml`: the keys of a policy, each asking the same of every policy of the folder."""

from collections.abc import Iterator
from typing import Literal

from pydantic import ConfigDict, Field

from shared.adapters import schema_rules
from shared.adapters.policy_document import (
    ExceptionDocument,
    LineageDocument,
    ReleaseRecordDocument,
    TagDocument,
    as_exception_rules,
    as_tag_rules,
    asked_by_tags,
    reserved_findings,
)
from shared.adapters.policy_evidence import (
    Binding,
    MetricDocument,
    ReportValues,
    Severity,
    distinct_findings,
    metric_findings,
)
from shared.adapters.policy_values import (
    MOST_LISTED,
    MOST_RULES,
    GateOrKind,
    Group,
    MetricName,
    PolicyName,
    Registry,
    ReservedName,
    Section,
    Span,
    TagName,
    Text,
    ToolVersion,
)
from shared.adapters.readable import Finding, finding
from shared.adapters.rule_document import MOST_RULES_IN_CEL, RuleDocument, as_rules, name_findings
from shared.adapters.strict_yaml import Place
from shared.domain.evidence_floor import DocumentFloor, EvidenceFloor
from shared.domain.organisation import ApprovalFloor, Organisation
from shared.domain.policy import Mode


class RunFloorDocument(Section):
    """What a run must say of itself under every policy."""

    about: Literal["required"] = Field(
        description="required: a run counts only if its tag evaluated_model names the version, or if it is its own job."
    )


class MetricFloorDocument(MetricDocument):
    """The least that a policy asks of a metric, and whether every policy must judge it."""

    required: bool | None = Field(
        default=None,
        description="true: every policy judges it, as it stands here where the policy does not name it. "
        "false: only who names it. Left out, a policy that does not is warned of.",
    )


class ReportFloorDocument(ReportValues):
    """A document that every policy with evidence must list, at any path; what it allows, none may widen."""

    max_age: Span | None = Field(default=None, description="The longest ago that a policy may allow it to be made.")
    min_version: ToolVersion | None = Field(default=None, description="The oldest version of the tool allowed.")
    allow: Severity = Field(default="none", description="The worst severity of findings that a policy may allow.")
    binding: Binding = Field(
        default="content",
        description="content: it states the MD5 of every file. names: a policy may say that names are enough.",
    )

    def as_floor(self) -> DocumentFloor:
        """The same as a value of the domain."""
        return DocumentFloor(self.kind, self.max_age, self.min_version, self.allow, self.binding)


class EvidenceFloorDocument(Section):
    """What evidence must hold wherever a policy asks for it, and whether every policy must."""

    model_config = ConfigDict(json_schema_extra=schema_rules.EVIDENCE_FLOOR)

    required: bool | None = Field(
        default=None,
        description="true: every policy must ask for evidence. false: a policy may do without. Left out, it must where a "
        "metric is required, or results, code_version or documents stand here; else one without is warned of.",
    )
    run: RunFloorDocument | None = Field(default=None, description="What every run must say of itself.")
    max_age: Span | None = Field(default=None, description="The longest that a policy may allow.")
    same_dataset_as_champion: bool = Field(default=False, description="true: in every policy that asks for evidence.")
    metrics: dict[MetricName, MetricFloorDocument] = Field(
        default={}, max_length=MOST_RULES, description="The least that a policy asks of a metric."
    )
    results: Literal["required"] | None = Field(
        default=None, description="required: every policy with evidence names a file of evaluation results."
    )
    code_version: Literal["required"] | None = Field(
        default=None, description="required: in every policy that asks for evidence."
    )
    documents: list[ReportFloorDocument] = Field(
        default=[],
        max_length=3,
        description="Documents that every policy with evidence must list.",
        json_schema_extra=schema_rules.DOCUMENTS,
    )

    def findings(self, place: Place) -> Iterator[Finding]:
        """What is wrong between its values, and between theirs."""
        yield from metric_findings(self.metrics, place)
        yield from distinct_findings([document.kind for document in self.documents], place)
        for index, document in enumerate(self.documents):
            yield from document.findings((*place, "documents", index))
        for name, metric in self.metrics.items():
            if metric.required and metric.from_ is not None and self.results is None:
                at = (*place, "metrics", name, "from")
                fault = "is results, which no policy must name"
                yield finding(at, fault, "write evidence: {results: required}", at, (*place, "results"))

    def as_floor(self) -> EvidenceFloor:
        """The same as a value of the domain."""
        metrics = self.metrics.items()
        return EvidenceFloor(
            required=self.required,
            run_names_version=self.run is not None,
            max_age=self.max_age,
            same_dataset_as_champion=self.same_dataset_as_champion,
            metrics={name: metric.as_rule() for name, metric in metrics},
            metric_required={name: metric.required for name, metric in metrics if metric.required is not None},
            results=self.results is not None,
            code_version=self.code_version is not None,
            documents=tuple(document.as_floor() for document in self.documents),
        )


class ApprovalFloorDocument(Section):
    """The least that every policy's approval asks for."""

    quorum: int | None = Field(default=None, ge=1, le=100, description="The smallest quorum allowed.")
    rejections: int | None = Field(default=None, ge=1, le=100, description="The most rejections that a round survives.")
    required_groups: list[Group] = Field(
        default=[], max_length=MOST_LISTED, description="Groups of which every policy requires one who approves."
    )
    exclude: list[Literal["registrant", "run_submitter", "job_submitter"]] = Field(
        default=[], description="Who counts under no policy, where it gives them a part."
    )
    expires_after: Span | None = Field(default=None, description="The longest that people may have to answer.")


class OrganisationDocument(Section):
    """What the organisation asks of every policy: a policy may ask for more, never for less."""

    organisation: PolicyName = Field(description="The organisation's name.")
    owner: Text = Field(description="Who answers for this file, such as an e-mail address.")
    release_record: ReleaseRecordDocument = Field(
        default=ReleaseRecordDocument(), description="What every release must have stated."
    )
    tags: dict[TagName, TagDocument] = Field(
        default={},
        max_length=MOST_RULES,
        description="Tags that every version must carry; no policy may change a rule.",
    )
    lineage: LineageDocument = Field(default=LineageDocument(), description="The job that every version comes from.")
    evidence: EvidenceFloorDocument = Field(
        default=EvidenceFloorDocument(), description="Floors for the evidence that policies ask for."
    )
    approval: ApprovalFloorDocument = Field(
        default=ApprovalFloorDocument(), description="Floors for the approval of every policy."
    )
    registries: list[Registry] | None = Field(
        default=None, min_length=1, max_length=MOST_LISTED, description="The only registries that a target may name."
    )
    mode: Mode = Field(default="enforce", description="The loosest mode of the gates that this file asks for.")
    modes: dict[GateOrKind, Mode] = Field(
        default={}, max_length=MOST_RULES, description="Another loosest mode for a gate, by its name or its kind."
    )
    exceptions: list[ExceptionDocument] = Field(
        default=[],
        max_length=MOST_RULES,
        description="Exceptions from what stands here; no policy may make one itself.",
    )
    reserved_tags: list[ReservedName] = Field(
        default=[], max_length=MOST_LISTED, description="Tags that no submitter may set."
    )
    rules: list[RuleDocument] = Field(
        default=[], max_length=MOST_RULES_IN_CEL, description="Rules in CEL that hold under every policy."
    )

    def findings(self) -> Iterator[Finding]:
        """What is wrong between its values, and between those of its sections."""
        for name, tag in self.tags.items():
            yield from tag.findings(("tags", name))
        yield from self.evidence.findings(("evidence",))
        yield from name_findings(self.rules)
        yield from reserved_findings(asked_by_tags(self.tags, self.release_record), self.reserved_tags)

    def as_organisation(self) -> Organisation:
        """The same as a value of the domain."""
        asked = self.approval
        return Organisation(
            name=self.organisation,
            release_record=tuple(self.release_record.require),
            tags=as_tag_rules(self.tags),
            job_required=self.lineage.job_required,
            job_status=self.lineage.job_status,
            evidence=self.evidence.as_floor(),
            approval=ApprovalFloor(
                asked.quorum, asked.rejections, tuple(asked.required_groups), tuple(asked.exclude), asked.expires_after
            ),
            registries=None if self.registries is None else tuple(self.registries),
            mode=self.mode,
            modes=self.modes,
            exceptions=as_exception_rules(self.exceptions),
            reserved_tags=tuple(self.reserved_tags),
            rules=as_rules(self.rules),
        )
