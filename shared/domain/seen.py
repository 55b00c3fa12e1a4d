"""What an evaluation saw, whole, so that another policy can be judged by it later as this one was then.

The evaluation's own facts hold what its gates name. This holds the rest too: within bounds, and with a note of what
was looked up at all, so that what was never asked for is not taken for absent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from shared.domain.evidence import Evidence, ModelVersion
from shared.domain.ids import PromotionId
from shared.domain.people import People
from shared.domain.policy import Policy
from shared.domain.run_gates import run_id_for
from shared.domain.targets import champion_line
from shared.domain.visible import visible

MOST_ENTRIES = 256
"""Entries kept of any map of the evidence: metrics that gates look at before all others, then in order of names."""

MOST_ITEMS = 2048
"""Items kept of any list; the values that a run logged of one metric are one."""

LONGEST_TEXT = 1024
"""Characters of a text that is kept."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answerable:
    """A person that an identifier fitted then; `accountable` are the ids of who answers for a service principal."""

    id: str
    accountable: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """What one evaluation saw, beside the facts, the champion and the incarnation that the evaluation itself holds.

    `at` is the instant it judged by. `evidence` is within bounds, and lists no files: those stand in the facts.
    `readings` says what was looked up (see `readings`), whatever came of it. `persons` holds, for each spelling of
    registrant and submitters, everybody whom it fitted then. `given_up` are the registries left out. `left_out`
    counts, by place in the evidence, the entries that were too many, too long or no text.
    """

    at: datetime
    evidence: Evidence
    readings: tuple[str, ...]
    persons: Mapping[str, tuple[Answerable, ...]]
    given_up: tuple[str, ...]
    left_out: Mapping[str, int]


def see(
    policy: Policy,
    *,
    promotion: PromotionId,
    evidence: Evidence,
    people: People,
    given_up: frozenset[str],
    at: datetime,
) -> Seen:
    """Keep what an evaluation by `policy` saw; the arguments are those of `evaluate`."""
    left_out: dict[str, int] = {}
    version, run = evidence.version, evidence.run
    makers = (version.registrant, run.submitter if run else None, evidence.job_submitter)
    spellings = filter(_is_kept, filter(None, makers))
    listed_elsewhere = replace(evidence, version=replace(version, artifacts=None))
    return Seen(
        at=at,
        evidence=_bounded(listed_elsewhere, "", left_out, _looked_at(policy)),
        readings=tuple(sorted(readings(policy, promotion, version))),
        persons={spelling: _fitting(people, spelling) for spelling in spellings},
        given_up=tuple(sorted(given_up)),
        left_out=left_out,
    )


def readings(policy: Policy, promotion: PromotionId, version: ModelVersion) -> frozenset[str]:
    """Everything beside the version itself that a policy has looked up, spelled as `kind what`.

    A policy can be judged by what an evaluation under another one saw only where that one looked all of this up.
    """
    rule, found = policy.evidence, set[str]()
    if rule and (run := run_id_for(rule, version)):
        found.add(visible(f"run {run}", LONGEST_TEXT))
    if policy.asks_job and version.job:
        found.add(visible(f"job {version.job}", LONGEST_TEXT))
    if "job_submitter" in policy.approval.exclude:
        found.add("job's submitter")
    if not rule:
        return frozenset(found)
    metrics = policy.metrics.items()  # what only gates that are off would look at is read by nobody
    found |= {f"all values of {name}" for name, metric in metrics if metric.use != "last"}
    found |= {f"file {policy.results.path} as {policy.results.format}"} if policy.results else set()
    found |= {f"file {asked.path} as {asked.kind}" for asked in policy.documents}
    found |= {"code version"} if policy.asks_code_version else set()
    compared = {f"champion's metric {name}" for name, metric in metrics if metric.no_worse_than_champion_by is not None}
    same_dataset = rule.same_dataset_as_champion and policy.mode_of("evidence:same_dataset") != "off"
    compared |= {"champion's data set"} if same_dataset else set()
    compared |= {f"champion's metric {path[2]}" for path in policy.rule_reads if path[0] == "champion"}
    line = champion_line(policy, promotion) if compared else None
    return frozenset(found | compared | ({f"champion of {line.partition}"} if line else set()))


def _fitting(people: People, spelling: str) -> tuple[Answerable, ...]:
    return tuple(Answerable(person.id, person.accountable) for person in people.fitting(spelling))


def _looked_at(policy: Policy) -> Mapping[str, frozenset[str]]:
    """The metrics that the policy looks at, by the place in the evidence where it does."""
    of_results = frozenset(name for name, metric in policy.metrics.items() if metric.from_results)
    return {"run.metrics": frozenset(policy.metrics) - of_results, "results.metrics": of_results}


def _bounded(value: T, place: str, left_out: dict[str, int], first: Mapping[str, frozenset[str]]) -> T:
    """A copy within bounds, whatever fields evidence may have; what is left out is counted under its place."""
    kept: Any = value
    match value:
        case str() if not _is_kept(value):
            left_out[place], kept = 1, ""
        case Mapping():
            found = [name for name in value if _is_kept(name) and _is_kept(value[name])]
            names = sorted(found, key=lambda name: (name not in first.get(place, ()), name))[:MOST_ENTRIES]
            kept = {name: _bounded(value[name], f"{place}.{name}", left_out, first) for name in names}
            _count(left_out, place, len(value) - len(kept))
        case tuple():
            items = [item for item in value if _is_kept(item)][:MOST_ITEMS]
            kept = tuple(_bounded(item, f"{place}.{index}", left_out, first) for index, item in enumerate(items))
            _count(left_out, place, len(value) - len(kept))
        case _ if is_dataclass(value) and not isinstance(value, type):
            named = {field.name: f"{place}.{field.name}".lstrip(".") for field in fields(value)}
            inner = {name: _bounded(getattr(value, name), at, left_out, first) for name, at in named.items()}
            kept = replace(value, **inner)
    return kept  # type: ignore[no-any-return] # of the kind that came in


def _count(left_out: dict[str, int], place: str, missing: int) -> None:
    if missing:
        left_out[place] = missing


def _is_kept(value: object) -> bool:
    """Whether a text is short enough, and is text: half of a surrogate pair has no place in canonical JSON."""
    if not isinstance(value, str):
        return True
    return len(value) <= LONGEST_TEXT and not any("\ud800" <= character <= "\udfff" for character in value)
