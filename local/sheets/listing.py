"""Comparing workspaces with histories: what a run takes as versions add up, and how long a pass takes. Pure."""

from dataclasses import dataclass

from local.sheets import ours
from local.sheets.amounts import Amounts
from local.sheets.demand import Demand
from local.sheets.footprint import Footprint

SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Listing:
    """find_missed_registrations: a run goes on where the last one stopped, a pass is over all versions."""

    demand: Demand
    footprint: Footprint

    @property
    def pages(self) -> float:
        """Of one pass; each lists some models, or as many pages of versions of one."""
        if not self.demand.models:
            return self.demand.workspaces
        of_model = max(1.0, self.demand.versions / self.demand.models / self.demand.versions_per_page)
        return self.demand.models * of_model / self.footprint.models_per_page

    @property
    def pages_a_run(self) -> float:
        """Of one run."""
        return min(self.pages, ours.PAGES_A_RUN)

    @property
    def versions_a_run(self) -> float:
        """Whose heads one run reads."""
        return self.demand.versions * self.pages_a_run / self.pages if self.pages else 0

    @property
    def asked(self) -> Amounts:
        """Requests of one run."""
        calls = Amounts(arm_reads=self.pages_a_run * (1 + self.footprint.models_per_page))
        known = self.footprint.listed_version.times(self.versions_a_run)
        return self.footprint.find_missed.times(self.demand.workspaces) + calls + known

    @property
    def seconds(self) -> float:
        """Of one run."""
        return self.demand.seconds(self.asked)

    @property
    def runs_a_day(self) -> float:
        """A run that takes longer than the time between two is followed by the next one."""
        return min(ours.COMPARISONS, SECONDS / self.seconds) if self.seconds else ours.COMPARISONS

    @property
    def pass_days(self) -> float:
        """Days from one look at a version to the next: how long a missed event stays missed."""
        return self.pages / self.pages_a_run / self.runs_a_day if self.pages_a_run else 0
