"""What a day's work takes: requests of each kind, and seconds of function time. Pure, from demand and footprint."""

from dataclasses import dataclass

from local.sheets import ours
from local.sheets.amounts import Amounts
from local.sheets.demand import Demand
from local.sheets.footprint import Footprint
from local.sheets.listing import Listing
from local.sheets.nightly import Nightly

DAY = 86_400


@dataclass(frozen=True, slots=True)
class Work:
    """The work of a deployment that has run for `demand.years`. What is "a day" is a mean."""

    demand: Demand
    footprint: Footprint

    @property
    def promoted(self) -> Amounts:
        """One promotion, with what follows when it is settled."""
        each, demand = self.footprint, self.demand
        later = each.removed + each.forgotten.times(demand.decisions)
        return each.promoted(demand.registries, demand.decisions) + later

    @property
    def blocked(self) -> Amounts:
        """One version that policy blocks, over the week in which it is looked at again."""
        each = self.footprint
        return each.blocked + each.look_again.times(ours.looks_again()) + each.removed

    @property
    def versions_a_day(self) -> Amounts:
        """All promotions and blocked versions of a day, and the runs that end meanwhile."""
        demand = self.demand
        of_runs = self.footprint.run_ended.times(demand.runs * demand.promotions)
        of_lines = Amounts(table_requests=self.line_pages * (1 + demand.registries) * demand.promotions)
        return self.promoted.times(demand.promotions) + self.blocked.times(self.blocked_a_day) + of_runs + of_lines

    @property
    def line_rows(self) -> float:
        """Rows of one line after so long; it is read whole for its champion, and once for each target promoted."""
        return self.demand.promotions * self.demand.days / self.demand.models if self.demand.models else 0.0

    @property
    def line_pages(self) -> float:
        """Pages of it beyond the first."""
        return self.line_rows // 1000

    @property
    def timers_a_day(self) -> Amounts:
        """All timers of a day."""
        each = self.footprint
        timed = each.sweep.times(ours.SWEEPS) + each.collect_metrics.times(ours.COLLECTIONS)
        pages = Amounts(table_requests=ours.COLLECTIONS * self.open_promotions / 1000)
        return timed + pages + self.nightly.asked + self.listing.asked.times(self.listing.runs_a_day)

    @property
    def a_day(self) -> Amounts:
        """Everything."""
        return self.versions_a_day + self.timers_a_day

    @property
    def timer_runs(self) -> float:
        """Invocations of timers a day."""
        return ours.SWEEPS + ours.COLLECTIONS + ours.CHECKPOINTS + self.listing.runs_a_day

    @property
    def promotion_seconds(self) -> float:
        """Of function time for one promotion, its imports included."""
        return (
            self.demand.seconds(self.promoted) + self.import_seconds * self.demand.registries + self.demand.cpu_seconds
        )

    @property
    def look_seconds(self) -> float:
        """Of function time for one look again at a blocked version."""
        return self.demand.seconds(self.footprint.look_again) + self.demand.cpu_seconds

    @property
    def looks_a_second(self) -> float:
        """At blocked versions, spread over the week."""
        return self.blocked_a_day * ours.looks_again() / DAY

    @property
    def peak_rate(self) -> float:
        """Promotions a second in the busiest minutes."""
        return self.demand.promotions * self.demand.peak / DAY

    @property
    def open_promotions(self) -> float:
        """That somebody still has to act on: those that wait for people, and those blocked within a week."""
        week = ours.WAITS.relook_slow_for.total_seconds() / DAY
        return self.demand.promotions * self.demand.open_days + self.blocked_a_day * week

    @property
    def worklist_rows(self) -> float:
        """Rows that every sweep looks through."""
        settled = ours.WAITS.settled_for.total_seconds() / DAY
        return self.open_promotions + self.demand.promotions * settled

    @property
    def nightly(self) -> Nightly:
        """The nightly run after so long."""
        return Nightly(self.demand, self.footprint, self.demand.versions)

    @property
    def listing(self) -> Listing:
        """One run of find_missed_registrations after so long."""
        return Listing(self.demand, self.footprint)

    @property
    def blocked_a_day(self) -> float:
        """Versions a day that policy blocks."""
        return self.demand.promotions * self.demand.blocked

    @property
    def import_seconds(self) -> float:
        """That a worker waits for one import; it leaves alone what takes longer."""
        return min(self.demand.import_seconds, ours.WAITS.import_deadline.total_seconds())
