"""Many recorded evaluations judged anew: counted, and the first of those that matter named."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from shared.domain.evaluation import Outcome
from shared.domain.replay import Replay


@dataclass(slots=True)
class Backtest:
    """What proposed policies would have made of recorded evaluations.

    It holds counts, and at most `most` replays of each kind, so that its size does not grow with what is replayed.
    `gates` counts, by gate, the flips that go through it.
    """

    most: int
    evaluations: int = 0
    same: int = 0
    would_pass: int = 0
    would_be_held_back: int = 0
    undecidable: int = 0
    gates: Counter[str] = field(default_factory=Counter)
    flips: list[Replay] = field(default_factory=list)
    undecided: list[Replay] = field(default_factory=list)

    def add(self, replays: Iterable[Replay]) -> "Backtest":
        """Count them; returns itself."""
        for each in replays:
            self._add(each)
        return self

    def _add(self, replay: Replay) -> None:
        self.evaluations += 1
        if replay.undecidable:
            self.undecidable += 1
            self._keep(self.undecided, replay)
        elif not replay.flips:
            self.same += 1
        else:
            self.would_pass += replay.would_be == Outcome.PASSED
            self.would_be_held_back += replay.was == Outcome.PASSED
            self.gates.update(flip.gate for flip in replay.through)
            self._keep(self.flips, replay)

    def _keep(self, kept: list[Replay], replay: Replay) -> None:
        if len(kept) < self.most:
            kept.append(replay)
