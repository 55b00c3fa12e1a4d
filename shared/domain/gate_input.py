"""What every gate looks at, so that all gates have one signature."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from shared.domain.evaluation import GateResult, Outcome
from shared.domain.evidence import Champion, Evidence
from shared.domain.ids import PromotionId
from shared.domain.light_values import light_value
from shared.domain.mending import WorkspaceAddress, register_from_job, set_tag
from shared.domain.metric_values import Taken, taken_value
from shared.domain.people import People
from shared.domain.policy import Policy
from shared.domain.run_proof import named_by, proves
from shared.domain.visible import visible


@dataclass(frozen=True)
class GateInput:
    """One look at a candidate. `champion` is the one frozen for the round, None where the line has none yet.

    `given_up` holds the registries that the operator left out of this promotion. What many gates ask is worked out for
    the first that does, and kept.
    """

    policy: Policy
    promotion: PromotionId
    evidence: Evidence
    champion: Champion | None
    people: People
    address: WorkspaceAddress | None
    now: datetime
    given_up: frozenset[str] = frozenset()

    @cached_property
    def taken(self) -> Mapping[str, Taken]:
        """The value of each metric that the policy looks at."""
        return {name: taken_value(self.evidence, rule, name) for name, rule in self.policy.metrics.items()}

    @cached_property
    def proven(self) -> bool:
        """Whether the values of the run say anything about this version."""
        return proves(self.policy, self.promotion, self.evidence)

    @cached_property
    def run_source(self) -> str:
        """Where the values of the run come from."""
        run, rule = self.evidence.run, self.policy.evidence
        if run is None:
            return f"a run named by {named_by(rule)}" if rule else "no run"
        return f"the run {run.id}"

    @cached_property
    def another_run(self) -> str:
        """The command that names another run: by its tag, else by registering a version from another job."""
        tag = self.policy.evidence.run_tag if self.policy.evidence else None
        return self.tag_command(tag, "<run id>") if tag else self.another_version

    @cached_property
    def another_version(self) -> str:
        """The command that registers a version from another job: all that mends a value that is too bad."""
        return register_from_job(self.promotion, self.address, self.evidence.version.asset_type)

    def tag_command(self, tag: str, value: str) -> str:
        """The command that sets `tag` on this version."""
        return set_tag(self.promotion, self.address, tag, value)


@light_value
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
        mode, shown, source = self.given.policy.mode_of(self.name), visible(actual), visible(self.source)
        # By position, which costs half of what names do.
        return GateResult(self.name, mode, outcome, self.expected, shown, explanation, command, absent, None, source)


Judge = Callable[[GateInput], GateResult]
"""A gate of a policy, for whatever is looked at."""
