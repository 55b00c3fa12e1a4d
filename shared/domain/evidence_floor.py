"""What an organisation asks of the evidence of every policy, and what of it a policy must state itself.

A policy that leaves a value out gets the floor's. What only its authors can know, where a run or a file stands, they must
write: `lacks` names that, and `unheld` the floors that hold nothing in a policy and would be overlooked.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import TypeVar

from shared.domain.document_gates import version_numbers
from shared.domain.policy import DocumentRule, EvidenceRule, MetricRule
from shared.domain.scan_reports import SEVERITIES

Key = tuple[str | int, ...]
_T = TypeVar("_T", Decimal, timedelta, str)
_ALLOWED = ("none", *SEVERITIES)  # from the tightest to the loosest


@dataclass(frozen=True, slots=True)
class DocumentFloor:
    """A kind of document that every policy with evidence must ask for; its values are those of `DocumentRule`."""

    kind: str
    max_age: timedelta | None = None
    min_version: str | None = None
    allow: str = "none"
    binding: str = "content"


@dataclass(frozen=True, slots=True)
class EvidenceFloor:
    """What evidence must hold wherever a policy asks for it.

    `required` says whether every policy must ask for it; None where the file does not say, and then it must where
    anything below must stand in every policy, else whoever leaves evidence out is warned. `metric_required` says the same
    of a metric of `metrics`, by its name: True puts it into every policy, False lets go without a word.
    """

    required: bool | None = None
    run_names_version: bool = False
    max_age: timedelta | None = None
    same_dataset_as_champion: bool = False
    metrics: Mapping[str, MetricRule] = field(default_factory=dict)
    metric_required: Mapping[str, bool] = field(default_factory=dict)
    results: bool = False
    code_version: bool = False
    documents: tuple[DocumentFloor, ...] = ()

    @property
    def is_required(self) -> bool:
        """Whether a policy without evidence is refused."""
        if self.required is not None:
            return self.required
        return bool(self._always or self.results or self.code_version or self.documents)

    @property
    def _always(self) -> dict[str, MetricRule]:
        """The metrics that every policy with evidence judges."""
        return {name: rule for name, rule in self.metrics.items() if self.metric_required.get(name)}

    def gates(self, evidence: EvidenceRule) -> Iterator[tuple[str, Key]]:
        """The gates that evidence has, or gains, because of what stands here: each with its key."""
        if self.run_names_version or self.is_required:
            yield "evidence:run", ("run", "about") if self.run_names_version else ("required",)
        if self.max_age is not None:
            yield "evidence:max_age", ("max_age",)
        if self.code_version:
            yield "evidence:code_version", ("code_version",)
        if self.results and evidence.results is not None:
            yield "evidence:results", ("results",)
        kinds = {asked.kind for asked in evidence.documents}
        for index, asked in enumerate(self.documents):
            if asked.kind in kinds:
                yield f"document:{asked.kind}", ("documents", index)
        if self.same_dataset_as_champion:
            yield "evidence:same_dataset", ("same_dataset_as_champion",)
        for name in sorted(self.metrics.keys() & {*evidence.metrics, *self._always}):
            yield f"metric:{name}", ("metrics", name)
            if self.metrics[name].no_worse_than_champion_by is not None:
                yield f"metric:{name}:champion", ("metrics", name, "no_worse_than_champion_by")

    def tightened(self, evidence: EvidenceRule) -> EvidenceRule:
        """The same evidence with all of this in force."""
        judged = {**self._always, **evidence.metrics}
        floors = {asked.kind: asked for asked in self.documents}
        return replace(
            evidence,
            max_age=tighter(min, evidence.max_age, self.max_age),
            same_dataset_as_champion=evidence.same_dataset_as_champion or self.same_dataset_as_champion,
            run_names_version=evidence.run_names_version or self.run_names_version,
            code_version=evidence.code_version or self.code_version,
            documents=tuple(
                _document(asked, floors[asked.kind]) if asked.kind in floors else asked for asked in evidence.documents
            ),
            metrics={
                name: _metric(rule, self.metrics[name]) if name in self.metrics else rule
                for name, rule in judged.items()
            },
        )


@dataclass(frozen=True, slots=True)
class Lack:
    """What a policy does not state at `key` of its evidence, for the floor at `floor`: `fault`, and `fix`, as words."""

    key: Key
    floor: Key
    fault: str
    fix: str


def lacks(evidence: EvidenceRule | None, floor: EvidenceFloor) -> Iterator[Lack]:
    """What only the policy's authors can add, without which it does not hold what is asked for."""
    if evidence is None:
        if floor.is_required:
            yield Lack((), _reason(floor), "is missing", "add it, with a run such as {tag: evaluation_run}")
        return
    if floor.results and evidence.results is None:
        yield Lack(("results",), ("results",), "is missing", "add {path, format}")
    stated = {asked.kind for asked in evidence.documents}
    for index, asked in enumerate(floor.documents):
        if asked.kind not in stated:
            fix = f"add {{kind: {asked.kind}, path: where it stands}}"
            yield Lack(("documents",), ("documents", index), f"lists no {asked.kind}", fix)
    for name, rule in floor.tightened(evidence).metrics.items():
        if rule.from_results and evidence.results is None and not floor.results and name in floor.metrics:
            fault = f"names no file of results, and {name} is taken from one"
            yield Lack(("results",), ("metrics", name, "from"), fault, "add {path, format}")


def unheld(evidence: EvidenceRule | None, floor: EvidenceFloor) -> Iterator[Lack]:
    """Floors that hold nothing in a policy, where the organisation's file does not say whether they must."""
    if evidence is None:
        if floor.required is None and not floor.is_required and _stated(floor):
            yield Lack((), _reason(floor), "is not asked for", "add it, or write required: true or false there")
        return
    for name in sorted(floor.metrics.keys() - evidence.metrics.keys() - floor.metric_required.keys()):
        fault, fix = f"does not judge {name}", "add it, or write required: true or false there"
        yield Lack(("metrics",), ("metrics", name), fault, fix)


def _stated(floor: EvidenceFloor) -> bool:
    return replace(floor, required=None) != EvidenceFloor()


def _reason(floor: EvidenceFloor) -> Key:
    """The key that says most of why evidence is asked for."""
    if floor.required is not None:
        return ("required",)
    always = [("metrics", name) for name in sorted(floor.metrics) if floor.metric_required.get(name)]
    named = (("results", floor.results), ("code_version", floor.code_version), ("documents", floor.documents))
    return next(iter([*always, *((key,) for key, stated in named if stated)]), ())


def tighter(pick: Callable[[list[_T]], _T], ours: _T | None, theirs: _T | None) -> _T | None:
    """The one of two values that `pick` takes, or the only one there is."""
    stated = [value for value in (ours, theirs) if value is not None]
    return pick(stated) if stated else None


def _document(asked: DocumentRule, floor: DocumentFloor) -> DocumentRule:
    return replace(
        asked,
        max_age=tighter(min, asked.max_age, floor.max_age),
        min_version=tighter(_newest, asked.min_version, floor.min_version),
        allow=min(asked.allow, floor.allow, key=_ALLOWED.index),
        binding="names" if asked.binding == floor.binding == "names" else "content",
    )


def _newest(versions: list[str]) -> str:
    return max(versions, key=version_numbers)


def _metric(metric: MetricRule, floor: MetricRule) -> MetricRule:
    """All bounds in force; where the floor needs to know which way is better, it decides, else the policy does."""
    decides = floor if floor.no_worse_than_champion_by is not None or floor.use == "best" else metric
    tight = MetricRule(
        min=tighter(max, metric.min, floor.min),
        max=tighter(min, metric.max, floor.max),
        no_worse_than_champion_by=tighter(min, metric.no_worse_than_champion_by, floor.no_worse_than_champion_by),
        use=floor.use,
        better=metric.better,
        from_results=metric.from_results or floor.from_results,
    )
    if tight.lower_is_better == decides.lower_is_better:
        return tight
    return replace(tight, better="lower" if decides.lower_is_better else "higher")
