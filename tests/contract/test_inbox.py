"""Bad input is kept and counted, and a webhook id is answered once (invariant 10)."""

from datetime import timedelta

import pytest

from shared.domain.errors import CommandRefused, DocumentInvalid
from shared.ports import Quarantined, Replay
from tests.contract.stores import AT, Stores

LATER = AT + timedelta(minutes=1)


def test_a_message_is_kept_as_it_came(stores: Stores) -> None:
    known = stores.quarantine.put("model-events", "no JSON", b"\x00\xff'", AT)
    assert stores.quarantine.get(known) == Quarantined(known, "model-events", "no JSON", b"\x00\xff'", 1, AT, AT)


def test_the_same_message_again_is_counted(stores: Stores) -> None:
    first = stores.quarantine.put("model-events", "no JSON", b"x", AT)
    assert stores.quarantine.put("model-events", "still none", b"x", LATER) == first
    message = stores.quarantine.get(first)
    assert message is not None
    assert (message.count, message.first_at, message.last_at, message.reason) == (2, AT, LATER, "still none")


def test_the_same_body_from_elsewhere_is_another_message(stores: Stores) -> None:
    ids = {stores.quarantine.put(source, "why", b"x", AT) for source in ("model-events", "promotions", "push")}
    assert len(ids) == 3


@pytest.mark.parametrize("size", [0, 48 * 1024, 48 * 1024 + 1, 300_000])
def test_a_message_of_any_size_is_kept(stores: Stores, size: int) -> None:
    known = stores.quarantine.put("push", "too long", b"\xe9" * size, AT)
    message = stores.quarantine.get(known)
    assert message is not None
    assert message.body == b"\xe9" * size


def test_replays_are_noted_and_the_message_stays(stores: Stores) -> None:
    known = stores.quarantine.put("push", "why", b"x", AT)
    stores.quarantine.note_replay(known, LATER, "ada", "d" * 64)
    stores.quarantine.note_replay(known, LATER, "bob", "e" * 64)
    message = stores.quarantine.get(known)
    assert message is not None
    assert message.replays == ((LATER, "ada", "d" * 64), (LATER, "bob", "e" * 64))
    assert message.count == 1


@pytest.mark.parametrize("id", ["0" * 64, "no/such?id#", "", "' or '1' eq '1"])
def test_what_is_not_there_is_not_there(stores: Stores, id: str) -> None:
    assert stores.quarantine.get(id) is None
    with pytest.raises(CommandRefused, match="no message"):
        stores.quarantine.note_replay(id, AT, "ada", "d" * 64)


def test_messages_are_paged_newest_first(stores: Stores) -> None:
    ids = [stores.quarantine.put("push", "why", bytes([n]), AT + timedelta(seconds=n)) for n in range(7)]
    found: list[str] = []
    cursor = None
    for _ in range(4):
        page = stores.quarantine.page(2, cursor)
        found += [message.id for message in page.items]
        cursor = page.cursor
    assert found == list(reversed(ids))
    assert cursor is None
    with pytest.raises(DocumentInvalid, match="cursor"):
        stores.quarantine.page(2, "x")


def test_a_webhook_id_is_new_once(stores: Stores) -> None:
    assert stores.replay_ids.begin("teams", "msg_1/#?", "d" * 64, AT) is None
    assert stores.replay_ids.begin("teams", "msg_1/#?", "e" * 64, LATER) == Replay("d" * 64, None)
    assert stores.replay_ids.begin("slack", "msg_1/#?", "e" * 64, AT) is None


def test_a_known_webhook_id_is_answered_the_same(stores: Stores) -> None:
    stores.replay_ids.begin("teams", "msg_1", "d" * 64, AT)
    stores.replay_ids.finish("teams", "msg_1", 409, '{"detail": "é"}' + " " * 40_000)
    known = stores.replay_ids.begin("teams", "msg_1", "d" * 64, LATER)
    assert known == Replay("d" * 64, (409, '{"detail": "é"}' + " " * 40_000))


def test_old_webhook_ids_are_forgotten(stores: Stores) -> None:
    for number in range(5):
        stores.replay_ids.begin("teams" if number % 2 else "slack", str(number), "d" * 64, AT + timedelta(hours=number))
    assert stores.replay_ids.forget(AT + timedelta(hours=3)) == 3
    assert stores.replay_ids.begin("slack", "0", "e" * 64, AT) is None
    assert stores.replay_ids.begin("teams", "3", "e" * 64, AT) == Replay("d" * 64, None)
