"""What was read about a model version, before any rule is applied to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shared.domain.ids import Incarnation, Target


@dataclass(frozen=True, slots=True, order=True)
class Artifact:
    """One file of a model: path relative to the model's root, size in bytes, MD5 as base64 where the store holds one."""

    path: str
    size: int
    md5: str | None


@dataclass(frozen=True, slots=True)
class Run:
    """The run that proves a version. `metrics` hold decimal text, or `NaN`, `Infinity`, `-Infinity`.

    `submitter` is the identifier as the service spells it; `ended_at` is None while the run goes on.
    `dataset` is the digest or name of the evaluated data set where the run states one.
    `model` is the `name:version` that the run's tag `evaluated_model` names, where it has one. `tags` are all of its tags.
    `datasets` are the data sets logged as inputs where there are several and no tag says which counts, sorted.
    """

    id: str
    status: str
    metrics: Mapping[str, str]
    submitter: str | None
    ended_at: datetime | None
    dataset: str | None
    model: str | None
    tags: Mapping[str, str] = field(default_factory=dict)
    datasets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """The job that a version came from. `submitter` is the identifier as the service spells it."""

    status: str
    submitter: str | None


@dataclass(frozen=True, slots=True)
class Series:
    """Every value that a run logged of one metric, spelled as in `Run.metrics`; not `whole` where there are too many."""

    values: tuple[str, ...]
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Source:
    """Where a piece of evidence was made: `kind` is "run", "results" or the kind of a document.

    `producer` is who or what made it, as it says itself or as the service says of the run; `at` is the evidence's own
    time (the end of a run, the date in a file). `sha256` is lower-case hex: over the bytes of a file, None where it is
    too large to be read; over what was taken from a run (`run_digest`), None in early evaluations.
    """

    kind: str
    run: str
    producer: str | None = None
    at: datetime | None = None
    path: str | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class RunFile:
    """A file among the artifacts of a run. `content` is None where it has more bytes than are read."""

    run: str
    path: str
    size: int
    content: bytes | None


@dataclass(frozen=True, slots=True)
class Results:
    """What a file of evaluation results says, or the `fault` that it cannot be used for; metrics as in `Run.metrics`."""

    source: Source
    metrics: Mapping[str, str] = field(default_factory=dict)
    dataset: str | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """What a scanner or a signature says of a model's files, or the `fault` that it cannot be used for.

    `files` are those that it is bound to: path to MD5 as base64, as a store holds it. `named` are those that the report
    itself says were looked at, or signed. `findings` counts them by severity. `incomplete` says what was not done.
    """

    source: Source
    version: str | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    named: tuple[str, ...] = ()
    findings: Mapping[str, int] = field(default_factory=dict)
    incomplete: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """A version as the workspace shows it. `registrant` is `createdBy` as the service spells it, or None.

    `artifacts` is None where the store cannot be listed. `asset_type` is Azure ML's `modelType`.
    """

    incarnation: Incarnation
    registrant: str | None
    tags: Mapping[str, str]
    properties: Mapping[str, str]
    job: str | None
    asset_type: str
    flavors: tuple[str, ...]
    artifacts: tuple[Artifact, ...] | None


@dataclass(frozen=True, slots=True)
class RegistryVersion:
    """A version as a registry shows it. `marker` is what our provenance tags say, empty where there are none."""

    asset_id: str
    asset_type: str
    flavors: tuple[str, ...]
    artifacts: tuple[Artifact, ...] | None
    marker: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that one look at a candidate found. `run` is None when there is no run to read (absent, not unreadable).

    `lineage_status` is the status of the job the version came from and `job_submitter` who submitted it; None where
    there is no job, or where the policy does not ask. `series` holds the
    metrics that the policy takes from all their values, where the run holds any. `results` is None where the policy
    names no file of results, or the run has none. `code` is the commit that the version was made from.
    `documents` holds, by kind, what scanners and signatures say of its files. `run_sha256` is the digest of what was
    taken from the run (`run_digest`), None where there is no run.
    """

    version: ModelVersion
    run: Run | None
    lineage_status: str | None
    series: Mapping[str, Series] = field(default_factory=dict)
    results: Results | None = None
    code: str | None = None
    documents: Mapping[str, Document] = field(default_factory=dict)
    job_submitter: str | None = None
    run_sha256: str | None = None

    @property
    def datasets(self) -> tuple[str, ...]:
        """The data sets that run and results state, sorted: more than one where they contradict each other."""
        stated = (self.run.dataset if self.run else None, self.results.dataset if self.results else None)
        return tuple(sorted({dataset for dataset in stated if dataset}))


@dataclass(frozen=True, slots=True)
class Champion:
    """The version a line points at, with the values its own recorded evaluation holds. Never read anew.

    `taken` says how a metric's value was taken, as `Facts.taken` does.
    """

    promotion: str
    target: Target
    round: int
    digest: str
    metrics: Mapping[str, str]
    dataset: str | None
    taken: Mapping[str, str] = field(default_factory=dict)
