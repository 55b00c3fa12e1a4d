"""Read one promotion whole: its case, and the rows it is folded from."""

from dataclasses import dataclass

from shared.domain.errors import CommandRefused
from shared.domain.events import Recorded
from shared.domain.fold import fold
from shared.domain.ids import PromotionId
from shared.domain.states import Case
from shared.workflow.outside import Outside


@dataclass(frozen=True, slots=True)
class View:
    """A promotion as its history says it is now."""

    case: Case
    rows: tuple[Recorded, ...]


def read_promotion(outside: Outside, promotion: PromotionId) -> View:
    """Load and fold.

    Raises:
        CommandRefused: `unknown_promotion`: it has no history.
    """
    rows = outside.histories.load(promotion).rows
    if not rows:
        raise CommandRefused("unknown_promotion", f"{promotion} is not known.")
    return View(fold(promotion, rows), rows)
