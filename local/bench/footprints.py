"""What each kind of work asks of Azure and leaves there: counted once each, for the sheets of cost and scale."""

import json
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from local.bench import heads
from local.bench.asked import Meter
from local.bench.candidates import Candidates
from local.bench.laboratory import APPROVERS, ROOT, WORKSPACE, Laboratory, laboratory
from local.bench.lane import Lane
from local.bench.stored import stored
from local.sheets.amounts import Amounts
from local.sheets.footprint import Footprint
from shared.adapters.azure_ml_listing import MODELS_PER_PAGE
from shared.adapters.policy_files import PolicyFolder
from shared.adapters.round_trips import RoundTrips
from shared.workflow.collect_metrics import collect_metrics
from shared.workflow.daily_checkpoint import daily_checkpoint
from shared.workflow.find_missed_registrations import find_missed_registrations
from shared.workflow.outside import Outside
from shared.workflow.sweep import sweep

_SHAPES = ((1, 1), (2, 1), (1, 2), (2, 2))  # registries and persons
_MISSED = 3
_RUN = {
    "id": "1",
    "topic": WORKSPACE.arm_id,
    "subject": "experiments/fraud/runs/train-7",
    "eventType": "Microsoft.MachineLearningServices.RunCompleted",
    "eventTime": "2026-11-23T06:14:00.1234567Z",
    "data": {"experimentId": "1", "experimentName": "fraud", "runId": "train-7", "runTags": {}, "runProperties": {}},
    "dataVersion": "2",
    "metadataVersion": "1",
}


class Uneven(Exception):
    """What was counted is no sum of equal parts, so the sheets' model of it is wrong."""


@dataclass(frozen=True, slots=True)
class _Ahead:
    """The port Clock, some time ahead."""

    by: timedelta

    def now(self) -> datetime:
        """The machine's time, and that more."""
        return datetime.now(UTC) + self.by


def measure() -> Footprint:
    """Count everything, on a platform of its own.

    Raises:
        ChildFailed, AzuriteMissing: a service does not start.
        NotPromoted: the app took another way.
        Uneven: work of one kind is not always the same.
    """
    with laboratory(RoundTrips(), watched=True) as platform, ExitStack() as stack:
        named = replace(platform, outside=replace(platform.outside, worker="bench/1/00000000"))
        meter = stack.enter_context(closing(Meter(named)))
        return _Footprints(named, meter, stack).measured()


class _Footprints:
    def __init__(self, platform: Laboratory, meter: Meter, stack: ExitStack) -> None:
        self._platform = platform
        self._meter = meter
        self._stack = stack
        self._candidates = Candidates(platform)
        self._lanes = 0
        self._lane = self._new_lane(platform)

    def measured(self) -> Footprint:
        empty = self._timers_of_nothing()
        shapes = {shape: self._promoted(*shape) for shape in _SHAPES}
        one, by_registry, by_decision = parts_of(shapes)
        removed, forgotten = self._swept(empty["sweep"])
        settled_head = self._settled_head(empty["daily_checkpoint"])
        blocked = self._blocked()
        return Footprint(
            promotion=one,
            registry=by_registry,
            decision=by_decision,
            removed=removed,
            forgotten=forgotten,
            blocked=blocked,
            look_again=self._looked_again(empty["sweep"]),
            run_ended=self._run_ended(),
            listed_version=self._listed(empty["find_missed"]),
            found_version=self._found(),
            settled_head=settled_head,
            head=heads.measure(),
            models_per_page=MODELS_PER_PAGE,
            **empty,
        )

    def _timers_of_nothing(self) -> dict[str, Amounts]:
        """One run of each before there is anything; the second, for the first one makes tables."""
        outside = self._lane.outside
        timers: dict[str, Callable[[Outside], object]] = {
            "sweep": sweep,
            "collect_metrics": collect_metrics,
            "find_missed": find_missed_registrations,
            "daily_checkpoint": daily_checkpoint,
        }
        for run in timers.values():
            run(outside)
        return {name: self._meter.asked(self._lane, partial(run, outside)) for name, run in timers.items()}

    def _promoted(self, registries: int, decisions: int) -> Amounts:
        """A version that replaces a champion; the first one of its model, and of this lane, is not counted."""
        approvers = APPROVERS[-decisions:]  # the last of them may approve alone
        with _policies(registries, decisions) as folder:
            policies = replace(self._platform.outside, policy_source=PolicyFolder(folder))
            lane = self._new_lane(replace(self._platform, outside=policies))
            [first] = self._candidates.some(1)
            lane.announce(first)
            lane.promote(first, approvers)
            second = self._candidates.version_of(first.name, "2")
            lane.announce(second)
            before = stored(self._platform)
            amounts = self._meter.asked(lane, lambda: lane.promote(second, approvers))
        return amounts + stored(self._platform).since(before).as_amounts()

    def _swept(self, idle: Amounts) -> tuple[Amounts, Amounts]:
        """A settled promotion removed, and a webhook id forgotten."""
        removing, forgetting = (self._new_lane(self._ahead(minutes)) for minutes in (20, 45))
        promotions = 2 * len(_SHAPES)
        answers = 2 * sum(decisions for _, decisions in _SHAPES)
        removed = self._meter.asked(removing, lambda: sweep(removing.outside)) - idle
        forgotten = self._meter.asked(forgetting, lambda: sweep(forgetting.outside)) - idle
        return each_of(removed, promotions), each_of(forgotten, answers)

    def _settled_head(self, empty: Amounts) -> Amounts:
        found = self._meter.asked(self._lane, lambda: daily_checkpoint(self._lane.outside)) - empty
        return each_of(found, 2 * len(_SHAPES))

    def _blocked(self) -> Amounts:
        candidate = self._candidates.version_of("fraud-blocked", without="classification")
        self._lane.announce(candidate)
        before = stored(self._platform)
        amounts = self._meter.asked(self._lane, self._lane.look)
        return amounts + stored(self._platform).since(before).as_amounts()

    def _looked_again(self, idle: Amounts) -> Amounts:
        """Of two in a row, the second: the first one of a lane is not counted."""
        asked = Amounts()
        for minutes in (6, 12):
            lane = self._new_lane(self._ahead(minutes))
            asked = self._meter.asked(lane, partial(_sweep_and_advance, lane))
        return asked - idle

    def _run_ended(self) -> Amounts:
        self._lane.tell(json.dumps(_RUN))
        return self._meter.asked(self._lane, self._lane.take_in)

    def _listed(self, empty: Amounts) -> Amounts:
        """A known version, without the calls that list its model and its page."""
        looked_at = find_missed_registrations(self._lane.outside).looked_at
        asked = self._meter.asked(self._lane, lambda: find_missed_registrations(self._lane.outside)) - empty
        models = len(_SHAPES) + 1
        calls = models + math.ceil(models / MODELS_PER_PAGE) - 1
        if asked.arm_reads != calls:
            raise Uneven(f"listing {models} models took {asked.arm_reads} reads more than none, and not {calls}")
        return each_of(replace(asked, arm_reads=0), looked_at)

    def _found(self) -> Amounts:
        """A version whose event never came, beside what a known one takes."""
        known = self._meter.asked(self._lane, lambda: find_missed_registrations(self._lane.outside))
        for version in range(_MISSED):
            self._candidates.version_of("fraud-blocked", str(version + 2))
        unknown = self._meter.asked(self._lane, lambda: find_missed_registrations(self._lane.outside))
        return each_of(unknown - known, _MISSED)

    def _ahead(self, minutes: int) -> Laboratory:
        clock = _Ahead(timedelta(minutes=minutes))
        return replace(self._platform, outside=replace(self._platform.outside, clock=clock))

    def _new_lane(self, platform: Laboratory) -> Lane:
        lane = Lane(platform, self._lanes)
        self._lanes += 1
        return self._stack.enter_context(closing(lane))


def _sweep_and_advance(lane: Lane) -> None:
    sweep(lane.outside)
    lane.advance_all()


def each_of(together: Amounts, number: int) -> Amounts:
    """The equal share of each. Sizes may differ by some bytes, and readings that are alike are told as one.

    Raises:
        Uneven: the shares are not equal.
    """
    if not number:
        raise Uneven(f"{together.as_json()} was counted of nothing")
    uneven = [name for name, value in together.as_json().items() if not _may_differ(name) and value % number]
    if uneven:
        raise Uneven(f"{', '.join(uneven)}: {together.as_json()} is no equal share of {number}")
    return _rounded(together.times(1 / number))


def parts_of(shapes: Mapping[tuple[int, int], Amounts]) -> tuple[Amounts, Amounts, Amounts]:
    """What a promotion takes in any shape, and what each registry and each person adds.

    Raises:
        Uneven: two of each are not counted as that says.
    """
    one = shapes[1, 1]
    registry, decision = shapes[2, 1] - one, shapes[1, 2] - one
    promotion = one - registry - decision
    both, counted = promotion + registry.times(2) + decision.times(2), shapes[2, 2]
    wrong = {name: value for name, value in (both - counted).as_json().items() if not _may_differ(name)}
    if wrong:
        raise Uneven(f"two registries and two persons take otherwise than the sum says: {wrong}")
    return promotion, registry, decision


def _may_differ(name: str) -> bool:
    return name.endswith("bytes") or name == "measures"


def _rounded(amounts: Amounts) -> Amounts:
    return Amounts.from_json({name: round(value) for name, value in amounts.as_json().items()})


@contextmanager
def _policies(registries: int, decisions: int) -> Iterator[Path]:
    """A folder with the fraud policy for fewer registries and persons."""
    policy = yaml.safe_load((ROOT / "policies" / "fraud.yaml").read_text("utf-8"))
    policy["targets"] = policy["targets"][:registries]
    policy["approval"]["quorum"] = decisions
    with TemporaryDirectory(prefix="bench-policies-") as folder:
        (Path(folder) / "fraud.yaml").write_text(yaml.safe_dump(policy), "utf-8")
        yield Path(folder)
