"""What Azure states: list prices and limits, each with where it was read. US dollars, pay as you go."""

from dataclasses import dataclass

WEST_EUROPE = "West Europe"


@dataclass(frozen=True, slots=True)
class Price:
    """A list price.

    Attributes:
        name: what is paid for.
        dollars: for `per` units.
        unit: of the meter.
        per: units that `dollars` pays for.
        region: whose price it is; that of West Europe is to be confirmed where another one stands.
        source: where it was read, with the day that it is of.
        free: units a month that cost nothing.
    """

    name: str
    dollars: float
    unit: str
    per: float
    region: str
    source: str
    free: float = 0

    def of(self, units: float) -> float:
        """Dollars for so many units of a month."""
        return max(0.0, units - self.free) * self.dollars / self.per


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit of a service. `value` is None where none is published."""

    name: str
    value: float | None
    unit: str
    source: str


_FLEX = "modal.com/blog/azure-function-pricing-guide, 2025-05-22"
_TABLE = "infracost, storage_table_test, 2026-05-04"
_LOGS = "infracost, log_analytics_workspace_test, 2024-08-30"
_RULES = "infracost, monitor_scheduled_query_rules_alert_v2_test, 2024-07-01"

EXECUTION = Price("function time", 0.000026, "GB-s", 1, "East US", _FLEX, free=100_000)
EXECUTIONS = Price("invocations", 0.40, "execution", 1e6, "East US", _FLEX, free=250_000)
TABLE_REQUESTS = Price("tables, requests", 0.00036, "request", 1e4, WEST_EUROPE, _TABLE)
TABLE_GB = Price("tables, ZRS", 0.0562, "GB-month", 1, WEST_EUROPE, _TABLE)
QUEUE_REQUESTS = Price(
    "queues, requests", 0.004, "request", 1e4, "West US", "infracost, storage_queue_test, 2024-07-01"
)
BLOB_REQUESTS = Price("blobs, writes and lists, ZRS", 0.0675, "request", 1e4, WEST_EUROPE, _TABLE)
BLOB_GB = Price("blobs, ZRS, hot", 0.024, "GB-month", 1, WEST_EUROPE, _TABLE)
EVENTS = Price(
    "Event Grid", 0.60, "operation", 1e6, WEST_EUROPE, "infracost, eventgrid_topic_test, 2024-07-01", free=100_000
)
LOGS = Price("logs, ingestion", 2.99, "GB", 1, WEST_EUROPE, _LOGS, free=5)
LOGS_KEPT = Price("logs, kept beyond 31 days", 0.13, "GB-month", 1, WEST_EUROPE, _LOGS)
ALERTS = Price("alert rules, every 5 minutes", 1.50, "rule", 1, WEST_EUROPE, _RULES)
SERIES = Price("alert rules, further series", 0.15, "series", 1, WEST_EUROPE, _RULES)
SECRETS = Price("Key Vault", 0.03, "operation", 1e4, "East US", "infracost, key_vault_certificate_test, 2024-07-01")
ENDPOINTS = Price("private endpoints", 7.30, "endpoint", 1, "West US", "infracost, private_endpoint_test, 2024-07-01")
ZONES = Price("private DNS zones", 0.50, "zone", 1, "West US", "infracost, private_dns_zone_test, 2024-07-01")

PRICES = (
    *(EXECUTION, EXECUTIONS, TABLE_REQUESTS, TABLE_GB, QUEUE_REQUESTS, BLOB_REQUESTS, BLOB_GB, EVENTS),
    *(LOGS, LOGS_KEPT, ALERTS, SERIES, SECRETS, ENDPOINTS, ZONES),
)

_LEARN = "learn.microsoft.com/azure/{}"
_TABLES = _LEARN.format("storage/tables/scalability-targets")
_QUEUES = _LEARN.format("storage/queues/scalability-targets")
_ARM = _LEARN.format("azure-resource-manager/management/request-limits-and-throttling")
_QUOTA = _LEARN.format("azure-functions/flex-consumption-plan")
_TOPICS = _LEARN.format("event-grid/quotas-limits")

PARTITION = Limit("rows of 1 KiB in a partition", 2_000, "/s", _TABLES)
ACCOUNT = Limit("requests to a storage account", 20_000, "/s", _TABLES)
QUEUE = Limit("messages of 1 KiB in a queue", 2_000, "/s", _QUEUES)
ARM_READS = Limit("reads of Resource Manager, refill of 250", 25, "/s", _ARM)
ARM_WRITES = Limit("writes of Resource Manager, refill of 200", 10, "/s", _ARM)
CORES = Limit("instances of 2 GB, subscription and region", 250, "", _QUOTA)
TOPIC = Limit("events to a custom topic, or KB of them", 5_000, "/s", _TOPICS)
REGISTRY = Limit("calls to a registry", None, "/s", "none is published")

LIMITS = (PARTITION, ACCOUNT, QUEUE, ARM_READS, ARM_WRITES, CORES, TOPIC, REGISTRY)
