"""One handling of one promotion: its history and looks, loaded once, and the only way to append to it (R4, R6)."""

from dataclasses import dataclass
from datetime import datetime

from shared.domain.commands import Command
from shared.domain.decide import decide
from shared.domain.errors import HistoryClash, Unreadable
from shared.domain.evaluation import Evaluation
from shared.domain.event_measures import measures_of
from shared.domain.events import EvaluationCompleted, PromotionEvent
from shared.domain.fold import evolve, fold
from shared.domain.ids import PromotionId
from shared.domain.looks import Looks
from shared.domain.states import Case
from shared.ports import History, NewEvent
from shared.workflow.outside import Outside
from shared.workflow.summaries import snapshot

MACHINERY = "clearance"
_APPENDS = 8  # how often a command is decided again after losing a race, before the message is left to be redelivered


@dataclass(slots=True)
class Handling:
    """A promotion while it is being worked on. `etag` guards the worklist row's due time; None where there is no row.

    `touched` is when this handling last put the row on the worklist before an append; `published` is the last event it
    has published without saving that position yet.
    """

    outside: Outside
    history: History
    case: Case
    looks: Looks
    etag: str | None
    touched: datetime | None = None
    published: int = 0

    @classmethod
    def open(cls, outside: Outside, promotion: PromotionId) -> "Handling":
        """Load history and looks."""
        work = outside.worklist.get(promotion)
        handling = cls.of_history(outside, promotion)
        if work is None and not handling.history.sequence:  # a message is all there is: its row was lost (R1)
            now = outside.clock.now()
            outside.worklist.ask(promotion, now, now + outside.waits.work_due)
            work = outside.worklist.get(promotion)
        handling.looks, handling.etag = (work.looks, work.etag) if work else (Looks(), None)
        return handling

    @classmethod
    def of_history(cls, outside: Outside, promotion: PromotionId) -> "Handling":
        """Load the history alone, for a command of a person that needs no looks."""
        history = outside.histories.load(promotion)
        return cls(outside, history, fold(promotion, history.rows), Looks(), None)

    @property
    def promotion(self) -> PromotionId:
        """Whose case this is."""
        return self.case.id

    def record(self, command: Command, operation: str | None = None, actor: str = MACHINERY) -> bool:
        """Decide and append until there is one winner; whether something was appended.

        A command whose operation stands in the history already appends nothing (R4).

        Raises:
            CommandRefused: the rules say no.
            Unreadable: the store cannot be reached, or too many others append at once.
        """
        operation = operation or self.outside.new_id()
        for _ in range(_APPENDS):
            if self.history.through(operation) is not None:
                return True
            now = self.outside.clock.now()
            events = decide(self.case, command, now, self.outside.waits)
            if not events:
                return False
            self._touch(now)
            try:
                self._append(events, operation, actor, now)
            except HistoryClash:
                self.reload()
            else:
                return True
        raise Unreadable("history_busy", f"Too many others are writing to {self.promotion}; it is tried again.", 1)

    def record_reading(self, command: Command) -> bool:
        """Decide and append what was read under this very history; whether something was appended.

        Raises:
            HistoryClash: somebody appended meanwhile. The history is loaded anew, and what was read is worth nothing
                under it: another evaluation, champion or policy may stand there now (R18). Read again.
            CommandRefused: the rules say no.
            Unreadable: the store cannot be reached.
        """
        operation, now = self.outside.new_id(), self.outside.clock.now()
        events = decide(self.case, command, now, self.outside.waits)
        if not events:
            return False
        self._touch(now)
        try:
            self._append(events, operation, MACHINERY, now)
        except HistoryClash:
            self.reload()
            if self.history.through(operation) is None:
                raise
        return True

    def reload(self) -> None:
        """Read the history again, after somebody else appended."""
        self.history = self.outside.histories.load(self.promotion)
        self.case = fold(self.promotion, self.history.rows)

    def evaluation_of(self, round_: int) -> Evaluation:
        """What a round was judged by.

        Raises:
            ValueError: there was no such round.
        """
        for row in self.history.rows:
            if isinstance(row.event, EvaluationCompleted) and row.event.round == round_:
                return row.event.evaluation
        raise ValueError(f"{self.promotion} has no round {round_}.")

    def through(self, operation: str) -> Case | None:
        """The case as that operation left it; None where it wrote nothing."""
        rows = self.history.through(operation)
        return fold(self.promotion, rows) if rows is not None else None

    def _append(self, events: tuple[PromotionEvent, ...], operation: str, actor: str, now: datetime) -> None:
        after = self.case
        for event in events:
            after = evolve(after, event, now)
        new = [NewEvent(event, operation, actor) for event in events]
        position = self.history.sequence
        self.history = self.outside.histories.append(self.history, new, now, snapshot(after))
        self.case = after
        self.outside.telemetry.measure(measures_of(self.history.rows, position))

    def _touch(self, now: datetime) -> None:
        """Put the promotion on the worklist before what must not be forgotten happens (R6)."""
        if self.touched is None or now - self.touched >= self.outside.waits.touch_covers:
            self.etag = self.outside.worklist.touch(self.promotion, now + self.outside.waits.work_due)
            self.touched = now
