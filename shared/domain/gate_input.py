"""What every gate looks at, so that all gates have one signature."""

from dataclasses import dataclass
from datetime import datetime

from shared.domain.evaluation import GateResult, Outcome
from shared.domain.evidence import Champion, Evidence
from shared.domain.ids import PromotionId
from shared.domain.mending import WorkspaceAddress, set_tag
from shared.domain.people import People
from shared.domain.policy import Policy
from shared.domain.visible import visible


@dataclass(frozen=True, slots=True)
class GateInput:
    """One look at a candidate. `champion` is the one frozen for the round, None where the line has none yet.

    `given_up` holds the registries that the operator left out of this promotion.
    """

    policy: Policy
    promotion: PromotionId
    evidence: Evidence
    champion: Champion | None
    people: People
    address: WorkspaceAddress | None
    now: datetime
    given_up: frozenset[str] = frozenset()

    def tag_command(self, tag: str, value: str) -> str:
        """The command that sets `tag` on this version."""
        return set_tag(self.promotion, self.address, tag, value)


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate of one look, before it says anything: its name, what it expects, and where what it looks at came from."""

    given: GateInput
    name: str
    expected: str
    source: str

    def passed(self, actual: str, explanation: str) -> GateResult:
        """The rule is kept."""
        return self._result(Outcome.PASSED, actual, explanation, "")

    def failed(self, actual: str, explanation: str, command: str = "") -> GateResult:
        """The evidence is there, and it says no."""
        return self._result(Outcome.FAILED, actual, explanation, command)

    def unproven(self, actual: str, explanation: str, command: str = "") -> GateResult:
        """The evidence is there, and proves nothing."""
        return self._result(Outcome.UNPROVEN, actual, explanation, command)

    def absent(self, actual: str, explanation: str, command: str = "") -> GateResult:
        """The evidence is not there yet: waiting for it makes sense (R14)."""
        return self._result(Outcome.UNPROVEN, actual, explanation, command, absent=True)

    def _result(
        self, outcome: Outcome, actual: str, explanation: str, command: str, *, absent: bool = False
    ) -> GateResult:
        return GateResult(
            gate=self.name,
            mode=self.given.policy.mode_of(self.name),
            outcome=outcome,
            expected=self.expected,
            actual=visible(actual),
            explanation=explanation,
            command=command,
            absent=absent,
            source=visible(self.source),
        )
