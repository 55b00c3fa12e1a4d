"""Azure ML twice: in memory, and as the real adapters find it on the emulator. Contract suites run on both."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from shared.adapters.memory import InMemoryCatalog, InMemoryRegistry
from shared.domain.evidence import Artifact, ModelVersion, RegistryVersion, Run, Series
from shared.domain.ids import Incarnation, PromotionId, Target
from shared.ports import ModelCatalog, Registry
from tests.emulated import RISK, Estate, emulated

WORKSPACE = "risk-dev"
REGISTRY = "contoso-shared"
BEGIN = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)


class World(Protocol):
    """What a case can do to an Azure ML, and the ports it is then seen through."""

    @property
    def catalog(self) -> ModelCatalog:
        """The workspaces."""

    @property
    def registry(self) -> Registry:
        """The registries."""

    def register(self, promotion: PromotionId, files: Mapping[str, str], tags: Mapping[str, str]) -> None:
        """Register a version."""

    def register_again(self, promotion: PromotionId) -> None:
        """Delete a number and register it again."""

    def put_in_registry(self, target: Target, files: Mapping[str, str]) -> None:
        """Put somebody else's version into a registry."""

    def log_run(self, metrics: Mapping[str, str], tags: Mapping[str, str], *, ended: bool) -> str:
        """Log a run; returns its id."""

    def put_file(self, run: str, path: str, content: bytes) -> None:
        """Put a file among the artifacts of a run."""

    def break_workspace(self) -> None:
        """Make the workspace unreadable."""

    def break_registry(self) -> None:
        """Make the registries unreadable and unwritable."""

    def refuse_marks(self) -> None:
        """Make the registries refuse tags for good."""


class InMemory:
    """A World in memory."""

    def __init__(self) -> None:
        self.catalog = InMemoryCatalog((WORKSPACE,), page_size=3)
        self.registry = InMemoryRegistry(self.catalog)
        self._made = 0

    def register(self, promotion: PromotionId, files: Mapping[str, str], tags: Mapping[str, str]) -> None:
        self._made += 1
        incarnation = Incarnation(f"asset/{promotion}", BEGIN + timedelta(seconds=self._made))
        version = ModelVersion(incarnation, "Ann", dict(tags), {}, None, "custom_model", (), _artifacts(files))
        self.catalog.put(promotion, version)

    def register_again(self, promotion: PromotionId) -> None:
        self._made += 1
        self.catalog.reregister(promotion, BEGIN + timedelta(seconds=self._made))

    def put_in_registry(self, target: Target, files: Mapping[str, str]) -> None:
        self.registry.put(target, RegistryVersion(f"asset/{target}", "custom_model", (), _artifacts(files), {}))

    def log_run(self, metrics: Mapping[str, str], tags: Mapping[str, str], *, ended: bool) -> str:
        self._made += 1
        run, status = f"run-{self._made}", "Completed" if ended else "Running"
        model = tags.get("evaluated_model")
        if "mlflow.source.git.commit" in tags:
            self.catalog.put_code(WORKSPACE, run, tags["mlflow.source.git.commit"])
        for metric, value in metrics.items():
            self.catalog.put_series(WORKSPACE, run, metric, Series((value,)))
        self.catalog.put_run(WORKSPACE, Run(run, status, metrics, "Ann", BEGIN if ended else None, None, model))
        self.catalog.put_job(WORKSPACE, run, status, "Ann")
        return run

    def put_file(self, run: str, path: str, content: bytes) -> None:
        self.catalog.put_file(WORKSPACE, run, path, content)

    def break_workspace(self) -> None:
        self.catalog.unreadable.add(WORKSPACE)

    def break_registry(self) -> None:
        self.registry.unreadable.add(REGISTRY)

    def refuse_marks(self) -> None:
        self.registry.refuses_marks.add(REGISTRY)


class Emulated:
    """A World on the emulator."""

    def __init__(self, estate: Estate) -> None:
        self._estate = estate
        self.catalog = estate.catalog
        self.registry = estate.registry

    def register(self, promotion: PromotionId, files: Mapping[str, str], tags: Mapping[str, str]) -> None:
        self._estate.register(promotion.name, promotion.version, files=dict(files), tags=dict(tags))

    def register_again(self, promotion: PromotionId) -> None:
        self._estate.running.control.models("reregister", promotion.name, promotion.version, workspace=RISK.name)

    def put_in_registry(self, target: Target, files: Mapping[str, str]) -> None:
        self._estate.put_in(target.registry, target.name, target.version, files=dict(files))

    def log_run(self, metrics: Mapping[str, str], tags: Mapping[str, str], *, ended: bool) -> str:
        return self._estate.log_run(metrics=metrics, tags=tags, **({"status": "FINISHED"} if ended else {}))

    def put_file(self, run: str, path: str, content: bytes) -> None:
        self._estate.put_file(run, path, content)

    def break_workspace(self) -> None:
        self._estate.fault("status", "workspace_read", code=503, times=-1)
        self._estate.fault("status", "mlflow", code=503, times=-1)

    def break_registry(self) -> None:
        for operation in ("discovery", "registry_read", "registry_write"):
            self._estate.fault("status", operation, code=503, times=-1)

    def refuse_marks(self) -> None:
        self._estate.fault("status", "registry_write", code=409, times=-1)


@contextmanager
def world(kind: str, folder: Path) -> Iterator[World]:
    """A fresh world, `memory` or `emulator`."""
    if kind == "memory":
        yield InMemory()
        return
    with emulated(folder) as estate:
        yield Emulated(estate)


def _artifacts(files: Mapping[str, str]) -> tuple[Artifact, ...]:
    return tuple(sorted(Artifact(path, len(content.encode()), None) for path, content in files.items()))
