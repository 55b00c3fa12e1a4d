"""What an organisation asks of every policy: floors that a team may only tighten, and rules that it cannot override.

`loosenings` names what a policy states looser than that; `tightened` is the policy with all of it in force. Both are
pure. An organisation's file has the keys of a policy, so that one key names a value in both.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import get_args

from shared.domain.decimals import spelled
from shared.domain.durations import spelled_span
from shared.domain.evidence_floor import EvidenceFloor, Key
from shared.domain.policy import (
    ApprovalRule,
    DocumentRule,
    ExceptionRule,
    MetricRule,
    Mode,
    Policy,
    Rule,
    TagRule,
    mode_among,
)

_Value = Decimal | timedelta | tuple[str, ...] | str | int | None
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
    """What every policy is held to.

    `registries` are the only ones allowed, None where any is. `mode` and `modes` are the loosest mode of the gates that
    stand here, as in a policy.
    """

    name: str
    release_record: tuple[str, ...] = ()
    tags: Mapping[str, TagRule] = field(default_factory=dict)
    job_required: bool = False
    job_status: str | None = None
    evidence: EvidenceFloor = field(default_factory=EvidenceFloor)
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
            yield from ((gate, ("evidence", *key)) for gate, key in self.evidence.gates(policy.evidence))


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
        evidence=policy.evidence and organisation.evidence.tightened(policy.evidence),
        approval=_approval(policy, organisation.approval),
        targets=tuple(target for target in policy.targets if _allowed(target.registry, organisation)),
        reserved_tags=_joined(policy.reserved_tags, organisation.reserved_tags),
        rules=(*(rule for rule in policy.rules if rule.name not in _names(organisation)), *organisation.rules),
    )
    least = dict(organisation.gates(policy))
    ours = [rule for rule in policy.exceptions if rule.gate not in least]
    theirs = [rule for rule in organisation.exceptions if rule.gate in least]
    modes = {**policy.modes, **_modes(policy, organisation)}
    return replace(tight, modes=modes, exceptions=(*ours, *theirs), held=_held(policy, organisation))


def loosenings(policy: Policy, organisation: Organisation) -> tuple[Loosening, ...]:
    """Every value of `policy` that `tightened` changes. One that its file leaves out is none: it is just put in."""
    tight = tightened(policy, organisation)
    before, after = _values(policy), _values(tight)
    changed = [key for key in before if after[key] != before[key]]
    return (
        *(Loosening(key, _floor(key, policy, organisation), before[key], after[key]) for key in changed),
        *_weakened(policy, tight, organisation),
        *_impossible(policy, tight),
        *_elsewhere(policy, organisation),
    )


def _floor(key: Key, policy: Policy, organisation: Organisation) -> Key:
    """Where the organisation's file states what a policy states at `key`."""
    if key[:2] == ("evidence", "documents") and policy.evidence:
        kinds = [floor.kind for floor in organisation.evidence.documents]
        return (*key[:2], kinds.index(policy.evidence.documents[int(key[2])].kind), *key[3:])
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
        for index, asked in enumerate(evidence.documents):
            found.update(_document_values(("evidence", "documents", index), asked))
    return {key: _spoken(value) for key, value in found.items() if value is not None}


def _metric_values(key: Key, rule: MetricRule) -> Iterator[tuple[Key, _Value]]:
    yield from (((*key, part), getattr(rule, part)) for part in ("min", "max", "use"))
    yield (*key, "from"), "results" if rule.from_results else None
    if rule.no_worse_than_champion_by is not None:
        better = "lower" if rule.lower_is_better else "higher"
        spoken = f"{spelled(rule.no_worse_than_champion_by)} with {better} values better"
        yield (*key, "no_worse_than_champion_by"), spoken


def _document_values(key: Key, asked: DocumentRule) -> Iterator[tuple[Key, _Value]]:
    yield from (((*key, part), getattr(asked, part)) for part in ("max_age", "min_version", "allow", "binding"))


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
    """Bounds of a policy that leave some value, and none within those of the organisation."""
    ours = policy.evidence.metrics if policy.evidence else {}
    for name, rule in tight.evidence.metrics.items() if tight.evidence else ():
        least, most = rule.min, rule.max
        if name in ours and least is not None and most is not None and least > most and not _is_empty(ours[name]):
            mine, theirs = ("max", "min") if ours[name].max == rule.max else ("min", "max")
            key: Key = ("evidence", "metrics", name)
            asked = f"at least {spelled(least)}" if theirs == "min" else f"at most {spelled(most)}"
            yield Loosening((*key, mine), (*key, theirs), _spoken(getattr(rule, mine)), asked)


def _is_empty(rule: MetricRule) -> bool:
    return rule.min is not None and rule.max is not None and rule.min > rule.max


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


def _held(policy: Policy, organisation: Organisation) -> frozenset[str]:
    """The gates that the organisation lets no policy put in shadow."""
    least = {gate: mode_among(gate, organisation.mode, organisation.modes) for gate, _ in organisation.gates(policy)}
    return frozenset(gate for gate, mode in least.items() if _MODES.index(mode) > _MODES.index("shadow"))


def _names(organisation: Organisation) -> tuple[str, ...]:
    return tuple(rule.name for rule in organisation.rules)


def _allowed(registry: str, organisation: Organisation) -> bool:
    return organisation.registries is None or registry in organisation.registries


def _joined(ours: tuple[str, ...], theirs: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*ours, *theirs)))
