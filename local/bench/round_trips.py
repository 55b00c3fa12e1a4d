"""Round trips of whole promotions, each counted by itself; of Azure ML's calls the emulator keeps the count."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from local.bench.call_sites import Site, SitedRoundTrips
from local.bench.candidates import Candidate, Candidates
from local.bench.laboratory import Laboratory
from local.bench.lane import Lane

SERVICES = {"table": "tables", "queue": "queues", "blob": "blobs"}


@dataclass(frozen=True, slots=True)
class Counted:
    """Round trips of one promotion: by service, by call site, and Azure ML's calls by operation."""

    by_service: dict[str, int]
    sites: dict[Site, int]
    azure_ml: dict[str, int]


def count_promotions(laboratory: Laboratory, number: int) -> list[Counted]:
    """Count `number` promotions, every second of which finds a champion to be compared with and replaces it."""
    counter = laboratory.round_trips
    assert isinstance(counter, SitedRoundTrips)
    lane, candidates = Lane(laboratory), Candidates(laboratory)
    _warm(lane, candidates)
    counter.step = lambda: lane.step
    try:
        return [_counted(laboratory, lane, candidate) for candidate in _with_champions(candidates, number)]
    finally:
        counter.step = None
        lane.close()


def _warm(lane: Lane, candidates: Candidates) -> None:
    """What happens once in the life of a process or of a storage account is none of a promotion's cost."""
    [first] = candidates.some(1)
    lane.announce(first)
    lane.promote(first)


def _with_champions(candidates: Candidates, number: int) -> Iterator[Candidate]:
    for _ in range((number + 1) // 2):
        [first] = candidates.some(1)
        yield first
        yield candidates.version_of(first.name, "2")


def _counted(laboratory: Laboratory, lane: Lane, candidate: Candidate) -> Counted:
    counter = laboratory.round_trips
    assert isinstance(counter, SitedRoundTrips)
    lane.announce(candidate)
    counter.reset()
    laboratory.emulator.clear_calls()
    lane.promote(candidate)
    calls = Counter(str(call["operation"]) for call in laboratory.emulator.calls())
    found = counter.by_service
    by_service = {ours: found.get(theirs, 0) for ours, theirs in SERVICES.items()}
    return Counted({**by_service, "azure_ml": calls.total()}, dict(counter.sites), dict(calls))


def largest(counted: list[Counted]) -> dict[str, int]:
    """The maximum over all promotions, service by service."""
    return {service: max(each.by_service[service] for each in counted) for service in counted[0].by_service}
