"""The machinery around one promotion notices what must not happen."""

import signal
from collections.abc import Iterator

import pytest
from azure.storage.queue import QueueClient

from local.faults.estate import Estate, running_estate
from local.faults.trial import Trial, WorkersDie


@pytest.fixture(scope="module")
def estate() -> Iterator[Estate]:
    with running_estate(1) as running:
        yield running


def test_workers_that_end_by_themselves_are_no_crashes_to_be_survived(estate: Estate) -> None:
    with Trial(estate, estate.lanes[0], waits={"LEASE": 0.1}) as trial:
        trial.announce()

        with pytest.raises(WorkersDie, match=r"cannot start: DocumentInvalid.*LEASE"):
            trial.until(lambda case: case.status == "blocked", "anything")


def test_a_worker_that_ends_by_itself_has_crashed_and_one_that_was_shot_has_not(estate: Estate) -> None:
    with Trial(estate, estate.lanes[0]) as trial:
        trial.worker()
        trial.shoot()
        assert trial.ask("sweep") is None
        assert (trial.shots, trial.crashes) == (1, [])

        trial.worker().signal(signal.SIGKILL)
        assert trial.ask("sweep") is None
        assert (trial.shots, trial.crashes) == (1, ["a worker ended by itself"])


def test_an_event_that_was_taken_and_stands_nowhere_is_lost(estate: Estate) -> None:
    with Trial(estate, estate.lanes[0]) as trial:
        trial.register()
        _take(trial)
        trial.troubles.append("a storm")

        trial.until(lambda case: case.status == "awaiting_approval", "the missed event to be found")

        assert trial.lost == ["the event ModelRegistered"]


def test_an_event_that_was_set_aside_is_not_lost(estate: Estate) -> None:
    with Trial(estate, estate.lanes[0]) as trial:
        trial.register()
        with QueueClient.from_connection_string(trial.account.direct, "model-events-poison") as poison:
            poison.send_message(_take(trial))
        trial.troubles.append("a storm")

        trial.until(lambda case: case.status == "awaiting_approval", "the missed event to be found")

        assert trial.lost == []


def _take(trial: Trial) -> str:
    """The message of the event, taken out of its queue with nothing done about it."""
    with QueueClient.from_connection_string(trial.account.direct, "model-events") as queue:
        message = queue.receive_message()
        assert message is not None
        queue.delete_message(message)
    return str(message.content)
