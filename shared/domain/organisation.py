"""What an organisation asks of every policy: floors that a team may only tighten, and rules that it cannot override.

`loosenings` names what a policy states looser than that; `tightened` is the policy with all of it in force. Both are
pure. An organisation's file has the keys of a policy, so that one key names a value in both.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import TypeVar, get_args

from shared.domain.decimals import spelled
from shared.domain.durations import spelled_span
from shared.domain.policy import (
    ApprovalRule,
    EvidenceRule,
    ExceptionRule,
    MetricRule,
    Mode,
    Policy,
    Rule,
    TagRule,
    mode_among,
)
from shared.domain.policy_match import meeting

Key = tuple[str | int, ...]
_Value = Decimal | timedelta | tuple[str, ...] | str | int | None
_T = TypeVar("_T", Decimal, timedelta)
_MODES: tuple[Mode, ...] = get_args(Mode)  # from the loosest to the tightest


@dataclass(frozen=True, slots=True)
class ApprovalFloor:
    """The least that every policy's approval asks for; `expires_after` is the longest. None asks for nothing."""

    quorum: int | None = None
    rejections: int | None = None
    required_groups: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    expires_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Organisation:
    """What every policy is held to. `metrics`, `max_age` and `same_dataset_as_champion` bind where evidence is judged.

    `registries` are the only ones allowed, None where any is. `mode` and `modes` are the loosest mode of the gates that
    stand here, as in a policy.
    """

    name: str
    release_record: tuple[str, ...] = ()
    tags: Mapping[str, TagRule] = field(default_factory=dict)
    job_required: bool = False
    job_status: str | None = None
    max_age: timedelta | None = None
    same_dataset_as_champion: bool = False
    metrics: Mapping[str, MetricRule] = field(default_factory=dict)
    approval: ApprovalFloor = ApprovalFloor()
    registries: tuple[str, ...] | None = None
    mode: Mode = "enforce"
    modes: Mapping[str, Mode] = field(default_factory=dict)
    exceptions: tuple[ExceptionRule, ...] = ()
    reserved_tags: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()

    def gates(self, policy: Policy) -> Iterator[tuple[str, Key]]:
        """The gates that `policy` has, or gains, because of what stands here: each with its key."""
        if self.release_record:
            yield "release_record", ("release_record",)
        yield from ((f"tag:{name}", ("tags", name)) for name in self.tags)
        if self.job_required:
            yield "lineage:job", ("lineage", "job_required")
        if self.job_status is not None:
            yield "lineage:job_status", ("lineage", "job_status")
        yield from ((f"rule:{rule.name}", ("rules", index)) for index, rule in enumerate(self.rules))
        if policy.evidence is not None:
            yield from self._evidence_gates(policy.evidence)

    def _evidence_gates(self, evidence: EvidenceRule) -> Iterator[tuple[str, Key]]:
        if self.max_age is not None:
            yield "evidence:max_age", ("evidence", "max_age")
        if self.same_dataset_as_champion:
            yield "evidence:same_dataset", ("evidence", "same_dataset_as_champion")
        for name in sorted(self.metrics.keys() & evidence.metrics.keys()):
            key = ("evidence", "metrics", name)
            yield f"metric:{name}", key
            if self.metrics[name].no_worse_than_champion_by is not None:
                yield f"metric:{name}:champion", (*key, "no_worse_than_champion_by")


@dataclass(frozen=True, slots=True)
class Loosening:
    """A value at `key` of a policy's file that is looser than what the organisation's file asks for at `floor`."""

    key: Key
    floor: Key
    value: str
    asked: str


def tightened(policy: Policy, organisation: Organisation) -> Policy:
    """The policy with all that the organisation asks for in force: of each value the tighter one."""
    tight = replace(
        policy,
        release_record=_joined(policy.release_record, organisation.release_record),
        tags={**policy.tags, **organisation.tags},
        job_required=policy.job_required or organisation.job_required,
        job_status=organisation.job_status or policy.job_status,
        evidence=policy.evidence and _evidence(policy.evidence, organisation),
        approval=_approval(policy, organisation.approval),
        targets=tuple(target for target in policy.targets if _allowed(target.registry, organisation)),
        reserved_tags=_joined(policy.reserved_tags, organisation.reserved_tags),
        rules=(*(rule for rule in policy.rules if rule.name not in _names(organisation)), *organisation.rules),
    )
    ours = [rule for rule in policy.exceptions if rule.gate not in dict(organisation.gates(policy))]
    theirs = [rule for rule in organisation.exceptions if _concerns(rule, policy, organisation)]
    modes = {**policy.modes, **_modes(policy, organisation)}
    return replace(tight, modes=modes, exceptions=(*ours, *theirs))


def loosenings(policy: Policy, organisation: Organisation) -> tuple[Loosening, ...]:
    """Every value of `policy` that `tightened` changes. One that its file leaves out is none: it is just put in."""
    tight = tightened(policy, organisation)
    before, after = _values(policy), _values(tight)
    changed = [Loosening(key, _floor(key), before[key], after[key]) for key in before if after[key] != before[key]]
    return (
        *changed,
        *_weakened(policy, tight, organisation),
        *_impossible(policy, tight),
        *_elsewhere(policy, organisation),
    )


def _floor(key: Key) -> Key:
    return ("approval", "required_groups") if key == ("approval", "groups") else key


def _values(policy: Policy) -> dict[Key, str]:
    """Every value stated that one of a policy and an organisation decides, by its key in either file, as text."""
    approval, evidence = policy.approval, policy.evidence
    found: dict[Key, _Value] = {("tags", name): _tag(rule) for name, rule in policy.tags.items()}
    found["lineage", "job_required"] = policy.job_required
    found["lineage", "job_status"] = policy.job_status
    for key in ("quorum", "rejections", "groups", "exclude", "expires_after"):
        found["approval", key] = getattr(approval, key)
    if evidence is not None:
        found["evidence", "max_age"] = evidence.max_age
        found["evidence", "same_dataset_as_champion"] = evidence.same_dataset_as_champion
        for name, rule in evidence.metrics.items():
            found.update(_metric_values(("evidence", "metrics", name), rule))
    return {key: _spoken(value) for key, value in found.items() if value is not None}


def _metric_values(key: Key, rule: MetricRule) -> Iterator[tuple[Key, _Value]]:
    yield from (((*key, part), getattr(rule, part)) for part in ("min", "max", "use"))
    yield (*key, "from"), "results" if rule.from_results else None
    if rule.no_worse_than_champion_by is not None:
        better = "lower" if rule.lower_is_better else "higher"
        spoken = f"{spelled(rule.no_worse_than_champion_by)} with {better} values better"
        yield (*key, "no_worse_than_champion_by"), spoken


def _weakened(policy: Policy, tight: Policy, organisation: Organisation) -> Iterator[Loosening]:
    """Gates of the organisation that a policy names in its modes and exceptions."""
    for gate, floor in organisation.gates(policy):
        mode = policy.modes.get(gate)
        if mode not in (None, tight.modes[gate]):
            yield Loosening(("modes", gate), floor, str(mode), tight.modes[gate])
        for index, rule in enumerate(policy.exceptions):
            if rule.gate == gate:
                yield Loosening(("exceptions", index), floor, f"for {gate}", "no exception but its own")


def _impossible(policy: Policy, tight: Policy) -> Iterator[Loosening]:
    """Bounds of a policy that leave no value within those of the organisation."""
    ours = policy.evidence.metrics if policy.evidence else {}
    for name, rule in tight.evidence.metrics.items() if tight.evidence else ():
        if rule.min is not None and rule.max is not None and rule.min > rule.max:
            mine, theirs = ("max", "min") if ours[name].max == rule.max else ("min", "max")
            key: Key = ("evidence", "metrics", name)
            asked = f"at least {spelled(rule.min)}" if theirs == "min" else f"at most {spelled(rule.max)}"
            yield Loosening((*key, mine), (*key, theirs), _spoken(getattr(rule, mine)), asked)


def _elsewhere(policy: Policy, organisation: Organisation) -> Iterator[Loosening]:
    for index, rule in enumerate(policy.rules):
        if rule.name in _names(organisation) and rule not in organisation.rules:
            floor = _names(organisation).index(rule.name)
            yield Loosening(("rules", index), ("rules", floor), f"another rule {rule.name}", "its own")
    for index, target in enumerate(policy.targets):
        if not _allowed(target.registry, organisation):
            asked = f"one of {_spoken(organisation.registries or ())}"
            yield Loosening(("targets", index, "registry"), ("registries",), target.registry, asked)


def _tag(rule: TagRule) -> str:
    if rule.one_of is not None:
        return f"one of {_spoken(tuple(sorted(rule.one_of)))}"
    return rule.type or f"pattern {rule.pattern}"


def _spoken(value: _Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(value)}]"
    if isinstance(value, timedelta):
        return spelled_span(value)
    return spelled(value) if isinstance(value, Decimal) else str(value)


def _evidence(evidence: EvidenceRule, organisation: Organisation) -> EvidenceRule:
    floors = organisation.metrics
    return replace(
        evidence,
        max_age=_tighter(min, evidence.max_age, organisation.max_age),
        same_dataset_as_champion=evidence.same_dataset_as_champion or organisation.same_dataset_as_champion,
        metrics={
            name: _metric(rule, floors[name]) if name in floors else rule for name, rule in evidence.metrics.items()
        },
    )


def _metric(metric: MetricRule, floor: MetricRule) -> MetricRule:
    """All bounds in force; where the floor needs to know which way is better, it decides, else the policy does."""
    decides = floor if floor.no_worse_than_champion_by is not None or floor.use == "best" else metric
    tight = MetricRule(
        min=_tighter(max, metric.min, floor.min),
        max=_tighter(min, metric.max, floor.max),
        no_worse_than_champion_by=_tighter(min, metric.no_worse_than_champion_by, floor.no_worse_than_champion_by),
        use=floor.use,
        better=metric.better,
        from_results=metric.from_results or floor.from_results,
    )
    if tight.lower_is_better == decides.lower_is_better:
        return tight
    return replace(tight, better="lower" if decides.lower_is_better else "higher")


def _approval(policy: Policy, floor: ApprovalFloor) -> ApprovalRule:
    approval = policy.approval
    return replace(
        approval,
        quorum=max(approval.quorum, floor.quorum or 0),
        rejections=min(approval.rejections, floor.rejections or approval.rejections),
        groups=_joined(approval.groups, floor.required_groups),
        required_groups=_joined(approval.required_groups, floor.required_groups),
        exclude=_joined(approval.exclude, _applying(floor.exclude, policy)),
        expires_after=min(approval.expires_after, floor.expires_after or approval.expires_after),
    )


def _applying(roles: tuple[str, ...], policy: Policy) -> tuple[str, ...]:
    """Nobody submitted a run where none is asked for."""
    return tuple(role for role in roles if policy.evidence is not None or role != "run_submitter")


def _modes(policy: Policy, organisation: Organisation) -> dict[str, Mode]:
    """Of the gates that stand in both, the tighter mode."""
    found: dict[str, Mode] = {}
    for gate, _ in organisation.gates(policy):
        least = mode_among(gate, organisation.mode, organisation.modes)
        found[gate] = max(policy.mode_of(gate), least, key=_MODES.index)
    return found


def _concerns(rule: ExceptionRule, policy: Policy, organisation: Organisation) -> bool:
    met = (meeting(pattern, governed) for pattern in rule.models for governed in policy.models)
    return rule.gate in dict(organisation.gates(policy)) and any(name is not None for name in met)


def _names(organisation: Organisation) -> tuple[str, ...]:
    return tuple(rule.name for rule in organisation.rules)


def _allowed(registry: str, organisation: Organisation) -> bool:
    return organisation.registries is None or registry in organisation.registries


def _joined(ours: tuple[str, ...], theirs: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*ours, *theirs)))


def _tighter(pick: Callable[[list[_T]], _T], ours: _T | None, theirs: _T | None) -> _T | None:
    stated = [value for value in (ours, theirs) if value is not None]
    return pick(stated) if stated else None
