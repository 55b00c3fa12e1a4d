"""Races between threads on real tables: answers that cross, two workers, a place that two workspaces want.

A double winner is anything that two of them brought about where one may win. A winner told that it lost is an answer
that stands in the history while its sender was refused, or the holder of a claim that nobody is asked about.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Literal

from local.azurite import RunningAzurite
from local.faults.options import Figures, Options
from local.faults.race_floor import REGISTRY, Floor, Told
from local.faults.race_verdict import Verdict, verdict_of
from local.faults.simulator.approvals import standing, why_not_approved
from shared.domain import events
from shared.domain.ids import PromotionId, Target
from shared.workflow.advance import advance

Answer = Literal["approve", "reject"]
Race = Callable[[Floor], Verdict]
_ROUNDS, _SHORT_ROUNDS = 20, 2
_MAKERS = frozenset({"dana"})


def run(options: Options) -> Figures:
    """Run every race several times on one Azurite."""
    rounds = _SHORT_ROUNDS if options.short else _ROUNDS
    counted: Counter[str] = Counter(rounds=0, double_winners=0, winners_told_lost=0)
    with RunningAzurite() as azurite:
        floor = Floor(azurite.connection_string, options.seed)
        for name, race in RACES.items():
            for _ in range(rounds):
                verdict = race(floor)
                counted.update(rounds=1, double_winners=verdict.double_winners, winners_told_lost=verdict.told_lost)
                if verdict.said:
                    options.say(f"races: {name}: {verdict.said}")
            options.say(f"races: {name}, {rounds} rounds")
    return dict(counted)


def approve_and_reject(floor: Floor) -> Verdict:
    """Two approve and two reject at the same moment, where one approval and one rejection are enough."""
    promotion = floor.asked(quorum=1)
    voices: tuple[tuple[str, Answer], ...] = (
        ("amir", "approve"), ("rosa", "reject"), ("ben", "approve"), ("sam", "reject"),
    )  # fmt: skip
    told = floor.at_once(
        [
            partial(floor.answer, promotion, person, verdict, f"webhook:{person}", "webhook:chatops")
            for person, verdict in voices
        ]
    )
    return _judge(floor, promotion, told)


def one_person_twice(floor: Floor) -> Verdict:
    """One person through page and webhook, where two persons are asked; and the webhook comes twice."""
    promotion = floor.asked(quorum=2)
    ways = (("page:1", "page"), ("webhook:1", "webhook:chatops"), ("webhook:1", "webhook:chatops"))
    told = floor.at_once(
        [partial(floor.answer, promotion, "amir", "approve", operation, channel) for operation, channel in ways]
    )
    return _judge(floor, promotion, told)


def leaving_a_group(floor: Floor) -> Verdict:
    """Two persons answer while one of them leaves all groups."""
    promotion = floor.asked(quorum=2)
    voices = [
        partial(floor.answer, promotion, person, "approve", f"webhook:{person}", "webhook:chatops")
        for person in ("amir", "rosa")
    ]
    try:
        answers = floor.at_once([*voices, partial(floor.leave, "rosa")])
    finally:
        floor.everybody_is_back()
    return _judge(floor, promotion, answers[:2])


def two_workers(floor: Floor) -> Verdict:
    """Three workers advance one promotion that is approved."""
    promotion = floor.asked(quorum=1)
    floor.answer(promotion, "amir", "approve", "webhook:amir", "webhook:chatops")
    floor.at_once([partial(advance, floor.worker(number), promotion) for number in range(3)])
    advance(floor.outside, promotion)
    started = Counter(
        row.event.registry for row in floor.rows(promotion) if isinstance(row.event, events.ImportStarted)
    )
    imported = Counter(target for shared, target in floor.registry.imports if shared == promotion)
    doubles = [f"{n} imports into {target} took effect" for target, n in imported.items() if n > 1]
    doubles += [f"{n} imports into {registry} were announced" for registry, n in started.items() if n > 1]
    status = floor.case(promotion).status
    return verdict_of(doubles, [] if status == "promoted" else [f"it is {status}"])


def one_place_for_two(floor: Floor) -> Verdict:
    """Versions of two workspaces are looked at together, and want the same place in one registry."""
    promotions = floor.registered(quorum=1)
    floor.at_once([partial(advance, floor.worker(number), each) for number, each in enumerate(promotions)])
    asked = [each for each in promotions if floor.case(each).status == "awaiting_approval"]
    place = Target(REGISTRY, promotions[0].name, promotions[0].version)
    holder = floor.claims.read(place)
    doubles = [f"people are asked about {place} for {asked}"] if len(asked) > 1 else []
    lost = [] if holder and holder.promotion in asked else [f"{holder} holds {place}, asked is about {asked}"]
    return verdict_of(doubles, lost)


RACES: Mapping[str, Race] = {
    "approve and reject": approve_and_reject,
    "one person through page and webhook": one_person_twice,
    "leaving a group during a quorum": leaving_a_group,
    "two workers on one promotion": two_workers,
    "two workspaces want one place": one_place_for_two,
}


def _judge(floor: Floor, promotion: PromotionId, told: Sequence[Told]) -> Verdict:
    """Compare what senders were told with what stands in the history, and count the quorum anew."""
    rows = floor.rows(promotion)
    recorded = Counter(row.operation for row in rows if isinstance(row.event, events.DecisionRecorded))
    doubles = [f"{operation} stands {n} times" for operation, n in recorded.items() if n > 1]
    for number, row in enumerate(rows):
        lacking = why_not_approved(standing(rows[:number]), _MAKERS)
        if isinstance(row.event, events.Approved) and lacking:
            doubles.append(f"approved although {lacking}")
    kinds = [type(row.event) for row in rows]
    first_no = kinds.index(events.Rejected) if events.Rejected in kinds else len(kinds)
    doubles += ["approved after it was rejected"] if events.Approved in kinds[first_no:] else []
    doubles += [f"{kinds.count(each)} times {each.__name__}" for each in _ONCE if kinds.count(each) > 1]
    taken = [each for each in told if each.refused is None]
    lost = [f"{each.operation} was taken and stands nowhere" for each in taken if not recorded[each.operation]]
    refused = [each for each in told if each.refused is not None]
    lost += [f"{each.operation} stands, told {each.refused}" for each in refused if recorded[each.operation]]
    return verdict_of(doubles, lost)


_ONCE = (events.Approved, events.Rejected)
