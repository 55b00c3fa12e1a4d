"""The core and the use cases on ports in memory, under a virtual clock and a scheduler that follows from one seed.

Safety is judged after every append and at every import, from the rows and from what really happened; then everything
heals, and the estate must come to rest as it should. `python -m local.faults.simulator --seed N` replays one seed.
"""

from local.faults.simulator.section import run

__all__ = ["run"]
