"""Policy as values: the rules for a group of models. Parsing and file faults live in `adapters/policy_files.py`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cache, cached_property, partial
from typing import Any, Literal

from shared.domain.change_window import ChangeWindow

Path = tuple[str, ...]
"""What a rule reads, as a path: ("tags", "owner")."""

Mode = Literal["off", "shadow", "warn", "enforce"]

ALWAYS_ENFORCED = frozenset({"separation_of_duties", "target", "reserved_tags"})
"""Kinds of gates that no mode weakens: who made a version never lets it through (invariant 4), nothing goes where its
name does not fit, and nobody writes in our name."""


@dataclass(frozen=True, slots=True)
class TagRule:
    """What one tag must hold: exactly one of a pattern (google-re2), a list of values, or a type ("date_range")."""

    pattern: str | None = None
    one_of: tuple[str, ...] | None = None
    type: str | None = None


@dataclass(frozen=True, slots=True)
class MetricRule:
    """Bounds of one metric; a champion bound is how much worse than the champion it may be (in the metric's unit).

    `use` says which of the values that a run logged counts: "last", "best" or "mean"; `from_results` that the value in
    the file of results does. `better` is "higher" or "lower"
    where the policy states it, None where the bounds tell.
    """

    min: Decimal | None = None
    max: Decimal | None = None
    no_worse_than_champion_by: Decimal | None = None
    use: str = "last"
    better: str | None = None
    from_results: bool = False

    @property
    def taken(self) -> str:
        """How its value is taken: "last", "best", "mean" or "results"."""
        return "results" if self.from_results else self.use

    @property
    def lower_is_better(self) -> bool:
        """Whether less is better: as stated, else where there is a most and no least."""
        if self.better is not None:
            return self.better == "lower"
        return self.max is not None and self.min is None


@dataclass(frozen=True, slots=True)
class ResultsRule:
    """The run's file of evaluation results: its path among the artifacts, and "mlflow_evaluate" or "clearance"."""

    path: str
    format: str


@dataclass(frozen=True, slots=True)
class DocumentRule:
    """A document of the run about the version's files: "modelscan", "picklescan" or "model_signing", and its path there.

    `allow` is the worst severity of findings that may be there ("none" to "critical"). `binding` is "content", where it
    must state the MD5 of each file, or "names".
    """

    kind: str
    path: str
    max_age: timedelta | None = None
    min_version: str | None = None
    allow: str = "none"
    binding: str = "content"


@dataclass(frozen=True, slots=True)
class EvidenceRule:
    """Where the run is found (`run_tag`, else the job if `run_or_job`), how old it may be, and its metrics.

    `code_version` asks for the commit that the version was made from. `run_names_version` asks that a run other than the
    version's own job says that it is about this version.
    """

    run_tag: str | None
    run_or_job: bool
    max_age: timedelta | None
    same_dataset_as_champion: bool
    metrics: Mapping[str, MetricRule]
    results: ResultsRule | None = None
    code_version: bool = False
    documents: tuple[DocumentRule, ...] = ()
    run_names_version: bool = False


@dataclass(frozen=True, slots=True)
class ApprovalRule:
    """Who must answer. `exclude` names roles: "registrant", "run_submitter", "job_submitter"."""

    quorum: int
    rejections: int
    groups: tuple[str, ...]
    required_groups: tuple[str, ...]
    exclude: tuple[str, ...]
    expires_after: timedelta


@dataclass(frozen=True, slots=True)
class TargetRule:
    """A registry and the templates of the name and version there; fields are {workspace}, {name}, {version}."""

    registry: str
    name: str = "{name}"
    version: str = "{version}"
    champion_from: str | None = None


@dataclass(frozen=True, slots=True)
class ExceptionRule:
    """A gate that does not block versions of some models, to the end of the day `until` in UTC, and who answers for it."""

    gate: str
    models: tuple[str, ...]
    owner: str
    reason: str
    until: date


@dataclass(frozen=True, slots=True)
class Uncomputed:
    """An expression that gave neither true nor false; `why` is half a sentence."""

    why: str


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression in CEL: its text, what it reads, and how it is computed over what there is of that."""

    text: str
    reads: tuple[Path, ...]
    compute: Callable[[Mapping[Path, Any]], bool | Uncomputed] = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Rule:
    """What must be true of a version where `when` is; `fix` says to its submitter what to do where it is not."""

    name: str
    require: Expression
    fix: str
    when: Expression | None = None

    @property
    def reads(self) -> tuple[Path, ...]:
        """Every value that either expression reads, each once."""
        return tuple(dict.fromkeys((*(self.when.reads if self.when else ()), *self.require.reads)))


@dataclass(frozen=True)
class Policy:
    """The rules for a group of models, as one file states them. What follows from them is worked out once, and kept.

    `mode` is that of every gate that `modes` does not name: by its name, or by its kind as `kind:*`. A policy whose
    `mode` is "off" governs nothing.

    `reserved_tags` are names that no submitter may state, besides those that begin with `clearance_`. `held` are gates that
    the organisation lets no policy put in shadow.
    """

    name: str
    workspaces: tuple[str, ...]
    models: tuple[str, ...]
    opt_in_tag: str | None
    owner: str
    grace: timedelta
    release_record: tuple[str, ...]
    tags: Mapping[str, TagRule]
    job_required: bool
    job_status: str | None
    evidence: EvidenceRule | None
    approval: ApprovalRule
    targets: tuple[TargetRule, ...]
    mode: Mode
    modes: Mapping[str, Mode] = field(default_factory=dict)
    exceptions: tuple[ExceptionRule, ...] = ()
    change_window: ChangeWindow | None = None
    reserved_tags: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    held: frozenset[str] = frozenset()

    @cached_property
    def metrics(self) -> Mapping[str, MetricRule]:
        """The metrics that gates which are not off look at, those of rules in CEL among them, in the order of their names."""
        stated = self.evidence.metrics if self.evidence else {}
        judged = {name for name in stated if _is_judged(self, name)}
        read = {path[1] for path in self.rule_reads if path[0] == "metrics"}
        return {name: stated.get(name, MetricRule()) for name in sorted(judged | read)}

    @cached_property
    def results(self) -> ResultsRule | None:
        """The file of results that some gate which is not off looks at."""
        named = self.evidence.results if self.evidence else None
        from_it = any(metric.from_results for metric in self.metrics.values())
        return named if from_it or self.mode_of("evidence:results") != "off" else None

    @cached_property
    def documents(self) -> tuple[DocumentRule, ...]:
        """The documents whose gates are not off."""
        rules = self.evidence.documents if self.evidence else ()
        return tuple(rule for rule in rules if self.mode_of(f"document:{rule.kind}") != "off")

    @property
    def asks_job(self) -> bool:
        """Whether something is asked of the job that the version came from, beside its id."""
        return self.asks_job_status or "job_submitter" in self.approval.exclude

    @property
    def asks_job_status(self) -> bool:
        """Whether a gate or a rule asks how that job ended."""
        return self.job_status is not None or ("job", "status") in self.rule_reads

    @property
    def asks_code_version(self) -> bool:
        """Whether the gate on the code version is there, and not off."""
        return bool(self.evidence and self.evidence.code_version) and self.mode_of("evidence:code_version") != "off"

    @cached_property
    def rule_reads(self) -> frozenset[Path]:
        """What the rules that are not off read."""
        judged = (rule for rule in self.rules if self.mode_of(f"rule:{rule.name}") != "off")
        return frozenset(path for rule in judged for path in rule.reads)

    @cached_property
    def mode_of(self) -> Callable[[str], Mode]:
        """How a gate counts: off (not judged), shadow (recorded alone), warn (people are told) or enforce (it blocks)."""
        return cache(partial(mode_among, mode=self.mode, modes=self.modes))

    def __hash__(self) -> int:
        """That of its name: maps have none."""
        return hash(self.name)


def mode_among(gate: str, mode: Mode, modes: Mapping[str, Mode]) -> Mode:
    """The mode that `modes` give a gate, by its name or its kind, else `mode`."""
    kind = gate.partition(":")[0]
    if kind in ALWAYS_ENFORCED:
        return "enforce"
    return modes.get(gate, modes.get(f"{kind}:*", mode)) if modes else mode


def _is_judged(policy: Policy, metric: str) -> bool:
    return any(policy.mode_of(gate) != "off" for gate in (f"metric:{metric}", f"metric:{metric}:champion"))
