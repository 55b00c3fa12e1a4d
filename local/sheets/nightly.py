"""The nightly run: what it takes as histories add up, and where it stops fitting. Pure."""

from dataclasses import dataclass

from local.sheets import ours
from local.sheets.amounts import Amounts
from local.sheets.demand import Demand
from local.sheets.footprint import Footprint


@dataclass(frozen=True, slots=True)
class Nightly:
    """daily_checkpoint over so many histories: it writes the checkpoint, then compares what stands beside the heads."""

    demand: Demand
    footprint: Footprint
    histories: float

    @property
    def heads(self) -> float:
        """Histories and lines."""
        return self.histories + self.demand.lines

    @property
    def writing_seconds(self) -> float:
        """Until the checkpoint is written: every row of the histories is looked at for the heads among them."""
        return self._scan_seconds + self.heads * self.footprint.head.cpu_us / 1e6

    @property
    def mending_seconds(self) -> float:
        """The comparison that follows: every row again, for the relay rows among them, and a page of each listing."""
        requests = self.histories * self.footprint.settled_head.table_requests + 2 * self.histories / 1000
        return self._scan_seconds + requests * self.demand.storage_ms / 1000

    @property
    def wanted_seconds(self) -> float:
        """If nobody stopped it."""
        return self.writing_seconds + self.mending_seconds

    @property
    def seconds(self) -> float:
        """Until the host stops it."""
        return min(self.wanted_seconds, ours.TIMEOUT_SECONDS)

    @property
    def document_bytes(self) -> float:
        """Of the checkpoint."""
        return self.heads * self.footprint.head.document_bytes

    @property
    def memory_bytes(self) -> float:
        """That it holds at most."""
        return self.heads * self.footprint.head.memory_bytes

    @property
    def asked(self) -> Amounts:
        """Requests of one night, as far as it comes."""
        share = self.seconds / self.wanted_seconds if self.wanted_seconds else 1.0
        pages = Amounts(table_requests=3 * self.heads / 1000)
        return self.footprint.daily_checkpoint + (self.footprint.settled_head.times(self.histories) + pages).times(
            share
        )

    @property
    def _scan_seconds(self) -> float:
        each = self.footprint.promoted(self.demand.registries, self.demand.decisions)
        return self.histories * (each.history_rows + each.line_rows) / self.demand.scan_rows
