"""What this deployment fixes: its schedule, its waits, its batches; taken from the code where the code can be read."""

from shared.domain.waits import Waits

WAITS = Waits()
BATCH = 4
"""`batchSize` of host.json: messages that one instance works on at once."""

INSTANCE_GB = 2
"""`instanceMemoryMB` of infra/modules/app.bicep."""

TIMEOUT_SECONDS = 1800
"""`functionTimeout` of host.json."""

SWEPT_A_RUN = 500
FOUND_A_RUN = 50
PAGES_A_RUN = 200
"""Rows of a sweep, versions and pages of a run of find_missed_registrations (shared/workflow)."""

SWEEPS, COLLECTIONS, COMPARISONS, CHECKPOINTS = 1440, 288, 96, 1
"""Runs a day of sweep, collect_metrics, find_missed_registrations and daily_checkpoint (functions/schedule.py)."""

ALERT_RULES = 9
"""Rules of infra/monitoring/alerts.bicep, each asked every five minutes."""

PRIVATE_ENDPOINTS = 4
"""Of blobs, queues, tables and the vault, each with a DNS zone (infra/main.bicep)."""

QUEUES = 4


def looks_again(waits: Waits = WAITS) -> int:
    """How often a blocked version is looked at again by itself, until that ends (R17)."""
    return waits.relook_for // waits.relook + (waits.relook_slow_for - waits.relook_for) // waits.relook_slow
