"""Command line of the Functions host."""

import argparse
import asyncio
import logging
import os
import signal
import sys
from pathlib import Path
from socket import socket
from typing import NoReturn

from local.functions_host.app_settings import settings_of_file
from local.functions_host.functions import AppRefused
from local.functions_host.host import App, FunctionsHost, read_app
from local.functions_host.keys import Keys, read_keys
from local.functions_host.queue_listener import DEFAULT_LEASE
from local.ports import listen
from local.serving import Server, Site, print_ready, server_of

_log = logging.getLogger("local.functions_host")


def main() -> int:
    """Run an app until SIGINT or SIGTERM. 0 after a whole stop, 1 if work was cut off, 2 if the app was refused."""
    options = _parser().parse_args()
    logging.basicConfig(
        level=options.log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr
    )
    logging.getLogger("azure").setLevel(logging.WARNING)  # its request log is longer than everything else together
    try:
        app, keys = _read(options)
        listener = listen(options.port)
    except (AppRefused, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    try:
        finished = asyncio.run(_run(app, keys, listener, options))
    except AppRefused as error:
        print(error, file=sys.stderr)
        return 2
    return _leave(finished=finished)


def _leave(*, finished: bool) -> NoReturn:
    """End without waiting for threads: those of functions that never end, or of storage that does not answer."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0 if finished else 1)


def _read(options: argparse.Namespace) -> tuple[App, Keys]:
    if options.settings is not None:
        for name, value in settings_of_file(options.settings).items():
            os.environ.setdefault(name, value)
    os.environ.setdefault("FUNCTIONS_WORKER_RUNTIME", "python")
    keys = read_keys(options.keys.resolve() if options.keys else None)
    folder: Path = options.app_dir.resolve()
    if not folder.is_dir():
        raise AppRefused([f"{folder} is no folder"])
    os.chdir(folder)  # where the worker starts the app
    return read_app(folder, os.environ), keys


async def _run(app: App, keys: Keys, listener: socket, options: argparse.Namespace) -> bool:
    """Whether no part ended by itself; does not return if something could not be finished."""
    host = FunctionsHost(app, keys, options.message_lease)
    site = Site(host.front, listener)
    server = server_of(site, grace=options.stop_after)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    host.start()
    serving = asyncio.create_task(server.serve([listener]))
    print_ready(
        {
            "url": site.url,
            "pid": os.getpid(),
            "keys_required": not keys.open,
            "functions": sorted(function.name for function in app.functions if not function.disabled),
            "disabled": sorted(function.name for function in app.functions if function.disabled),
        }
    )
    fault = asyncio.create_task(host.wait_for_fault())
    await asyncio.wait([asyncio.create_task(stop.wait()), serving, fault], return_when=asyncio.FIRST_COMPLETED)
    faulty = next((task for task in (fault, serving) if task.done()), None)
    if faulty is not None:
        _log.error("a part of this host ended although nobody stopped it", exc_info=faulty.exception())
    if not await _stop(host, server, serving, options.stop_after):
        _leave(finished=False)  # not after `asyncio.run`: it joins threads, and these wait for storage that is gone
    return faulty is None


async def _stop(host: FunctionsHost, server: Server, serving: "asyncio.Task[None]", within: float) -> bool:
    _log.info("stopping: nothing more is received; waiting for %d invocations", len(host.invoker.running))
    host.stop_receiving()
    server.should_exit = True
    try:
        async with asyncio.timeout(within):
            await asyncio.gather(serving, host.finish(), return_exceptions=True)
    except TimeoutError:
        _log.error("stopped although these still ran after %g s: %s", within, ", ".join(host.invoker.running.values()))
        return False
    host.close()
    return True


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.functions_host", description=__doc__)
    parser.add_argument("app_dir", type=Path, help="folder of function_app.py and host.json")
    parser.add_argument("--port", type=int, default=7071, help="0 takes a free one, named in the ready line")
    parser.add_argument(
        "--keys", type=Path, help="JSON file of access keys, made if absent; without it no key is asked"
    )
    parser.add_argument("--settings", type=Path, help="local.settings.json; the environment wins over its Values")
    parser.add_argument(
        "--message-lease", type=float, default=DEFAULT_LEASE, help="seconds a received message is hidden"
    )
    parser.add_argument(
        "--stop-after", type=float, default=60.0, help="seconds to wait for running functions at the end"
    )
    parser.add_argument("--log-level", default="INFO", type=str.upper)
    return parser


if __name__ == "__main__":
    sys.exit(main())
