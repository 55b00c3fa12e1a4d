"""Queue triggers on a real Azurite, with the real host's tries, poison queue, lease and stop."""

import base64
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.queue import QueueClient

from local.azurite import RunningAzurite
from local.functions_host.backoff import Backoff
from local.functions_host.queue_listener import poison_name
from local.processes import Child, ChildFailed
from tests.local.sample_app import NOTE, SampleApp, wait_for

FAST = "AzureFunctionsJobHost__extensions__queues__"
SOURCE = (
    NOTE
    + """
import typing
app = func.FunctionApp()
STORAGE = "AzureWebJobsStorage"

@app.queue_trigger(arg_name="msg", queue_name="%PREFIX%-work", connection=STORAGE)
def work(msg: func.QueueMessage) -> None:
    body = msg.get_body().decode()
    note("work", body, msg.dequeue_count, msg.id, msg.pop_receipt, str(msg.insertion_time), str(msg.expiration_time))
    if body.startswith("sleep"):
        time.sleep(float(body.split()[1]))
        note("slept", body)
    if body.startswith("fail"):
        raise RuntimeError("as ordered")

@app.queue_trigger(arg_name="msg", queue_name="%PREFIX%-work-poison", connection=STORAGE)
async def poisoned(msg: func.QueueMessage) -> None:
    note("poisoned", msg.get_body().decode())

@app.queue_trigger(arg_name="msg", queue_name="%PREFIX%-off", connection=STORAGE)
def off(msg: func.QueueMessage) -> None:
    note("off", msg.get_body().decode())

@app.queue_trigger(arg_name="msg", queue_name="%PREFIX%-fan", connection=STORAGE)
@app.queue_output(arg_name="out", queue_name="%PREFIX%-work", connection=STORAGE)
def fan(msg: str, out: func.Out[typing.List[str]]) -> None:
    note("fan", msg)
    out.set([f"{msg} {n}" for n in range(3)])
    if msg == "raise":
        raise RuntimeError("nothing is sent")
"""
)


class Queues:
    """The queues of one app on Azurite, whose names share a prefix."""

    def __init__(self, azurite: RunningAzurite, prefix: str) -> None:
        self._azurite = azurite
        self.prefix = prefix

    def client(self, name: str) -> QueueClient:
        return QueueClient.from_connection_string(self._azurite.connection_string, f"{self.prefix}-{name}")

    def send(self, name: str, *texts: str) -> None:
        with self.client(name) as queue:
            for text in texts:
                queue.send_message(text)

    def count(self, name: str) -> int:
        """Messages in the queue, the hidden ones too."""
        with self.client(name) as queue:
            return int(queue.get_queue_properties().approximate_message_count or 0)


def settings(azurite: RunningAzurite, prefix: str, **more: str) -> dict[str, str]:
    return {
        "AzureWebJobsStorage": azurite.connection_string,
        "PREFIX": prefix,
        FAST + "maxPollingInterval": "00:00:00.2",
        FAST + "messageEncoding": "none",
        "AzureWebJobs.off.Disabled": "true",
        **more,
    }


class Bench:
    """The app, its host and its queues."""

    def __init__(self, app: SampleApp, host: Child, queues: Queues) -> None:
        self.app = app
        self.host = host
        self.send = queues.send
        self.count = queues.count
        self.client = queues.client

    def notes(self, kind: str, body: str | None = None) -> list[Any]:
        """What functions wrote down: [time, kind, body, ...]."""
        return [note for note in self.app.seen() if note[1] == kind and body in (None, note[2])]


@pytest.fixture(scope="module")
def bench(azurite: RunningAzurite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    app = SampleApp(tmp_path_factory.mktemp("queue-app"), SOURCE)
    retried_after = {FAST + "visibilityTimeout": "00:00:01"}
    with app.running("--message-lease", "2", **settings(azurite, "main", **retried_after)) as host:
        yield Bench(app, host, Queues(azurite, "main"))


def test_a_message_is_worked_on_once_and_deleted(bench: Bench) -> None:
    bench.send("work", "good")
    wait_for(lambda: bench.notes("work", "good"))
    wait_for(lambda: bench.count("work") == 0)
    _, _, _, count, message_id, receipt, inserted, expires = bench.notes("work", "good")[0]
    assert count == 1
    assert len(message_id) == 36
    assert receipt
    assert inserted.endswith("+00:00")
    assert expires > inserted


def test_a_message_that_always_fails_is_tried_five_times_then_poisoned(bench: Bench) -> None:
    bench.send("work", "fail always")
    wait_for(lambda: bench.notes("poisoned", "fail always"))
    tries = bench.notes("work", "fail always")
    assert [note[3] for note in tries] == [1, 2, 3, 4, 5]
    gaps = [later[0] - earlier[0] for earlier, later in pairwise(tries)]
    assert all(gap > 0.9 for gap in gaps), "each retry waits for host.json's visibilityTimeout"
    wait_for(lambda: bench.count("work") == 0)
    wait_for(lambda: bench.count("work-poison") == 0)


def test_a_long_run_keeps_its_message_hidden(bench: Bench) -> None:
    bench.send("work", "sleep 3.5")
    wait_for(lambda: bench.notes("slept", "sleep 3.5"))
    wait_for(lambda: bench.count("work") == 0)
    assert len(bench.notes("work", "sleep 3.5")) == 1, "the lease of 2 s was renewed"


def test_messages_are_worked_on_at_the_same_time(bench: Bench) -> None:
    bench.send("work", "sleep 1.01", "sleep 1.02", "sleep 1.03")
    bodies = [f"sleep 1.0{n}" for n in (1, 2, 3)]
    wait_for(lambda: all(bench.notes("slept", body) for body in bodies))
    starts = [bench.notes("work", body)[0][0] for body in bodies]
    assert max(starts) - min(starts) < 1


def test_a_disabled_function_is_not_polled(bench: Bench) -> None:
    assert "off" in bench.host.ready["disabled"]
    with pytest.raises(ResourceNotFoundError):
        bench.send("off", "message")


def test_outputs_are_sent_after_success_alone(bench: Bench) -> None:
    bench.send("fan", "spread", "raise")
    wait_for(lambda: all(bench.notes("work", f"spread {n}") for n in range(3)))
    wait_for(lambda: len(bench.notes("fan", "raise")) >= 2)
    assert not [note for note in bench.notes("work") if note[2].startswith("raise")]


def test_a_message_can_be_handed_over_by_the_admin_api(bench: Bench) -> None:
    answer = httpx.post(bench.host.ready["url"] + "/admin/functions/work", json={"input": "by hand"})
    assert answer.status_code == 202
    wait_for(lambda: bench.notes("work", "by hand"))


def test_a_queue_that_vanishes_is_made_again(bench: Bench) -> None:
    with bench.client("fan") as queue:
        queue.delete_queue()

    def sent() -> bool:
        try:
            bench.send("fan", "after")
        except ResourceNotFoundError:
            return False
        return True

    wait_for(sent)
    wait_for(lambda: bench.notes("fan", "after"))


def test_a_stop_waits_for_what_runs_and_receives_nothing_more(azurite: RunningAzurite, tmp_path: Path) -> None:
    app, queues = SampleApp(tmp_path / "app", SOURCE), Queues(azurite, "stop")
    batch = {FAST + "batchSize": "1", FAST + "newBatchThreshold": "0"}
    with app.running(**settings(azurite, "stop", **batch)) as host:
        bench = Bench(app, host, queues)
        bench.send("work", "sleep 1.5", "later")
        wait_for(lambda: bench.notes("work", "sleep 1.5"))
        assert host.stop() == 0
    assert bench.notes("slept", "sleep 1.5")
    assert not bench.notes("work", "later")
    assert bench.count("work") == 1, "the first is deleted, the second waits for the next start"


def test_after_a_kill_the_message_comes_back_and_is_counted(azurite: RunningAzurite, tmp_path: Path) -> None:
    app, queues = SampleApp(tmp_path / "app", SOURCE), Queues(azurite, "kill")
    with app.running("--message-lease", "2", **settings(azurite, "kill")) as host:
        bench = Bench(app, host, queues)
        bench.send("work", "sleep 0.8")
        wait_for(lambda: bench.notes("work", "sleep 0.8"))
        os.kill(host.pid, signal.SIGKILL)
        host.process.wait(5)
    with app.running("--message-lease", "2", **settings(azurite, "kill")):
        wait_for(lambda: bench.notes("slept", "sleep 0.8"))
    assert [note[3] for note in bench.notes("work", "sleep 0.8")] == [1, 2]


def test_base64_is_decoded_and_what_is_not_base64_never_reaches_the_function(
    azurite: RunningAzurite, tmp_path: Path
) -> None:
    app, queues = SampleApp(tmp_path / "app", SOURCE), Queues(azurite, "coded")
    coded = {FAST + "messageEncoding": "base64", FAST + "maxDequeueCount": "2", "AzureWebJobs.poisoned.Disabled": "1"}
    with app.running(**settings(azurite, "coded", **coded)) as host:
        bench = Bench(app, host, queues)
        bench.send("work", base64.b64encode(b"good").decode(), "plain text!")
        bench.send("fan", base64.b64encode(b"spread").decode())
        wait_for(lambda: bench.notes("work", "good") and len(bench.notes("work")) == 4)
        wait_for(lambda: bench.count("work") == 0)
        with bench.client("work-poison") as poison:
            assert [message.content for message in poison.receive_messages()] == ["plain text!"]
    assert not [note for note in bench.notes("work") if note[2].startswith("plain")]


def test_a_poison_queue_has_none_of_its_own_and_a_failure_there_stays_hidden(
    azurite: RunningAzurite, tmp_path: Path
) -> None:
    source = SOURCE.replace('note("poisoned", msg', 'note("poisoned", msg.get_body().decode()); raise ValueError(msg')
    app, queues = SampleApp(tmp_path / "app", source), Queues(azurite, "dead")
    with app.running("--message-lease", "2", **settings(azurite, "dead", **{FAST + "maxDequeueCount": "1"})) as host:
        bench = Bench(app, host, queues)
        bench.send("work-poison", "lost")
        wait_for(lambda: len(bench.notes("poisoned", "lost")) == 2)
        first, second = bench.notes("poisoned", "lost")
        assert second[0] - first[0] > 1.5, "hidden for the whole lease, in spite of visibilityTimeout 0"


def test_an_unreachable_connection_is_told_by_its_setting(tmp_path: Path) -> None:
    app = SampleApp(tmp_path / "app", SOURCE)
    with pytest.raises(ChildFailed, match="the connection AzureWebJobsStorage is not set"), app.running(PREFIX="x"):
        pass
    with pytest.raises(ChildFailed, match="asks for the app setting PREFIX"), app.running():
        pass


def test_the_pause_doubles_up_to_its_maximum_and_ends_with_a_find() -> None:
    backoff = Backoff(2.0)
    pauses = [backoff.next_delay(found=False) for _ in range(8)]
    assert 0.18 <= pauses[0] <= 0.22
    assert pauses == sorted(pauses)
    assert pauses[-1] == 2.0
    assert backoff.next_delay(found=True) == 0.1


def test_names_of_poison_queues() -> None:
    assert poison_name("work") == "work-poison"
    assert poison_name("work-poison") is None
    assert poison_name("w" * 60) is None


def test_blocking_functions_do_not_keep_the_host_from_answering(bench: Bench) -> None:
    bench.send("work", "sleep 1.11", "sleep 1.12")
    wait_for(lambda: bench.notes("work", "sleep 1.12"))
    began = time.monotonic()
    with ThreadPoolExecutor(4) as threads:
        url = bench.host.ready["url"] + "/admin/host/ping"
        assert all(answer.status_code == 200 for answer in threads.map(lambda _: httpx.get(url), range(4)))
    assert time.monotonic() - began < 1
