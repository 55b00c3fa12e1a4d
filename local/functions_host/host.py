"""The whole host: reads the app, starts its triggers, serves, and stops without losing what runs."""

import asyncio
import hashlib
import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from azure.core.exceptions import AzureError
from azure.storage.queue import QueueClient

from local.functions_host.admin import AdminApi
from local.functions_host.app_settings import expand
from local.functions_host.event_grid_webhook import EventGridWebhook
from local.functions_host.front import Front
from local.functions_host.functions import AppRefused, Function
from local.functions_host.host_json import HostJson, read_host_json
from local.functions_host.indexing import index_app
from local.functions_host.invocation import Invoker
from local.functions_host.keys import Keys
from local.functions_host.outputs import QueueOutputs
from local.functions_host.queue_listener import DEFAULT_LEASE, QueueListener, create_queue, poison_name
from local.functions_host.routes import Routes
from local.functions_host.schedules import Schedule
from local.functions_host.storage import DEFAULT_CONNECTION, blob_service, queue_service
from local.functions_host.timer_listener import TimerListener, schedule_of, zone_of
from local.functions_host.timer_status import TimerMonitor
from local.functions_host.worker import Worker

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class App:
    """An app that has passed every check.

    Attributes:
        folder: where function_app.py and host.json are.
        settings: its app settings.
        host_json: what host.json says.
        functions: all of them, the disabled ones too.
        routes: of the http functions.
        schedules: of the timer functions, by name.
    """

    folder: Path
    settings: Mapping[str, str]
    host_json: HostJson
    functions: list[Function]
    routes: Routes
    schedules: dict[str, Schedule]

    def triggered_by(self, trigger: str) -> list[Function]:
        """The functions of one trigger type that are not disabled."""
        return [function for function in self.functions if function.trigger.type == trigger and not function.disabled]


def read_app(folder: Path, settings: Mapping[str, str]) -> App:
    """Import the app in `folder` and check it. Once per process.

    Raises:
        AppRefused: with every fault found.
    """
    host_json = read_host_json(folder / "host.json", settings)
    functions = index_app(folder, settings)
    faults: list[str] = []
    schedules: dict[str, Schedule] = {}
    for function in functions:
        try:
            if function.trigger.type == "timerTrigger":
                schedules[function.name] = schedule_of(function, settings)
            if function.trigger.type == "queueTrigger":
                expand(function.trigger.text("queueName"), settings)
        except (ValueError, KeyError) as error:
            faults.append(str(error.args[0]))
    if faults:
        raise AppRefused(faults)
    return App(folder, settings, host_json, functions, Routes(functions, host_json.route_prefix), schedules)


class FunctionsHost:
    """A running app; made and used inside one event loop.

    Args:
        app: the app.
        keys: who may call what.
        lease: seconds that a received queue message is hidden, 10 minutes in the real host.

    Raises:
        AppRefused: a connection is not set, or a queue cannot be made.
    """

    def __init__(self, app: App, keys: Keys, lease: float = DEFAULT_LEASE) -> None:
        self._app = app
        self._lease = lease
        threads = app.settings.get("PYTHON_THREADPOOL_THREAD_COUNT", "")
        self._worker = Worker(int(threads) if threads.isdigit() and int(threads) else None)
        self._outputs = QueueOutputs(app.settings, base64_text=app.host_json.queues.base64)
        self.invoker = Invoker(self._worker, self._outputs, app.folder, app.host_json.function_timeout, {})
        self._io = ThreadPoolExecutor(2 + 2 * len(app.functions), thread_name_prefix="storage")
        self._queues: list[QueueClient] = []
        self._monitor: TimerMonitor | None = None
        self._admin = AdminApi(app.functions, keys, self.invoker, self._host_id())
        self._listeners: list[QueueListener | TimerListener] = [*self._queue_listeners(), *self._timer_listeners()]
        self._tasks: list[asyncio.Task[None]] = []
        self.front = Front(
            app.routes,
            keys,
            self._admin,
            EventGridWebhook(app.triggered_by("eventGridTrigger"), self.invoker),
            self.invoker,
            homepage=app.settings.get("AzureWebJobsDisableHomepage", "").lower() != "true",
        )

    def start(self) -> None:
        """Start to listen to queues and timers."""
        self._tasks = [asyncio.create_task(listener.run()) for listener in self._listeners]

    async def wait_for_fault(self) -> None:
        """Return when a listener has ended although nobody stopped it, which is a fault of this host; raises its error."""
        if not self._tasks:
            await asyncio.Event().wait()
        done, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()

    def stop_receiving(self) -> None:
        """Take on no more queue messages and timer runs."""
        for listener in self._listeners:
            listener.stop()

    async def finish(self) -> None:
        """Wait until everything taken on has been worked off."""
        await asyncio.gather(*self._tasks, self._admin.finish())

    def close(self) -> None:
        """Let go of threads and clients."""
        self._worker.close()
        self._io.shutdown(wait=False, cancel_futures=True)
        for queue in self._queues:
            queue.close()
        if self._monitor is not None:
            self._monitor.close()
        self._outputs.close()

    def _queue_listeners(self) -> list[QueueListener]:
        return [self._queue_listener(function) for function in self._app.triggered_by("queueTrigger")]

    def _queue_listener(self, function: Function) -> QueueListener:
        name = expand(function.trigger.text("queueName"), self._app.settings).lower()
        service = queue_service(function.trigger.text("connection"), self._app.settings)
        queue, poison = service.get_queue_client(name), poison_name(name)
        try:
            create_queue(queue)
        except AzureError as error:
            raise AppRefused([f"{function.name}: the queue {name} cannot be made or reached: {error}"]) from error
        poisoned = service.get_queue_client(poison) if poison else None
        self._queues += [queue, poisoned] if poisoned else [queue]
        options = self._app.host_json.queues
        return QueueListener(function, queue, poisoned, options, self.invoker, self._io, self._lease)

    def _timer_listeners(self) -> list[TimerListener]:
        timers = self._app.triggered_by("timerTrigger")
        if timers and any(name.lower().startswith(DEFAULT_CONNECTION.lower()) for name in self._app.settings):
            self._monitor = TimerMonitor(blob_service(DEFAULT_CONNECTION, self._app.settings), self._host_id())
        elif timers:
            _log.warning(
                "%s is not set: runs that timers miss while this host is down are not noticed", DEFAULT_CONNECTION
            )
        try:
            zone = zone_of(self._app.settings)
        except ValueError as error:
            raise AppRefused([str(error)]) from error
        return [TimerListener(f, self._app.schedules[f.name], zone, self.invoker, self._monitor) for f in timers]

    def _host_id(self) -> str:
        """Keeps apps of one storage account apart (host: ScriptHostIdProvider.cs; the override is its setting)."""
        given = self._app.settings.get("AzureFunctionsWebHost__hostid")
        return given or "laptop-" + hashlib.sha256(str(self._app.folder).encode()).hexdigest()[:16]
