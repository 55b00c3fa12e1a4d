"""Read one promotion whole: its case, and the rows it is folded from."""

from dataclasses import dataclass

from shared.domain.errors import CommandRefused
from shared.domain.events import EvaluationCompleted, Recorded
from shared.domain.fold import fold
from shared.domain.ids import PromotionId
from shared.domain.states import Case
from shared.workflow.outside import Outside


@dataclass(frozen=True, slots=True)
class View:
    """A promotion as its history says it is now."""

    case: Case
    rows: tuple[Recorded, ...]

    def evaluation(self, round_: int | None) -> EvaluationCompleted:
        """The evaluation of a round; None asks for the latest.

        Raises:
            CommandRefused: `unknown_round`: there was none, or not that one.
        """
        rounds = [row.event for row in self.rows if isinstance(row.event, EvaluationCompleted)]
        for found in reversed(rounds):
            if round_ in {None, found.round}:
                return found
        last = f"its last round is {rounds[-1].round}" if rounds else "it has not been evaluated yet"
        raise CommandRefused("unknown_round", f"{self.case.id} has no such round: {last}.")


def read_promotion(outside: Outside, promotion: PromotionId) -> View:
    """Load and fold.

    Raises:
        CommandRefused: `unknown_promotion`: it has no history.
    """
    rows = outside.histories.load(promotion).rows
    if not rows:
        raise CommandRefused("unknown_promotion", f"{promotion} is not known.")
    return View(fold(promotion, rows), rows)
