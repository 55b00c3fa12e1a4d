"""What runs by the clock. Schedules stand here and not in settings, so that the host starts with none (ADR 0008)."""

import logging
from dataclasses import asdict

import azure.functions as func

from functions.log_line import log_line
from shared import bootstrap
from shared.workflow.collect_metrics import collect_metrics
from shared.workflow.daily_checkpoint import daily_checkpoint
from shared.workflow.find_missed_registrations import find_missed_registrations
from shared.workflow.sweep import sweep

# NCRONTAB with seconds first, in UTC: learn.microsoft.com/azure/azure-functions/functions-bindings-timer
EVERY_MINUTE = "0 * * * * *"
EVERY_FIVE_MINUTES = "15 */5 * * * *"
EVERY_QUARTER = "30 */15 * * * *"
EVERY_NIGHT = "0 0 2 * * *"

triggers = func.Blueprint()
_log = logging.getLogger(__name__)


@triggers.function_name("sweep")
@triggers.timer_trigger(arg_name="timer", schedule=EVERY_MINUTE)
def sweep_worklist(timer: func.TimerRequest) -> None:
    """Wake what is due."""
    _log.info(log_line("sweep", late=timer.past_due, **asdict(sweep(bootstrap.outside()))))


@triggers.function_name("find_missed_registrations")
@triggers.timer_trigger(arg_name="timer", schedule=EVERY_QUARTER)
def find_missed(timer: func.TimerRequest) -> None:
    """Compare workspaces with histories."""
    missed = find_missed_registrations(bootstrap.outside())
    _log.info(log_line("find_missed_registrations", late=timer.past_due, **asdict(missed)))


@triggers.function_name("daily_checkpoint")
@triggers.timer_trigger(arg_name="timer", schedule=EVERY_NIGHT)
def checkpoint(timer: func.TimerRequest) -> None:
    """Protect every history by a checkpoint."""
    _log.info(log_line("daily_checkpoint", late=timer.past_due, **asdict(daily_checkpoint(bootstrap.outside()))))


@triggers.function_name("collect_metrics")
@triggers.timer_trigger(arg_name="timer", schedule=EVERY_FIVE_MINUTES)
def collect(timer: func.TimerRequest) -> None:
    """Read every gauge."""
    unread = collect_metrics(bootstrap.outside())
    _log.log(logging.WARNING if unread else logging.INFO, log_line("metrics", late=timer.past_due, unread=unread))
