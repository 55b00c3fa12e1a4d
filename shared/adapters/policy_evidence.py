"""The section `evidence` of a policy file: which run proves a version, and what it must hold."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from pydantic import ConfigDict, Field

from shared.adapters import schema_rules
from shared.adapters.policy_values import (
    MOST_RULES,
    Allowance,
    ArtifactPath,
    MetricName,
    Section,
    Span,
    TagName,
    Threshold,
    ToolVersion,
)
from shared.adapters.readable import Finding, finding
from shared.adapters.strict_yaml import Place
from shared.domain.policy import DocumentRule, EvidenceRule, MetricRule, ResultsRule

DocumentKind = Literal["modelscan", "picklescan", "model_signing"]
Severity = Literal["none", "low", "medium", "high", "critical"]
Binding = Literal["content", "names"]


class RunDocument(Section):
    """Which run proves the version: the one a tag names, `or: job` for the job it came from, or both in this order."""

    model_config = ConfigDict(json_schema_extra=schema_rules.RUN)

    tag: TagName | None = Field(default=None, description="The tag that holds the id of the evaluation run.")
    or_: Literal["job"] | None = Field(
        default=None,
        alias="or",
        description="job: where the tag is absent, the job that the version came from is the run.",
    )
    about: Literal["required"] | None = Field(
        default=None,
        description="required: a run counts only if its tag evaluated_model names this version (name:version), or if it "
        "is the job that the version came from. Left out, a run that names no version counts too.",
    )

    def findings(self, place: Place) -> Iterator[Finding]:
        """What is wrong between its values."""
        if self.tag is None and self.or_ is None:
            fix = "write {tag: evaluation_run}, {or: job} or both"
            yield finding(place, "names no run", fix, (*place, "tag"), (*place, "or"))


class MetricDocument(Section):
    """Bounds of one metric, and which of its values counts. With `max` alone less is better, with `min` alone more."""

    model_config = ConfigDict(json_schema_extra=schema_rules.METRIC)

    min: Threshold | None = Field(default=None, description="The least value allowed.")
    max: Threshold | None = Field(default=None, description="The greatest value allowed.")
    no_worse_than_champion_by: Allowance | None = Field(
        default=None,
        description="How much worse than the champion's recorded value it may be, in the metric's own unit.",
    )
    use: Literal["last", "best", "mean"] = Field(
        default="last", description="Which of the values that the run logged counts."
    )
    better: Literal["higher", "lower"] | None = Field(
        default=None, description="Which way is better; left out, min alone says higher, and max alone lower."
    )

    from_: Literal["results"] | None = Field(
        default=None, alias="from", description="results: its value stands in the file of results, not in the run."
    )

    def findings(self, place: Place) -> Iterator[Finding]:
        """What is wrong between its values."""
        bounds = ((*place, "min"), (*place, "max"))
        if self.min is None and self.max is None:
            yield finding(place, "bounds nothing", "write min or max", *bounds)
        if self.from_ is not None and self.use != "last":
            fault, fix = "takes one value from the results, which has no best or mean", "remove use, or from"
            yield finding(place, fault, fix, (*place, "from"), (*place, "use"))
        if self.min is not None and self.max is not None:
            if self.min > self.max:
                yield finding(place, "has a min above its max", "swap them", *bounds)
            needs_better = self.no_worse_than_champion_by is not None or self.use == "best"
            if needs_better and self.better is None:
                fault, fix = "has two bounds, so that better is not known", "write better: higher, or better: lower"
                yield finding(place, fault, fix)

    def as_rule(self) -> MetricRule:
        """The same as a value of the domain."""
        worse_by, from_results = self.no_worse_than_champion_by, self.from_ is not None
        return MetricRule(self.min, self.max, worse_by, self.use, self.better, from_results)


def metric_findings(metrics: Mapping[str, MetricDocument], place: Place) -> Iterator[Finding]:
    """What is wrong between the values of metrics, which stand within `place`."""
    for name, metric in metrics.items():
        yield from metric.findings((*place, "metrics", name))


def distinct_findings(kinds: Sequence[str], place: Place) -> Iterator[Finding]:
    """Documents of one kind, which stand within `place`."""
    for index, kind in enumerate(kinds):
        first = kinds.index(kind)
        if first < index:
            needs = [(*place, "documents", each, "kind") for each in (first, index)]
            yield finding((*place, "documents", index), f"is another {kind}", "keep one document of a kind", *needs)


class ResultsDocument(Section):
    """A file of evaluation results among the run's artifacts."""

    path: ArtifactPath = Field(
        description="Where it stands among the run's artifacts, such as evaluation/results.json."
    )
    format: Literal["mlflow_evaluate", "clearance"] = Field(
        description="mlflow_evaluate: what EvaluationResult.save wrote. clearance: producer, created_at, dataset, metrics."
    )


class ReportValues(Section):
    """What is asked of a document of a scanner or a signature about the version's files."""

    model_config = ConfigDict(json_schema_extra=schema_rules.REPORT)

    kind: DocumentKind = Field(description="The tool that wrote it.")
    max_age: Span | None = Field(default=None, description="How long ago it may have been made.")
    min_version: ToolVersion | None = Field(default=None, description="The oldest version of the tool that will do.")
    allow: Severity = Field(default="none", description="The worst severity of findings that is allowed.")
    binding: Binding = Field(
        default="content",
        description="content: it states the MD5 of every file. names: that it names the files is enough.",
    )

    def findings(self, place: Place) -> Iterator[Finding]:
        """What is wrong between its values."""
        if self.binding == "names" and self.kind != "modelscan":
            fault = "is bound to names, and only modelscan names its files by itself"
            yield finding(place, fault, "remove binding", (*place, "kind"), (*place, "binding"))
        if self.allow != "none" and self.kind == "model_signing":
            fault = "allows findings, and a signature has none"
            yield finding(place, fault, "remove allow", (*place, "kind"), (*place, "allow"))


class ReportDocument(ReportValues):
    """A document of a scanner or a signature about the version's files, among the run's artifacts."""

    path: ArtifactPath = Field(description="Where it stands among the run's artifacts, such as scans/modelscan.json.")

    def as_rule(self) -> DocumentRule:
        """The same as a value of the domain."""
        return DocumentRule(self.kind, self.path, self.max_age, self.min_version, self.allow, self.binding)


class EvidenceDocument(Section):
    """The run that proves a version, how old it may be, and what it must hold."""

    model_config = ConfigDict(json_schema_extra=schema_rules.EVIDENCE)

    run: RunDocument = Field(description="Where the run that proves a version is named.")
    max_age: Span | None = Field(default=None, description="How long ago that run may have ended.")
    same_dataset_as_champion: bool = Field(
        default=False, description="The run must have used the data set of the champion's evaluation."
    )
    metrics: dict[MetricName, MetricDocument] = Field(
        default={}, max_length=MOST_RULES, description="Bounds, by the name of the metric."
    )
    results: ResultsDocument | None = Field(
        default=None, description="A file of evaluation results that the run must hold."
    )
    code_version: Literal["required"] | None = Field(
        default=None, description="required: the job or the run must name the git commit, with nothing changed since."
    )

    documents: list[ReportDocument] = Field(
        default=[],
        max_length=3,
        description="Reports of scanners and a signature that the run must hold.",
        json_schema_extra=schema_rules.DOCUMENTS,
    )

    def findings(self, place: Place) -> Iterator[Finding]:
        """What is wrong between its values, and between theirs."""
        yield from self.run.findings((*place, "run"))
        yield from metric_findings(self.metrics, place)
        for index, document in enumerate(self.documents):
            yield from document.findings((*place, "documents", index))
        yield from distinct_findings([document.kind for document in self.documents], place)
        for name, metric in self.metrics.items():
            if metric.from_ is not None and self.results is None:
                at = (*place, "metrics", name, "from")
                fix = "write results: {path, format}"
                yield finding(at, "is results, but evidence names none", fix, at, (*place, "results"))

    def as_rule(self) -> EvidenceRule:
        """The same as a value of the domain."""
        results = self.results
        return EvidenceRule(
            run_tag=self.run.tag,
            run_or_job=self.run.or_ == "job",
            max_age=self.max_age,
            same_dataset_as_champion=self.same_dataset_as_champion,
            metrics={name: metric.as_rule() for name, metric in self.metrics.items()},
            results=ResultsRule(results.path, results.format) if results else None,
            code_version=self.code_version is not None,
            run_names_version=self.run.about is not None,
            documents=tuple(document.as_rule() for document in self.documents),
        )
