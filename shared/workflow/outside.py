"""What every use case is handed: the ports, the waits, and who this instance is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from shared import ports
from shared.domain.mending import WorkspaceAddress
from shared.domain.waits import Waits
from shared.workflow.call_apart import CallApart, on_own_thread


@dataclass(frozen=True, slots=True)
class Outside:
    """The ports a deployment is made of, picked once in `bootstrap.py`.

    `workspaces` maps each governed alias to where Azure finds it; `topics` maps a lower-case workspace ARM id to its
    alias; `governed_from` holds the instants that settings name for a workspace; `policy_build` is the integer of R18;
    `worker` names this instance in intents; `base_url` is how people reach the pages, without a slash at the end;
    `call_apart` makes the call that imports (R8.4).
    """

    histories: ports.Histories
    claims: ports.Claims
    worklist: ports.Worklist
    awaited_runs: ports.AwaitedRuns
    bookmarks: ports.Bookmarks
    read_models: ports.ReadModels
    quarantine: ports.Quarantine
    replay_ids: ports.ReplayIds
    checkpoints: ports.Checkpoints
    catalog: ports.ModelCatalog
    registry: ports.Registry
    queue: ports.Queue
    publisher: ports.EventPublisher
    directory: ports.Directory
    policy_source: ports.PolicySource
    clock: ports.Clock
    new_id: ports.NewId
    waits: Waits
    workspaces: Mapping[str, WorkspaceAddress]
    topics: Mapping[str, str]
    governed_from: Mapping[str, datetime]
    policy_build: int
    worker: str
    base_url: str
    version: str
    telemetry: ports.Telemetry
    backlog: ports.Backlog
    call_apart: CallApart = on_own_thread
