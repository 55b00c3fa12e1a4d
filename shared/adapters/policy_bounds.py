"""Bounds of a policy that its cases may leave open: each moved by a little, either way, each item of a list left out.

Where no case comes out otherwise by the policy that says so, nobody would notice if somebody changed it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar, get_args

from shared.adapters.policy_values import FIRST_DAY, LAST_DAY
from shared.adapters.strict_yaml import Place
from shared.domain.decimals import difference_of, spelled, sum_of
from shared.domain.durations import spelled_span
from shared.domain.gates import gates_of
from shared.domain.policy import (
    ALWAYS_ENFORCED,
    DocumentRule,
    EvidenceRule,
    ExceptionRule,
    MetricRule,
    Mode,
    Policy,
)
from shared.domain.scan_reports import SEVERITIES
from shared.domain.visible import visible

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_MOST_NAMED = 20  # gates that one sentence names
_FINER = 2  # digits behind the last one that the policy states
_ALLOWED = ("none", *SEVERITIES)  # the worst finding allowed, from the tightest
_MODES: tuple[Mode, ...] = get_args(Mode)
T = TypeVar("T")
Ranged = TypeVar("Ranged", Decimal, timedelta, date, int)


class Moved(NamedTuple):
    """A bound, moved: what the file says at `place`, what it would say, and the policy that says so.

    `other` is empty where an item is left out. `gate` is the gate that tells the difference, None where it is not one gate
    alone. `add` says which case would notice.
    """

    place: Place
    value: str
    other: str
    policy: Policy
    gate: str | None
    add: str

    def __str__(self) -> str:
        if not self.other:
            return f"{_spoken(self.place[:-1])} could do without {visible(self.value)}"
        return f"{_spoken(self.place)} could be {visible(self.other)} instead of {visible(self.value)}"


def moved_bounds(policy: Policy) -> Iterator[Moved]:
    """Every bound of a policy, moved; those of gates that are off are none."""
    for moved in _of_gates(policy):
        if moved.gate is not None and policy.mode_of(moved.gate) != "off":
            yield moved
    yield from _lists(policy)
    yield from _approval(policy)
    for grace, age in _beside(policy.grace, low=True):
        add = f"waits under expect, in a case that lacks a tag, registered: {age}"
        yield Moved(("grace",), _text(policy.grace), _text(grace), replace(policy, grace=grace), None, add)
    yield from _modes(policy)
    for index, rule in enumerate(policy.exceptions):
        for key, value, other, changed, add in _exception(rule):
            exceptions = _replaced(policy.exceptions, index, changed)
            yield Moved(("exceptions", index, *key), value, other, replace(policy, exceptions=exceptions), None, add)


def _of_gates(policy: Policy) -> Iterator[Moved]:
    for name, tag in policy.tags.items():
        for index, value, rest in _without_each(tag.one_of or ()):
            changed = replace(policy, tags={**policy.tags, name: replace(tag, one_of=rest)})
            add = f"a case whose tag {name} is {value}"
            yield Moved(("tags", name, "one_of", index), value, "", changed, f"tag:{name}", add)
    if policy.evidence is not None:
        for place, gate, value, other, rule, add in _evidence(policy.evidence):
            yield Moved(("evidence", *place), value, other, replace(policy, evidence=rule), gate, add)


def _evidence(rule: EvidenceRule) -> Iterator[tuple[Place, str, str, str, EvidenceRule, str]]:
    for other, age in _beside(rule.max_age) if rule.max_age else ():
        add = f"a case whose run has age: {age}"
        yield ("max_age",), "evidence:max_age", _text(rule.max_age), _text(other), replace(rule, max_age=other), add
    for name, metric in rule.metrics.items():
        for key, value, moved, changed, add in _metric(name, metric):
            gate = f"metric:{name}:champion" if key == "no_worse_than_champion_by" else f"metric:{name}"
            metrics = {**rule.metrics, name: changed}
            yield ("metrics", name, key), gate, value, moved, replace(rule, metrics=metrics), add
    for index, asked in enumerate(rule.documents):
        for key, value, moved, report, add in _document(asked):
            documents = _replaced(rule.documents, index, report)
            place: Place = ("documents", index, key)
            yield place, f"document:{asked.kind}", value, moved, replace(rule, documents=documents), add


def _metric(name: str, metric: MetricRule) -> Iterator[tuple[str, str, str, MetricRule, str]]:
    for key in ("min", "max", "no_worse_than_champion_by"):
        bound: Decimal | None = getattr(metric, key)
        for other, probe in () if bound is None else _beside(bound, low=key == "min"):
            than = "exactly" if key in {"min", "max"} else "worse than that of the champion by"
            changed: dict[str, Any] = {key: other}
            yield key, _text(bound), _text(other), replace(metric, **changed), f"a case whose {name} is {than} {probe}"
    if metric.use != "last":
        add = f"a case whose last value of {name} comes out otherwise than the {metric.use} of its series"
        yield "use", metric.use, "last", replace(metric, use="last"), add


def _document(asked: DocumentRule) -> Iterator[tuple[str, str, str, DocumentRule, str]]:
    case, allowed = f"a case whose {asked.kind} has", _ALLOWED.index(asked.allow)
    for other, age in _beside(asked.max_age) if asked.max_age else ():
        yield "max_age", _text(asked.max_age), _text(other), replace(asked, max_age=other), f"{case} age: {age}"
    for version, probe in _versions(asked.min_version) if asked.min_version else ():
        changed = replace(asked, min_version=version)
        yield "min_version", str(asked.min_version), version, changed, f"{case} version: {probe}"
    for index in (allowed - 1, allowed + 1) if asked.kind != "model_signing" else ():
        if 0 <= index < len(_ALLOWED):
            add = f"{case} a finding that is {_ALLOWED[max(index, allowed)]}"
            yield "allow", asked.allow, _ALLOWED[index], replace(asked, allow=_ALLOWED[index]), add


def _lists(policy: Policy) -> Iterator[Moved]:
    for index, field, rest in _without_each(policy.release_record):
        add = f"missing_record under expect, in a case that states no {field}"
        yield Moved(("release_record", "require", index), field, "", replace(policy, release_record=rest), None, add)
    for index, name, rest in _without_each(policy.reserved_tags):
        yield Moved(
            ("reserved_tags", index), name, "", replace(policy, reserved_tags=rest), None, f"a case with a tag {name}"
        )
    for index, target in enumerate(policy.targets):
        other = "elsewhere" if target.registry != "elsewhere" else "nowhere"
        changed = replace(policy, targets=_replaced(policy.targets, index, replace(target, registry=other)))
        add = "targets under expect, each as registry:name:version"
        yield Moved(("targets", index, "registry"), target.registry, other, changed, None, add)


def _approval(policy: Policy) -> Iterator[Moved]:
    def moved(key: str, *index: int, value: Any, other: str, changed: Any, add: str) -> Moved:
        changes: dict[str, Any] = {key: changed}
        approval = replace(policy.approval, **changes)
        return Moved(("approval", key, *index), _text(value), other, replace(policy, approval=approval), None, add)

    for key in ("quorum", "rejections", "expires_after"):
        value = getattr(policy.approval, key)
        for other, _ in _beside(value):
            yield moved(key, value=value, other=_text(other), changed=other, add=f"{key} under expect")
    for key in ("groups", "required_groups", "exclude"):
        for index, item, rest in _without_each(getattr(policy.approval, key)):
            add = f"excluded under expect, where {item} is somebody else" if key == "exclude" else f"{key} under expect"
            yield moved(key, index, value=item, other="", changed=rest, add=add)


def _modes(policy: Policy) -> Iterator[Moved]:
    for mode in _others(policy.mode):
        # Only "off" says something where every gate has a mode of its own: such a policy governs nothing.
        if _decided(policy, "") or "off" in {mode, policy.mode}:
            changed = replace(policy, mode=mode)
            yield Moved(
                ("mode",), policy.mode, mode, changed, None, "a case that a gate refuses, or modes under expect"
            )
    for key, stated in policy.modes.items():
        gates = _decided(policy, key)
        named = ", ".join(f"{visible(gate)}: {stated}" for gate in gates[:_MOST_NAMED])
        add = f"modes under expect, with {named}"
        if stated == "off":  # no case can state the mode of what is not judged
            add = f"a case that {' or '.join(map(visible, gates[:_MOST_NAMED]))} would refuse"
        for mode in _others(stated) if gates else ():
            changed = replace(policy, modes={**policy.modes, key: mode})
            yield Moved(("modes", key), stated, mode, changed, None, add)


def _decided(policy: Policy, key: str) -> list[str]:
    """The gates whose mode a key of `modes` decides, or `mode` where it is empty."""
    kinds = {gate: f"{gate.partition(':')[0]}:*" for gate, _ in gates_of(policy)}
    by = {
        gate: next((each for each in (gate, kind) if each in policy.modes), "")
        for gate, kind in kinds.items()
        if gate.partition(":")[0] not in ALWAYS_ENFORCED
    }
    return [gate for gate, decides in by.items() if decides == key]


def _exception(rule: ExceptionRule) -> Iterator[tuple[Place, str, str, ExceptionRule, str]]:
    for other, day in _beside(rule.until):
        add = f"a case that {rule.gate} does not let pass, on day: {day}"
        yield ("until",), _text(rule.until), _text(other), replace(rule, until=other), add
    for index, pattern, rest in _without_each(rule.models):
        add = f"a case that {rule.gate} does not let pass, of a model that fits {pattern}"
        yield ("models", index), pattern, "", replace(rule, models=rest), add


def _beside(value: Ranged, *, low: bool = False) -> Iterator[tuple[Ranged, str]]:
    """The values just below and just above, each with one that tells it from `value`: the lower of both, or the higher."""
    for other in _neighbours(value):
        yield other, _text(min(value, other) if low else max(value, other))


def _neighbours(value: Ranged) -> list[Ranged]:
    match value:
        case Decimal():
            little = Decimal(1).scaleb(min(0, int(value.as_tuple().exponent)) - _FINER)
            return [difference_of(value, little), sum_of(value, little)]
        case timedelta():
            unit = timedelta(minutes=1) if value % _DAY else _HOUR
            return [each for each in (value - unit, value + unit) if each > timedelta()]
        case date():
            return [each for each in (value - _DAY, value + _DAY) if FIRST_DAY <= each <= LAST_DAY]
    return [each for each in (value - 1, value + 1) if each > 0]


def _versions(version: str) -> Iterator[tuple[str, str]]:
    """The versions of a tool just below and just above, each with one that tells it from `version`."""
    *major, last = version.split(".")
    for number in (int(last) - 1, int(last) + 1):
        if number >= 0:
            other = ".".join([*major, str(number)])
            yield other, other if number < int(last) else version


def _text(value: Decimal | timedelta | date | int | None) -> str:
    match value:
        case Decimal():
            return spelled(value)
        case timedelta():
            return spelled_span(value)
    return str(value)


def _without_each(items: Sequence[str]) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    for index, item in enumerate(items):
        yield index, item, (*items[:index], *items[index + 1 :])


def _replaced(items: Sequence[T], index: int, item: T) -> tuple[T, ...]:
    return (*items[:index], item, *items[index + 1 :])


def _others(mode: Mode) -> Iterator[Mode]:
    return (other for other in _MODES if other != mode)


def _spoken(place: Place) -> str:
    return ".".join(visible(str(part)) for part in place)
