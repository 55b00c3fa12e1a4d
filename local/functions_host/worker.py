"""The Python worker: sync functions in a thread pool, async ones on one event loop of their own (worker: dispatcher.py)."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any


class FunctionOverran(Exception):
    """The function did not end in time; the text says how long it had."""


class Worker:
    """Runs the app's code, apart from the host's own loop: a function that blocks stops only other functions.

    Args:
        threads: size of the pool, setting PYTHON_THREADPOOL_THREAD_COUNT; None for min(32, processors + 4).
    """

    def __init__(self, threads: int | None) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="function")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="async-functions", daemon=True)
        self._thread.start()

    async def run(self, call: Callable[..., Any], arguments: dict[str, Any], limit: float | None) -> Any:
        """Call a function and wait for its result.

        A sync function that overruns cannot be stopped inside one process: it is left alone and keeps its thread, where
        the real host restarts the whole worker.

        Raises:
            FunctionOverran: it did not end in `limit` seconds, host.json's functionTimeout.
        """
        if asyncio.iscoroutinefunction(call):
            future: Future[Any] = asyncio.run_coroutine_threadsafe(_start(call, arguments), self._loop)
        else:
            future = self._pool.submit(call, **arguments)
        try:
            async with asyncio.timeout(limit) as clock:
                return await asyncio.wrap_future(future)
        except TimeoutError as error:
            if clock.expired():
                raise FunctionOverran(f"it did not end within functionTimeout, {limit:g} s") from error
            raise

    def close(self) -> None:
        """Stop the loop and let the pool go; functions still running in it are not waited for."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        if not self._thread.is_alive():
            self._loop.close()


async def _start(call: Callable[..., Coroutine[Any, Any, Any]], arguments: dict[str, Any]) -> Any:
    return await call(**arguments)
