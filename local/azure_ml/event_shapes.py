"""ModelRegistered and RunCompleted events as Event Grid writes them, in both schemas.

Shapes: learn.microsoft.com/azure/event-grid/event-schema-machine-learning. Field names of ``data`` are PascalCase for models
and camelCase for runs; the version is an integer there, and one that is no number can only be text.
"""

import uuid
from dataclasses import dataclass
from typing import Any

from local.azure_ml.config import EventSchema
from local.azure_ml.state import ModelVersion, Run
from local.azure_ml.timestamps import event_time, wire_time

MODEL_REGISTERED = "Microsoft.MachineLearningServices.ModelRegistered"
RUN_COMPLETED = "Microsoft.MachineLearningServices.RunCompleted"


@dataclass(frozen=True, slots=True)
class WorkspaceEvent:
    """What every delivery of one event has in common."""

    kind: str
    event_id: str
    workspace: str
    topic: str
    subject: str
    time: str
    body: dict[str, Any]

    def as_json(self, schema: EventSchema) -> dict[str, Any]:
        """Return the event in one of the two schemas."""
        return self._event_grid() if schema == "eventgrid" else self._cloud_event()

    def _event_grid(self) -> dict[str, Any]:
        return {
            "topic": self.topic,
            "subject": self.subject,
            "eventType": self.kind,
            "eventTime": self.time,
            "id": self.event_id,
            "data": self.body,
            "dataVersion": "",
            "metadataVersion": "1",
        }

    def _cloud_event(self) -> dict[str, Any]:
        return {
            "specversion": "1.0",
            "source": self.topic,
            "subject": self.subject,
            "type": self.kind,
            "time": self.time,
            "id": self.event_id,
            "data": self.body,
        }


def registered_event(workspace: str, topic: str, model: ModelVersion) -> WorkspaceEvent:
    """Return the event of a registration.

    Args:
        workspace: name of the workspace.
        topic: ARM id of the workspace.
        model: the version just registered.
    """
    body = {
        "ModelName": model.name,
        "ModelVersion": int(model.version) if model.version.isdecimal() and model.version.isascii() else model.version,
        "ModelTags": dict(model.tags),
        "ModelProperties": dict(model.properties),
    }
    subject = f"models/{model.name}:{model.version}"
    raised = event_time(model.system.created_at)
    return WorkspaceEvent(MODEL_REGISTERED, str(uuid.uuid4()), workspace, topic, subject, raised, body)


def run_event(workspace: str, topic: str, run: Run, experiment: str) -> WorkspaceEvent:
    """Return the event of a run that ended well.

    Args:
        workspace: name of the workspace.
        topic: ARM id of the workspace.
        run: the run just ended.
        experiment: the name of its experiment.
    """
    body = {
        "experimentId": run.experiment_id,
        "experimentName": experiment,
        "runId": run.run_id,
        "runType": None,
        "runTags": dict(run.tags),
        "runProperties": {},
    }
    subject = f"experiments/{run.experiment_id}/runs/{run.run_id}"
    return WorkspaceEvent(RUN_COMPLETED, str(uuid.uuid4()), workspace, topic, subject, event_time(wire_time()), body)
