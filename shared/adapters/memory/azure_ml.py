"""Workspaces and registries in memory, where versions change behind our back and imports misbehave on request."""

from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from threading import RLock
from typing import Any, Literal

from shared.domain.errors import DocumentInvalid, Refused, Unreadable
from shared.domain.evidence import Job, ModelVersion, RegistryVersion, Run, RunFile, Series
from shared.domain.ids import PromotionId, Target
from shared.domain.results_file import LARGEST_FILE
from shared.domain.well_formed import well_formed
from shared.ports import Listed, Page

# What the next import does: raise and do nothing; do it and raise; return and do nothing; raise and do it only when
# `land_late` is called; refuse for good.
ShareFault = Literal["raise_before", "raise_after", "never_lands", "lands_late", "refuse"]


class InMemoryCatalog:
    """The port `ModelCatalog`. `unreadable` holds the workspaces that cannot be read; `reads` counts full reads.

    `registered` shows all versions, `series_read` (run, metric) of every series that was read, `files_read`
    (run, path) of every file that was looked for, `code_read` every job whose commit was.
    """

    def __init__(self, workspaces: tuple[str, ...] = (), page_size: int = 100) -> None:
        self.unreadable: set[str] = set()
        self.reads: dict[PromotionId, int] = defaultdict(int)
        self.series_read: list[tuple[str, str]] = []
        self.files_read: list[tuple[str, str]] = []
        self.code_read: list[str] = []
        self._workspaces = workspaces
        self._page_size = page_size
        self.registered: dict[PromotionId, ModelVersion] = {}
        self._runs: dict[tuple[str, str], Run] = {}
        self._series: dict[tuple[str, str, str], Series] = {}
        self._files: dict[tuple[str, str, str], bytes] = {}
        self._code: dict[tuple[str, str], str] = {}
        self._jobs: dict[tuple[str, str], Job] = {}

    def put(self, promotion: PromotionId, version: ModelVersion) -> None:
        """Register a version, or replace it."""
        self.registered[promotion] = version

    def change(self, promotion: PromotionId, **changes: Any) -> None:
        """Change fields of a version behind our back."""
        self.registered[promotion] = replace(self.registered[promotion], **changes)

    def delete(self, promotion: PromotionId) -> None:
        """Delete a version."""
        del self.registered[promotion]

    def reregister(self, promotion: PromotionId, created_at: datetime, **changes: Any) -> None:
        """Delete a number and register it again: another incarnation."""
        incarnation = replace(self.registered[promotion].incarnation, created_at=created_at)
        self.change(promotion, incarnation=incarnation, **changes)

    def put_run(self, workspace: str, run: Run) -> None:
        """Add a run, or replace it."""
        self._runs[workspace, run.id] = run

    def put_series(self, workspace: str, run: str, metric: str, series: Series) -> None:
        """Set all values that a run logged of a metric."""
        self._series[workspace, run, metric] = series

    def put_file(self, workspace: str, run: str, path: str, content: bytes) -> None:
        """Put a file among the artifacts of a run, or replace it."""
        self._files[workspace, run, path] = content

    def put_code(self, workspace: str, job: str, commit: str) -> None:
        """Say from which commit a job was submitted."""
        self._code[workspace, job] = commit

    def put_job(self, workspace: str, job: str, status: str, submitter: str | None = None) -> None:
        """Add a job, or replace it."""
        self._jobs[workspace, job] = Job(status, submitter)

    def read(self, promotion: PromotionId) -> ModelVersion | None:
        """Read one version whole; None where there is none."""
        self._ask(promotion.workspace)
        self.reads[promotion] += 1
        return well_formed(self.registered.get(promotion))

    def read_run(self, workspace: str, run: str) -> Run | None:
        """Read a run; None where there is none."""
        self._ask(workspace)
        return well_formed(self._runs.get((workspace, run)))

    def read_series(self, workspace: str, run: str, metric: str) -> Series:
        """All values that a run logged of one metric."""
        self._ask(workspace)
        self.series_read.append((run, metric))
        return well_formed(self._series.get((workspace, run, metric), Series(())))

    def read_files(self, workspace: str, run: str, paths: Sequence[str]) -> Mapping[str, RunFile]:
        """Files among the artifacts of a run, by path."""
        self._ask(workspace)
        self.files_read += [(run, path) for path in paths]
        found = {path: self._files[workspace, run, path] for path in paths if (workspace, run, path) in self._files}
        return {path: _run_file(run, path, content) for path, content in found.items()}

    def code_version(self, workspace: str, job: str) -> str | None:
        """The commit that a job was submitted from."""
        self._ask(workspace)
        self.code_read.append(job)
        return well_formed(self._code.get((workspace, job)))

    def job(self, workspace: str, job: str) -> Job | None:
        """A job; None where there is none."""
        self._ask(workspace)
        return well_formed(self._jobs.get((workspace, job)))

    def versions(self, workspace: str, cursor: str | None) -> Page[Listed]:
        """One page of all versions of a workspace."""
        self._ask(workspace)
        if cursor and not cursor.isdecimal():
            raise DocumentInvalid("The cursor", ["It was not made by this listing: start again without one."])
        own = sorted(promotion for promotion in self.registered if promotion.workspace == workspace)
        end = int(cursor or 0) + self._page_size
        page = own[int(cursor or 0) : end]
        listed = tuple(Listed(promotion, self.registered[promotion].incarnation.created_at) for promotion in page)
        return Page(listed, str(end) if end < len(own) else None)

    def ping(self) -> None:
        """Answer, unless a workspace is unreadable."""
        for workspace in (*self._workspaces, *self.unreadable):
            self._ask(workspace)

    def _ask(self, workspace: str) -> None:
        if workspace in self.unreadable:
            raise Unreadable("azure_ml_unreachable", f"The workspace {workspace} is told to be unreadable.")


def _run_file(run: str, path: str, content: bytes) -> RunFile:
    return RunFile(run, path, len(content), content if len(content) <= LARGEST_FILE else None)


class InMemoryRegistry:
    """The port `Registry`. An import copies from the catalog, is not idempotent, and fails as scripted.

    `imports` lists every import that took effect; `unreadable` holds registries that cannot be read or written;
    `refuses_marks` those that take no tags; `on_share`, when set, runs at the start of an import, outside the lock.
    """

    def __init__(self, catalog: InMemoryCatalog) -> None:
        self.imports: list[tuple[PromotionId, Target]] = []
        self.unreadable: set[str] = set()
        self.refuses_marks: set[str] = set()
        self.on_share: Callable[[PromotionId, Target], None] | None = None
        self._catalog = catalog
        self._lock = RLock()
        self._versions: dict[Target, RegistryVersion] = {}
        self._faults: dict[str, deque[ShareFault]] = defaultdict(deque)
        self._late: list[tuple[PromotionId, Target]] = []

    def script(self, registry: str, *faults: ShareFault) -> None:
        """What the next imports into a registry do, one fault each; after that they work."""
        self._faults[registry].extend(faults)

    def put(self, target: Target, version: RegistryVersion) -> None:
        """Put somebody else's version there, or change ours behind our back."""
        self._versions[target] = version

    def delete(self, target: Target) -> None:
        """Delete a version."""
        del self._versions[target]

    def land_late(self) -> None:
        """Let the imports scripted to land late land now."""
        with self._lock:
            late, self._late = self._late, []
            for promotion, target in late:
                self._copy(promotion, target)

    def read(self, target: Target) -> RegistryVersion | None:
        """Read a registry's version; None where there is none."""
        with self._lock:
            self._ask(target)
            return well_formed(self._versions.get(target))

    def share(self, promotion: PromotionId, target: Target) -> None:
        """Import the version, or do as scripted."""
        if self.on_share is not None:
            self.on_share(promotion, target)
        with self._lock:
            self._ask(target)
            faults = self._faults[target.registry]
            self._import(promotion, target, faults.popleft() if faults else None)

    def mark(self, target: Target, marker: Mapping[str, str]) -> None:
        """Write our tags in place of any that stand there in our name."""
        with self._lock:
            self._ask(target)
            if target.registry in self.refuses_marks:
                raise Refused("azure_ml_refused", f"The registry {target.registry} is told to take no tags.")
            version = self._versions.get(target)
            if version is None:
                raise Refused("azure_ml_refused", f"There is no {target} to mark.")
            self._versions[target] = replace(version, marker=dict(marker))

    def ping(self) -> None:
        """Answer, unless a registry is unreadable."""
        if self.unreadable:
            raise _unreachable(min(self.unreadable))

    def _ask(self, target: Target) -> None:
        if target.registry in self.unreadable:
            raise _unreachable(target.registry)

    def _import(self, promotion: PromotionId, target: Target, fault: ShareFault | None) -> None:
        if fault == "refuse":
            raise Refused("azure_ml_refused", f"The registry {target.registry} is told to refuse {target}.")
        if fault == "lands_late":
            self._late.append((promotion, target))
        if fault in (None, "raise_after"):
            self._copy(promotion, target)
        if fault in ("raise_before", "raise_after", "lands_late"):
            raise Unreadable("azure_ml_unreachable", f"The import of {target} is told to fail with {fault}.")

    def _copy(self, promotion: PromotionId, target: Target) -> None:
        """Registries are written without the workspace's outage: the service copies by itself."""
        version = self._catalog.registered.get(promotion)
        if version is None:
            raise Refused("azure_ml_refused", f"There is no {promotion} to import.")
        if target in self._versions:
            raise Refused("azure_ml_exists", f"{target} exists already, and an import never replaces.")
        asset = f"azureml://registries/{target.registry}/models/{target.name}/versions/{target.version}"
        self._versions[target] = RegistryVersion(asset, version.asset_type, version.flavors, version.artifacts, {})
        self.imports.append((promotion, target))


def _unreachable(registry: str) -> Unreadable:
    return Unreadable("azure_ml_unreachable", f"The registry {registry} is told to be unreachable.")
