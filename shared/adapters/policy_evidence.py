"""The section `evidence` of a policy file: which run proves a version, and what it must hold."""

from decimal import Decimal
from typing import Literal

from pydantic import Field, model_validator

from shared.adapters.policy_values import (
    MOST_RULES,
    ArtifactPath,
    MetricName,
    Section,
    Span,
    TagName,
    Threshold,
    ToolVersion,
)
from shared.domain.policy import DocumentRule, EvidenceRule, MetricRule, ResultsRule


class RunDocument(Section):
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


class MetricDocument(Section):
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

    from_: Literal["results"] | None = Field(
        default=None, alias="from", description="results: its value stands in the file of results, not in the run."
    )

    @model_validator(mode="after")
    def _sensible(self) -> "MetricDocument":
        if self.min is None and self.max is None:
            raise ValueError("bounds nothing: write min or max")
        if self.from_ is not None and self.use != "last":
            raise ValueError("takes one value from the results, which has no best or mean: remove use, or from")
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

    def as_rule(self) -> MetricRule:
        """The same as a value of the domain."""
        worse_by, from_results = self.no_worse_than_champion_by, self.from_ is not None
        return MetricRule(self.min, self.max, worse_by, self.use, self.better, from_results)


class ResultsDocument(Section):
    """A file of evaluation results among the run's artifacts."""

    path: ArtifactPath = Field(
        description="Where it stands among the run's artifacts, such as evaluation/results.json."
    )
    format: Literal["mlflow_evaluate", "clearance"] = Field(
        description="mlflow_evaluate: what EvaluationResult.save wrote. clearance: producer, created_at, dataset, metrics."
    )


class ReportDocument(Section):
    """A document of a scanner or a signature about the version's files, among the run's artifacts."""

    kind: Literal["modelscan", "picklescan", "model_signing"] = Field(description="The tool that wrote it.")
    path: ArtifactPath = Field(description="Where it stands among the run's artifacts, such as scans/modelscan.json.")
    max_age: Span | None = Field(default=None, description="How long ago it may have been made.")
    min_version: ToolVersion | None = Field(default=None, description="The oldest version of the tool that will do.")
    allow: Literal["none", "low", "medium", "high", "critical"] = Field(
        default="none", description="The worst severity of findings that is allowed."
    )
    binding: Literal["content", "names"] = Field(
        default="content",
        description="content: it states the MD5 of every file. names: that it names the files is enough.",
    )

    @model_validator(mode="after")
    def _bindable(self) -> "ReportDocument":
        if self.binding == "names" and self.kind != "modelscan":
            raise ValueError("is bound to names, and only modelscan names its files by itself: remove binding")
        if self.allow != "none" and self.kind == "model_signing":
            raise ValueError("allows findings, and a signature has none: remove allow")
        return self

    def as_rule(self) -> DocumentRule:
        """The same as a value of the domain."""
        return DocumentRule(self.kind, self.path, self.max_age, self.min_version, self.allow, self.binding)


class EvidenceDocument(Section):
    """The run that proves a version, how old it may be, and what it must hold."""

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
        default=[], max_length=3, description="Reports of scanners and a signature that the run must hold."
    )

    @model_validator(mode="after")
    def _distinct(self) -> "EvidenceDocument":
        if len({document.kind for document in self.documents}) < len(self.documents):
            raise ValueError("names two documents of one kind: keep one")
        return self

    @model_validator(mode="after")
    def _named(self) -> "EvidenceDocument":
        taken = sorted(name for name, metric in self.metrics.items() if metric.from_ is not None)
        if taken and self.results is None:
            raise ValueError(
                f"takes {', '.join(taken)} from results that it does not name: write results: {{path, format}}"
            )
        return self

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
            documents=tuple(document.as_rule() for document in self.documents),
        )
