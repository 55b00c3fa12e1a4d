"""Hours without a registry, or without a token, for many promotions at once: in memory, under a clock moved by hand.

The use cases are the real ones. A history must not grow with the tries, one registry must not hold up another, and once
it is back nobody may be left behind, nor all of them knock in the same minute.
"""

from collections import Counter
from datetime import timedelta
from typing import Literal

from local.faults.memory_estate import REGISTRIES, WORKSPACE, MemoryEstate
from local.faults.options import Figures, Options
from shared.domain import events
from shared.domain.chain import check_chain
from shared.domain.ids import PromotionId

_PROMOTIONS, _SHORT_PROMOTIONS = 200, 25
_REGISTRY_GONE = timedelta(hours=12)
_TOKEN_REFUSED = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)
_AFTERWARDS = timedelta(minutes=75)  # twice the longest backoff with its jitter, for two targets one after the other
_MOST_AT_ONCE = 0.25  # of all, in one minute

Begins = Literal["received", "asked", "approved"]


def run(options: Options) -> Figures:
    """A registry gone for twelve hours, then the token refused for an hour at three stages."""
    count = _SHORT_PROMOTIONS if options.short else _PROMOTIONS
    options.say(f"azure_ml: a registry is gone for twelve hours, {count} promotions wait")
    figures = Counter(_registry_gone(count, options))
    stages: tuple[Begins, ...] = ("received", "asked", "approved")
    for stage in stages:
        figures.update(_token_refused(max(5, count // 10), stage, options))
    return dict(figures)


def _registry_gone(count: int, options: Options) -> Figures:
    estate = MemoryEstate(options.seed)
    promotions = [estate.register() for _ in range(count)]
    estate.work()
    estate.registry.unreadable.add(REGISTRIES[1])
    for promotion in promotions:
        estate.approve(promotion)
    lengths = []
    for _ in range(int(_REGISTRY_GONE / timedelta(hours=1))):
        estate.pass_time(timedelta(hours=1), _MINUTE)
        lengths.append(sum(estate.histories.load(promotion).sequence for promotion in promotions))
    wrong = [f"histories grew to {lengths} events, hour by hour"] if len(set(lengths)) > 1 else []
    wrong += [f"{p} waits for both" for p in promotions if estate.case(p).targets[REGISTRIES[0]].status != "promoted"]
    estate.registry.unreadable.clear()
    arrivals = _arrivals(estate, promotions)
    if max(arrivals.values(), default=0) > max(5, count * _MOST_AT_ONCE):
        wrong.append(f"{max(arrivals.values())} of {count} came in one minute")
    return _judged(estate, promotions, wrong, options)


def _arrivals(estate: MemoryEstate, promotions: list[PromotionId]) -> Counter[int]:
    """How many were promoted in each minute after the return."""
    arrivals: Counter[int] = Counter()
    left = set(promotions)
    for minute in range(int(_AFTERWARDS / _MINUTE)):
        estate.pass_time(_MINUTE, _MINUTE)
        arrived = {promotion for promotion in left if estate.case(promotion).status == "promoted"}
        arrivals[minute] = len(arrived)
        left -= arrived
    return arrivals


def _token_refused(count: int, stage: Begins, options: Options) -> Figures:
    estate = MemoryEstate(options.seed)
    if stage == "received":
        estate.refuse_token()
    promotions = [estate.register() for _ in range(count)]
    estate.work()
    if stage == "asked":
        estate.refuse_token()
        estate.pass_time(_TOKEN_REFUSED, _MINUTE)
        estate.accept_token()
    if stage != "received":
        _approve_all(estate, promotions)
    if stage != "asked":
        estate.refuse_token()
        estate.pass_time(_TOKEN_REFUSED, _MINUTE)
        estate.accept_token()
    if stage == "received":
        estate.pass_time(_AFTERWARDS, _MINUTE)
        _approve_all(estate, promotions)
    estate.pass_time(_AFTERWARDS, _MINUTE)
    return _judged(estate, promotions, [], options)


def _approve_all(estate: MemoryEstate, promotions: list[PromotionId]) -> None:
    for promotion in promotions:
        estate.approve(promotion)


def _judged(estate: MemoryEstate, promotions: list[PromotionId], wrong: list[str], options: Options) -> Figures:
    left = [f"{p} is {estate.case(p).status}" for p in promotions if estate.case(p).status != "promoted"]
    imported = Counter(str(target) for _, target in estate.registry.imports)
    twice = [f"{target} was imported {n} times" for target, n in imported.items() if n > 1]
    raw = [estate.histories.raw(promotion) for promotion in promotions]
    broken = [found for p, r in zip(promotions, raw, strict=True) for found in check_chain(p.partition, r.rows, r.head)]
    voided = sum(isinstance(row.event, events.RoundVoided) for p in promotions for row in estate.histories.load(p).rows)
    for sentence in [*wrong, *left[:3], *twice[:3], *(finding.sentence for finding in broken[:3])]:
        options.say(f"azure_ml: {WORKSPACE}, outage: {sentence}")
    return {
        "runs": len(promotions),
        "not_converged": len(wrong) + len(left) + len(twice),
        "voided_by_machinery": voided,
        "broken_histories": len(broken),
    }
