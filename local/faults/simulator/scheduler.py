"""Tasks that run one at a time under a virtual clock: which one goes on, and when, follows from one seed alone.

A task is a greenlet: it gives up control at every port call, and can be stopped there for good, as a process is that
dies. Nothing here sleeps and nothing runs in parallel.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from greenlet import GreenletExit, getcurrent, greenlet  # type: ignore[import-untyped]

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@dataclass(slots=True, eq=False)
class Task:
    """One call into the use cases. `error` is what it raised; `crashed` is whether its process died.

    `owner` is the instance it runs on; `began` the step at which it was started; `doomed` that its process dies now.
    """

    number: int
    what: str
    subject: str
    began: int
    wake_at: datetime
    run: Any = None
    parent: "Task | None" = None
    children: "list[Task]" = field(default_factory=list)
    done: bool = False
    crashed: bool = False
    doomed: bool = False
    owner: Any = None
    error: BaseException | None = None
    then: "Callable[[Task], None] | None" = None

    @property
    def root(self) -> "Task":
        """The task whose process this one runs in."""
        return self.parent.root if self.parent else self

    def __str__(self) -> str:
        return f"#{self.root.number} {self.what} {self.subject}"


class Scheduler:
    """Runs tasks step by step. `now` is the virtual time, `steps` counts how often a task went on."""

    def __init__(self) -> None:
        self.now = START
        self.steps = 0
        self.tasks: list[Task] = []
        self.current: Task | None = None
        self._agenda: list[tuple[datetime, int, Callable[[], None]]] = []
        self._main = getcurrent()
        self._numbers = 0

    def start(
        self,
        what: str,
        subject: str,
        call: Callable[[], Any],
        then: Callable[[Task], None] | None = None,
        parent: Task | None = None,
        owner: Any = None,
    ) -> Task:
        """A new task, to be run from its next turn on; `then` is told when it has ended, however it did."""
        self._numbers += 1
        task = Task(self._numbers, what, subject, self.steps, self.now, then=then, parent=parent, owner=owner)
        task.run = greenlet(lambda: self._body(task, call), parent=self._main)
        self.tasks.append(task)
        return task

    def pause(self, span: timedelta = timedelta(0)) -> None:
        """Called by a task: let others go on, for at least `span`."""
        task = self.current
        if task is None:
            return  # the simulation itself looks at something
        if span:
            task.wake_at = self.now + span
        self._main.switch()

    def die(self) -> None:
        """Called by a task: its process dies here, and nothing of it happens after."""
        if self.current is None:
            return
        self.current.root.doomed = True
        self._main.switch()

    def call_apart(self, call: Callable[[], None], limit: timedelta) -> bool:
        """`shared.workflow.call_apart` in virtual time: a task of the same process, waited for until `limit`."""
        task = self.current
        if task is None:
            raise RuntimeError("Only a task makes calls apart.")
        child = self.start("call apart", task.subject, call, parent=task)
        task.children.append(child)
        end = self.now + limit
        while not child.done and self.now < end:
            task.wake_at = end
            self._main.switch()
        return child.done

    def runnable(self) -> list[Task]:
        """The tasks that can go on now."""
        return [task for task in self.tasks if task.wake_at <= self.now]

    def step(self, task: Task) -> None:
        """Let one task go on until its next pause."""
        self.steps += 1
        self.current = task
        try:
            task.run.switch()
        finally:
            self.current = None
        if task.root.doomed:
            self.crash(task)
        elif task.run.dead:
            self._ended(task)

    def crash(self, task: Task) -> None:
        """The process of a task dies, with everything in it."""
        for each in (task.root, *task.root.children):
            if each in self.tasks:
                each.crashed = True
                each.run.throw(GreenletExit)
                self._ended(each)

    def later(self, at: datetime, call: Callable[[], None]) -> None:
        """Let something outside of all tasks happen at `at`."""
        self._numbers += 1
        heapq.heappush(self._agenda, (at, self._numbers, call))

    def next_wake(self) -> datetime | None:
        """When the next sleeping task goes on, or the next thing outside of them happens."""
        wakes = [task.wake_at for task in self.tasks]
        if self._agenda:
            wakes.append(self._agenda[0][0])
        return min(wakes, default=None)

    def go_to(self, at: datetime) -> None:
        """Let time pass, and what was to happen until then."""
        while self._agenda and self._agenda[0][0] <= at:
            due, _, call = heapq.heappop(self._agenda)
            self.now = max(self.now, due)
            call()
        self.now = max(self.now, at)

    def _body(self, task: Task, call: Callable[[], Any]) -> None:
        try:
            call()
        except Exception as error:  # noqa: BLE001 - whoever started the task judges what it raised
            task.error = error

    def _ended(self, task: Task) -> None:
        task.done = True
        if task in self.tasks:
            self.tasks.remove(task)
        if task.parent is not None and not task.parent.done:
            task.parent.wake_at = self.now
        if task.then is not None:
            task.then(task)
