"""Running the emulator: in a thread for tests, or as a process."""

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from local.azure_ml.app import build_app, build_world
from local.azure_ml.client import Emulator, cloud_metadata, cloud_name
from local.azure_ml.config import EmulatorConfig
from local.azure_ml.world import World
from local.ports import listen
from local.serving import Site, run_until_signal, serving, url_of
from local.tls import Authority, make_authority


@contextlib.contextmanager
def _prepared(config: EmulatorConfig, folder: Path, authority: Authority, port: int) -> Iterator[tuple[Site, World]]:
    """Build the emulator on a listening socket, with its threads running for the length of the block."""
    listener = listen(port)
    try:
        world = build_world(config, folder, url_of(listener, "https"))
        world.writer.start()
        world.events.start()
        try:
            yield Site(build_app(world), listener, authority.issue()), world
        finally:
            world.events.stop()
            world.writer.stop()
    finally:
        listener.close()


@dataclass(frozen=True, slots=True)
class Running:
    """An emulator that runs, and how to reach it.

    Attributes:
        url: ``https://127.0.0.1:<port>``.
        port: where it listens.
        ca_bundle: PEM file for ``REQUESTS_CA_BUNDLE`` and ``SSL_CERT_FILE``.
        control: its control client.
    """

    url: str
    port: int
    ca_bundle: Path
    control: Emulator

    @property
    def cloud(self) -> str:
        """The ``cloud`` argument of ``MLClient``."""
        return cloud_name(self.port)

    @property
    def cloud_metadata(self) -> dict[str, str]:
        """The ``cloud_metadata`` argument of ``MLClient``."""
        return cloud_metadata(self.port)


@contextlib.contextmanager
def running_emulator(config: EmulatorConfig, folder: Path | None = None, port: int = 0) -> Iterator[Running]:
    """Run an emulator in a thread for the length of the block.

    Args:
        config: what it serves.
        folder: where it keeps state, blobs and its CA; a temporary one if absent.
        port: 0 for a free one.

    Raises:
        ConfigError: the folder holds a state that cannot be understood.
        OSError: the port is taken.
    """
    with contextlib.ExitStack() as stack:
        place = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="azure-ml-")))
        authority = make_authority(place / "tls")
        site, _ = stack.enter_context(_prepared(config, place, authority, port))
        stack.enter_context(serving(site))
        control = stack.enter_context(Emulator(site.url, authority.ca_bundle))
        yield Running(site.url, int(site.listener.getsockname()[1]), authority.ca_bundle, control)


def serve(config: EmulatorConfig, folder: Path, authority: Authority, port: int) -> None:
    """Run an emulator until SIGINT or SIGTERM, after printing its ready line.

    Raises:
        ConfigError: the folder holds a state that cannot be understood.
        OSError: the port is taken.
    """
    with _prepared(config, folder, authority, port) as (site, _):
        taken = int(site.listener.getsockname()[1])
        ready = {"url": site.url, "port": taken, "ca_bundle": str(authority.ca_bundle)}
        run_until_signal([site], {**ready, "cloud": cloud_name(taken), "cloud_metadata": cloud_metadata(taken)})
