"""What the emulated service remembers. Plain records; whoever changes them holds the world's lock."""

from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import ConfigDict

Json = dict[str, Any]


@dataclass(slots=True)
class SystemData:
    """Who made a resource and when, in wire form (seven-digit fractions)."""

    created_at: str
    created_by: str
    created_by_type: str
    last_modified_at: str
    last_modified_by: str
    last_modified_by_type: str


@dataclass(slots=True)
class ModelVersion:
    """One registered version. ``model_uri`` is kept without the emulator's port, so that it survives a restart."""

    name: str
    version: str
    model_uri: str
    system: SystemData
    model_type: str = "custom_model"
    description: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)
    flavors: dict[str, Any] = field(default_factory=dict)
    stage: str | None = None
    is_archived: bool = False
    is_anonymous: bool = False
    job_name: str | None = None
    sequence: int = 0


@dataclass(slots=True)
class ModelContainer:
    """All versions of one model name. ``deleted`` holds version numbers that a registry never gives out again."""

    name: str
    system: SystemData
    description: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)
    is_archived: bool = False
    versions: dict[str, ModelVersion] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Metric:
    """One logged value; NaN and infinities are legal."""

    value: float
    timestamp: int
    step: int
    __pydantic_config__ = ConfigDict(ser_json_inf_nan="strings")


@dataclass(slots=True)
class Run:
    """One MLflow run, which Azure ML also shows as a job of the same name."""

    run_id: str
    experiment_id: str
    name: str
    user_id: str
    start_time: int
    system: SystemData
    status: str = "RUNNING"
    end_time: int | None = None
    tags: dict[str, str] = field(default_factory=dict)
    params: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, list[Metric]] = field(default_factory=dict)
    dataset_inputs: list[Json] = field(default_factory=list)
    lifecycle_stage: str = "active"


@dataclass(slots=True)
class Experiment:
    """One MLflow experiment."""

    experiment_id: str
    name: str
    creation_time: int
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Blob:
    """One block blob; the bytes lie in a file named by their SHA-256. ``md5`` is base64, as in Content-MD5."""

    sha256: str
    size: int
    md5: str | None
    last_modified: str
    content_type: str = "application/octet-stream"
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class ImportOperation:
    """One accepted import. It ends by the clock, whether anybody polls or not."""

    operation_id: str
    registry: str
    name: str
    version: str
    source_asset_id: str
    caller: SystemData
    due: float
    final_body: str
    status: Literal["InProgress", "Succeeded", "Failed"] = "InProgress"
    error: Json | None = None
    never_ends: bool = False
    fails: bool = False
    copies_anyway: bool = False
    settled: bool = False


@dataclass(slots=True)
class ImportCount:
    """How often one destination was asked for, accepted, and really written."""

    requested: int = 0
    accepted: int = 0
    effective: int = 0


@dataclass(slots=True)
class WorkspaceState:
    """What one workspace holds."""

    models: dict[str, ModelContainer] = field(default_factory=dict)
    runs: dict[str, Run] = field(default_factory=dict)
    experiments: dict[str, Experiment] = field(default_factory=dict)


@dataclass(slots=True)
class RegistryState:
    """What one registry holds."""

    models: dict[str, ModelContainer] = field(default_factory=dict)


@dataclass(slots=True)
class State:
    """Everything. ``blobs`` is keyed by ``account/container``, then by blob name."""

    workspaces: dict[str, WorkspaceState] = field(default_factory=dict)
    registries: dict[str, RegistryState] = field(default_factory=dict)
    blobs: dict[str, dict[str, Blob]] = field(default_factory=dict)
    operations: dict[str, ImportOperation] = field(default_factory=dict)
    imports: dict[str, ImportCount] = field(default_factory=dict)
    sequence: int = 0
