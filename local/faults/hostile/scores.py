"""Cases, each scored accepted, rejected, crashed or hung, and the table of them."""

import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

Score = Literal["accepted", "rejected", "crashed", "hung"]
SCORES: tuple[Score, ...] = ("accepted", "rejected", "crashed", "hung")

LIMIT_SECONDS = 15.0
"""What one case may take; all of them take milliseconds on an idle machine."""


class Broken(Exception):
    """A promise that a case found broken; its text says which, and scores the case as crashed."""


@dataclass(slots=True)
class Scores:
    """How the cases of all surfaces ended. `found` tells of each that crashed or hung, and of what it was made."""

    limit: float = LIMIT_SECONDS
    counts: Counter[tuple[str, Score]] = field(default_factory=Counter)
    found: list[str] = field(default_factory=list)

    def case(self, surface: str, what: str, run: Callable[..., bool], *arguments: Any) -> None:
        """Run one case on a thread of its own, so that one that hangs is counted and left behind.

        Args:
            surface: the row of the table.
            what: names the case well enough to repeat it.
            run: whether the input was accepted; raises `Broken`, or whatever broke.
            arguments: of `run`.
        """
        ended: list[tuple[Score, str]] = []
        thread = threading.Thread(target=lambda: ended.append(_scored(run, arguments)), daemon=True)
        thread.start()
        thread.join(self.limit)
        score, why = ended[0] if ended else ("hung", f"no end after {self.limit:.0f} s")
        self.counts[surface, score] += 1
        if score in {"crashed", "hung"}:
            self.found.append(f"{surface}: {ascii(what)[:200]}: {score}: {why}")

    def must(self, surface: str, what: str, run: Callable[..., bool], *arguments: Any, accepted: bool) -> None:
        """A case whose outcome is known beforehand; the other one counts as crashed."""

        def checked() -> bool:
            if run(*arguments) != accepted:
                raise Broken(f"it was {'rejected' if accepted else 'accepted'}")
            return accepted

        self.case(surface, what, checked)

    def of(self, score: Score) -> int:
        """How many cases ended so."""
        return sum(count for (_, each), count in self.counts.items() if each == score)

    @property
    def cases(self) -> int:
        """How many there were."""
        return self.counts.total()

    def table(self) -> str:
        """Surface by score."""
        rows = [
            f"  {surface:<12}" + "".join(f"{self.counts[surface, score]:>10}" for score in SCORES)
            for surface in dict.fromkeys(surface for surface, _ in self.counts)
        ]
        return "\n".join([f"  {'surface':<12}" + "".join(f"{score:>10}" for score in SCORES), *rows])


def _scored(run: Callable[..., bool], arguments: tuple[Any, ...]) -> tuple[Score, str]:
    began = time.perf_counter()
    try:
        accepted = run(*arguments)
    except Broken as broken:
        return "crashed", str(broken)
    except BaseException as error:  # noqa: BLE001 - whatever comes out of a case is its result
        where = traceback.extract_tb(error.__traceback__)[-1]
        return "crashed", f"{type(error).__name__} at {where.filename}:{where.lineno}: {error}"[:500]
    taken = time.perf_counter() - began
    return ("accepted" if accepted else "rejected"), f"{taken:.1f} s"
