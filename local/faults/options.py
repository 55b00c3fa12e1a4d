"""What every section of the fault machinery is told."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """How to run a section.

    Attributes:
        seed: what every random choice follows from; printed, and can be given again.
        short: the form that is part of `make test`: fewer runs of the same kind.
        say: shows one line of progress.
        patience: seconds until a promotion that has not come to its end counts as stuck.
    """

    seed: int
    short: bool
    say: Callable[[str], None]
    patience: float = 90.0


Figures = dict[str, int]
"""What a section counted; the names are those of `build/faults.json`."""

Section = Callable[[Options], Figures]
