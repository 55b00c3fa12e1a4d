"""A timer trigger: waits, fires, never overlaps itself (timers: Listener/TimerListener.cs)."""

import asyncio
import json
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from azure.functions.meta import Datum

from local.functions_host.app_settings import expand
from local.functions_host.functions import Function
from local.functions_host.invocation import InvocationFailed, Invoker
from local.functions_host.schedules import Schedule, parse_schedule
from local.functions_host.timer_status import TimerMonitor, TimerStatus

_LEAST_MONITORED = timedelta(minutes=1)
_CLOCK_TOLERANCE = timedelta(seconds=1)
_LONGEST_SLEEP = 600.0
_log = logging.getLogger(__name__)


class TimerListener:
    """Fires one function on its schedule until it is stopped.

    Args:
        function: the function to fire.
        schedule: when.
        zone: whose wall clock the schedule means; None for this machine's.
        invoker: runs the function; a failed run does not stop the schedule.
        monitor: remembers runs over restarts; None where useMonitor is false or the pause is under a minute.
    """

    def __init__(
        self,
        function: Function,
        schedule: Schedule,
        zone: tzinfo | None,
        invoker: Invoker,
        monitor: TimerMonitor | None,
    ) -> None:
        self._function = function
        self._schedule = schedule
        self._zone = zone
        self._invoker = invoker
        self._monitor = monitor if is_monitored(function, schedule, self._now()) else None
        self._stopping = asyncio.Event()
        self._status = TimerStatus(None, None, None)

    def stop(self) -> None:
        """Fire no more; a run under way is worked off."""
        self._stopping.set()

    async def run(self) -> None:
        """Fire when due until stopped."""
        past_due = await self._is_past_due()
        if past_due or self._function.trigger.fields.get("runOnStartup"):
            await self._fire(past_due=past_due)
        after = self._now()
        while (due := self._schedule.next_after(after)) is not None:
            if await self._stopped_before(due):
                return
            await self._fire(past_due=False)
            after = self._now()
            if due - _CLOCK_TOLERANCE < after < due:  # woken a little early: not the same run again
                after = due
        await self._stopping.wait()

    async def _is_past_due(self) -> bool:
        """Whether a run was missed while no host ran; a timer seen for the first time was not."""
        if self._monitor is None:
            return False
        now, kept = self._now(), await asyncio.to_thread(self._monitor.read, self._function.name)
        if kept is None:
            await self._keep(TimerStatus(None, self._schedule.next_after(now), now))
            return False
        self._status = kept
        since = kept.last or kept.last_updated or now
        due = self._schedule.next_after(since)
        return due is not None and due < now

    async def _fire(self, *, past_due: bool) -> None:
        began = self._now()
        try:
            await self._invoker.invoke(self._function, timer_datum(past_due=past_due, status=self._status))
        except InvocationFailed:
            _log.info("%s: goes on with its schedule", self._function.name)
        await self._keep(TimerStatus(began, self._schedule.next_after(self._now()), began))

    async def _keep(self, status: TimerStatus) -> None:
        self._status = status
        if self._monitor is not None:
            await asyncio.to_thread(self._monitor.write, self._function.name, status)

    def _now(self) -> datetime:
        return datetime.now(self._zone).replace(tzinfo=None)

    async def _stopped_before(self, due: datetime) -> bool:
        """Wait until the wall clock shows `due`, looking again now and then because summer time moves it."""
        while (left := (due - self._now()).total_seconds()) > 0:
            if await _wait(self._stopping, min(left, _LONGEST_SLEEP)):
                return True
        return self._stopping.is_set()


def schedule_of(function: Function, settings: Mapping[str, str]) -> Schedule:
    """The schedule of a timer function, with `%SETTING%` replaced.

    Raises:
        ValueError: it cannot be read; the text names the function.
    """
    text = function.trigger.text("schedule")
    try:
        return parse_schedule(expand(text, settings))
    except (ValueError, KeyError) as error:
        raise ValueError(f"{function.name}: {error.args[0]}") from error


def zone_of(settings: Mapping[str, str]) -> tzinfo | None:
    """The zone that WEBSITE_TIME_ZONE names; None, this machine's zone (and `TZ`), if it names none.

    Raises:
        ValueError: no such zone.
    """
    name = settings.get("WEBSITE_TIME_ZONE")
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"WEBSITE_TIME_ZONE: {name} is no time zone, such as Europe/Berlin") from error


def is_monitored(function: Function, schedule: Schedule, now: datetime) -> bool:
    """Whether runs are remembered: unless useMonitor is false, or they come more often than once a minute."""
    first = schedule.next_after(now)
    second = schedule.next_after(first) if first else None
    often = first is not None and second is not None and second - first < _LEAST_MONITORED
    return function.trigger.fields.get("useMonitor") is not False and not often


def timer_datum(*, past_due: bool, status: TimerStatus | None = None) -> Datum:
    """What the function's TimerRequest is decoded from."""
    kept = status.as_json() if status and status.last_updated else None
    return Datum(
        json.dumps({"IsPastDue": past_due, "ScheduleStatus": kept, "Schedule": {"AdjustForDST": True}}), "json"
    )


async def _wait(event: asyncio.Event, seconds: float) -> bool:
    """Whether the event came within `seconds`."""
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False
