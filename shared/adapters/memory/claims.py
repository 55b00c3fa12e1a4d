"""Claims in memory (R7)."""

from shared.adapters.memory.outage import Outage
from shared.adapters.table_claims import supersedes
from shared.domain.ids import PromotionId, Target
from shared.ports import Claim


class InMemoryClaims(Outage):
    """The port `Claims`; `standing` shows what holds."""

    def __init__(self) -> None:
        super().__init__()
        self.standing: dict[Target, Claim] = {}

    def take(self, target: Target, claim: Claim) -> Claim:
        """Insert, or replace our own of an earlier round or incarnation; returns the claim that holds now."""
        with self._lock:
            self._ask()
            holds = self.standing.get(target)
            if holds is None or supersedes(claim, holds):
                self.standing[target] = claim
            return self.standing[target]

    def release(self, target: Target, promotion: PromotionId, round: int) -> None:
        """Delete, only if the row names this promotion and round."""
        with self._lock:
            self._ask()
            holds = self.standing.get(target)
            if holds is not None and (holds.promotion, holds.round) == (promotion, round):
                del self.standing[target]

    def read(self, target: Target) -> Claim | None:
        """The claim that holds, if any."""
        with self._lock:
            self._ask()
            return self.standing.get(target)
