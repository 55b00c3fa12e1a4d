"""Telemetry to Application Insights, with the app's identity, and to nobody else."""

import os

from azure.core.credentials import TokenCredential
from azure.monitor.opentelemetry.exporter import AzureMonitorMetricExporter, AzureMonitorTraceExporter
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from shared.adapters.open_telemetry import OpenTelemetry

_OFF = (
    # The exporter would ask settings.sdk.monitor.azure.com how to behave, and report on itself to Microsoft's own
    # component. It has no other switch (azure-monitor-opentelemetry-exporter 1.0.0b58, _constants.py).
    "APPLICATIONINSIGHTS_CONTROLPLANE_DISABLED",
    "APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL",
    "APPLICATIONINSIGHTS_SDKSTATS_DISABLED",
    # One more envelope with every export, which says what each of the others says.
    "APPLICATIONINSIGHTS_OPENTELEMETRY_RESOURCE_METRIC_DISABLED",
)


def to_azure_monitor(
    connection_string: str, credential: TokenCredential, *, role: str, instance: str, version: str
) -> OpenTelemetry:
    """Spans every 5 s, measures every minute, or as OTEL_BSP_SCHEDULE_DELAY and OTEL_METRIC_EXPORT_INTERVAL say; what cannot be sent is dropped, and nothing is kept on disk.

    Args:
        connection_string: of the Application Insights component.
        credential: gets tokens for Azure Monitor; the component takes no key.
        role: of the app, shown as AppRoleName.
        instance: of this process, shown as AppRoleInstance.
        version: of Clearance.
    """
    for name in _OFF:
        os.environ[name] = "true"
    options = {"connection_string": connection_string, "credential": credential, "disable_offline_storage": True}
    return OpenTelemetry(
        BatchSpanProcessor(AzureMonitorTraceExporter(**options)),
        PeriodicExportingMetricReader(AzureMonitorMetricExporter(**options)),
        {"service.name": role, "service.instance.id": instance, "service.version": version},
    )
