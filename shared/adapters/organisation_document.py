"""The shape of `organisation.yaml`: the keys of a policy, each asking the same of every policy of the folder."""

from typing import Literal

from pydantic import Field

from shared.adapters.policy_document import (
    ExceptionDocument,
    LineageDocument,
    ReleaseRecordDocument,
    TagDocument,
    as_exception_rules,
    as_tag_rules,
)
from shared.adapters.policy_evidence import MetricDocument
from shared.adapters.policy_values import (
    MOST_LISTED,
    MOST_RULES,
    POLICY_NAME,
    Group,
    MetricName,
    Registry,
    ReservedName,
    Section,
    Span,
    TagName,
    Text,
)
from shared.adapters.rule_document import MOST_RULES_IN_CEL, RuleDocument, as_rules
from shared.domain.organisation import ApprovalFloor, Organisation
from shared.domain.policy import Mode


class EvidenceFloorDocument(Section):
    """What evidence must hold wherever a policy asks for it."""

    max_age: Span | None = Field(default=None, description="The longest that a policy may allow.")
    same_dataset_as_champion: bool = Field(default=False, description="true: in every policy that asks for evidence.")
    metrics: dict[MetricName, MetricDocument] = Field(
        default={}, max_length=MOST_RULES, description="The least that a policy asks of a metric, where it judges it."
    )


class ApprovalFloorDocument(Section):
    """The least that every policy's approval asks for."""

    quorum: int | None = Field(default=None, ge=1, le=100, description="The smallest quorum allowed.")
    rejections: int | None = Field(default=None, ge=1, le=100, description="The most rejections that a round survives.")
    required_groups: list[Group] = Field(
        default=[], max_length=MOST_LISTED, description="Groups of which every policy requires one who approves."
    )
    exclude: list[Literal["registrant", "run_submitter"]] = Field(
        default=[], description="Who counts under no policy, where it gives them a part."
    )
    expires_after: Span | None = Field(default=None, description="The longest that people may have to answer.")


class OrganisationDocument(Section):
    """What the organisation asks of every policy: a policy may ask for more, never for less."""

    organisation: str = Field(pattern=POLICY_NAME, description="The organisation's name.")
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
    modes: dict[Text, Mode] = Field(
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

    def as_organisation(self) -> Organisation:
        """The same as a value of the domain."""
        asked = self.approval
        return Organisation(
            name=self.organisation,
            release_record=tuple(self.release_record.require),
            tags=as_tag_rules(self.tags),
            job_required=self.lineage.job_required,
            job_status=self.lineage.job_status,
            max_age=self.evidence.max_age,
            same_dataset_as_champion=self.evidence.same_dataset_as_champion,
            metrics={name: metric.as_rule() for name, metric in self.evidence.metrics.items()},
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
