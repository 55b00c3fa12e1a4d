"""How much is measured: the whole run within ten minutes on two cores, and a small one that only shows that it works."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured.

    Attributes:
        counted: promotions whose round trips are counted; every second one replaces a champion.
        blocks: by how many promotions are in flight: pairs of blocks (ours, floor), and promotions in flight's turns
            in each block.
        evaluations: how often evidence is read and judged.
        recorded: evaluations that a backtest replays.
        starts: fresh processes of each kind for the cold start.
        whole: whole promotions in the storage whose lists are read.
        filled: how many promotions the lists hold at each reading, ascending, `whole` the first.
        readings: how often each first page is read.
    """

    counted: int
    blocks: dict[int, tuple[int, int]]
    evaluations: int
    recorded: int
    starts: int
    whole: int
    filled: tuple[int, ...]
    readings: int


FULL = Sizes(20, {1: (20, 1), 16: (5, 1)}, 31, 10_000, 9, 100, (100, 10_000, 50_000), 31)
SMALL = Sizes(2, {1: (1, 1), 2: (1, 1)}, 5, 500, 1, 2, (2, 102), 3)
