"""Runs seen as jobs."""

from typing import Any

from local.azure_ml.config import Workspace
from local.azure_ml.rendering import system_data
from local.azure_ml.state import Experiment, Run
from local.azure_ml.world import World

JOB_STATUS = {
    "RUNNING": "Running",
    "SCHEDULED": "NotStarted",
    "FINISHED": "Completed",
    "FAILED": "Failed",
    "KILLED": "Canceled",
}


_PROPERTY = "azureml."


def is_job_property(key: str) -> bool:
    """Whether what a run was logged with is shown as a property of its job; those of Azure ML's own are no tags."""
    return key.startswith((_PROPERTY, "mlflow.source.git."))


def job_json(world: World, workspace: Workspace, run: Run, experiment: Experiment) -> dict[str, Any]:
    """Return a run as the command job that it appears as."""
    environment = f"{workspace.arm_id}/environments/emulator/versions/1"
    properties = {
        "jobType": "Command",
        "command": "python train.py",
        "environmentId": environment,
        "displayName": run.name,
        "experimentName": experiment.name,
        "status": JOB_STATUS[run.status],
        "services": {
            "Tracking": {"jobServiceType": "Tracking", "endpoint": f"{world.origin}/mlflow/v2.0{workspace.arm_id}"}
        },
        "inputs": {},
        "outputs": {},
        "properties": {key: value for key, value in run.tags.items() if is_job_property(key)},
        "tags": {key: value for key, value in run.tags.items() if not key.startswith(("mlflow.", _PROPERTY))},
        "isArchived": False,
    }
    return {
        "id": f"{workspace.arm_id}/jobs/{run.run_id}",
        "name": run.run_id,
        "type": "Microsoft.MachineLearningServices/workspaces/jobs",
        "properties": properties,
        "systemData": system_data(run.system),
    }
