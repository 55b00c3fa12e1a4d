"""Several runs at a time: most of a run is waiting, and two cores are enough for a few."""

import queue
import threading
from collections.abc import Callable, Iterable
from typing import TypeVar

from local.faults.emulator import WatchedEmulator
from local.faults.estate import Estate

Job = TypeVar("Job")
Result = TypeVar("Result")


def in_lanes(
    estate: Estate, jobs: Iterable[Job], run: Callable[[WatchedEmulator, Job], Result], done: Callable[[int], None]
) -> list[Result]:
    """Run every job on some lane, each lane one at a time; results come in no order.

    `done` is told how many have ended. What a job raises is raised here, after the others have ended.
    """
    waiting: queue.SimpleQueue[Job] = queue.SimpleQueue()
    for job in jobs:
        waiting.put(job)
    results: list[Result] = []
    raised: list[BaseException] = []

    def work(lane: WatchedEmulator) -> None:
        while not raised:
            try:
                job = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                results.append(run(lane, job))
            except BaseException as error:  # noqa: BLE001 - raised below, in the thread that asked
                raised.append(error)
            done(len(results))

    threads = [threading.Thread(target=work, args=(lane,), name=f"lane-{n}") for n, lane in enumerate(estate.lanes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if raised:
        raise raised[0]
    return results
