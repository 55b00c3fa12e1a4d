"""A signature proves sender, bytes and time, and anything malformed is refused like a wrong one."""

import base64
import hashlib
import hmac
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.web.signatures import Received, decode_key, sign, verified_id

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
KEY = b"0123456789abcdef01234567"
OTHER = b"fedcba9876543210fedcba98"
BODY = b'{"promotion": "risk-dev:fraud-detector:7"}'
TOLERANCE = timedelta(seconds=300)


def verify(headers: dict[str, str], body: bytes = BODY, keys: tuple[bytes, ...] = (KEY,), now: datetime = NOW) -> Any:
    return verified_id(Received(headers, body), keys, now, TOLERANCE)


def signed(**changes: str) -> dict[str, str]:
    return {**sign(KEY, "msg_1", NOW, BODY), **{name.replace("_", "-"): text for name, text in changes.items()}}


def test_what_a_live_key_signed_is_from_its_sender() -> None:
    assert verify(signed()) == "msg_1"


def test_two_keys_live_side_by_side_while_one_replaces_the_other() -> None:
    assert verify(signed(), keys=(OTHER, KEY)) == verify(signed(), keys=(KEY, OTHER)) == "msg_1"


def test_any_of_several_signatures_is_enough() -> None:
    other = sign(OTHER, "msg_1", NOW, BODY)["webhook-signature"]
    own = signed()["webhook-signature"]
    assert verify(signed(webhook_signature=f"{other} {own.replace('v1,', 'v2,')} {own} v1,")) == "msg_1"


@pytest.mark.parametrize(("seconds", "timely"), [(-301, False), (-300, True), (0, True), (300, True), (301, False)])
def test_a_signature_counts_for_five_minutes_to_both_sides(seconds: int, timely: bool) -> None:
    assert (verify(signed(), now=NOW + timedelta(seconds=seconds)) == "msg_1") is timely


STAMP = str(int(NOW.timestamp()))
MALFORMED = {
    "no id": {"webhook_id": ""},
    "id with a full stop": {"webhook_id": "msg.1"},
    "id with a slash": {"webhook_id": "a/b"},
    "endless id": {"webhook_id": "a" * 129},
    "no time": {"webhook_timestamp": ""},
    "time with a fraction": {"webhook_timestamp": f"{STAMP}.9"},
    "time with a sign": {"webhook_timestamp": f"+{STAMP}"},
    "time with a space": {"webhook_timestamp": f" {STAMP}"},
    "time with an exponent": {"webhook_timestamp": "1.79e9"},
    "time in other digits": {"webhook_timestamp": STAMP.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))},
    "time with a line end": {"webhook_timestamp": f"{STAMP}\n"},
    "time as a word": {"webhook_timestamp": "hello"},
    "endless time": {"webhook_timestamp": "1" * 5000},
    "no signature": {"webhook_signature": ""},
    "empty signature": {"webhook_signature": "v1,"},
    "no version": {"webhook_signature": signed()["webhook-signature"].removeprefix("v1,")},
    "another version": {"webhook_signature": signed()["webhook-signature"].replace("v1,", "v2,")},
    "not base64": {"webhook_signature": "v1,dawfeoifkpqwoekfpqoekf"},
    "not ASCII": {"webhook_signature": "v1,ключ"},
    "no padding": {"webhook_signature": signed()["webhook-signature"].rstrip("=")},
    "commas between": {"webhook_signature": f"v1,AAAA,{signed()['webhook-signature']}"},
    "signed by another": {"webhook_signature": sign(OTHER, "msg_1", NOW, BODY)["webhook-signature"]},
}


@pytest.mark.parametrize("changes", MALFORMED.values(), ids=MALFORMED)
def test_malformed_headers_prove_nothing(changes: dict[str, str]) -> None:
    assert verify(signed(**changes)) is None


SIGNED_ALL_THE_SAME = {name: changes for name, changes in MALFORMED.items() if "webhook_signature" not in changes}


@pytest.mark.parametrize("changes", SIGNED_ALL_THE_SAME.values(), ids=SIGNED_ALL_THE_SAME)
def test_a_malformed_id_or_time_proves_nothing_though_the_key_signed_it(changes: dict[str, str]) -> None:
    """An id with a full stop, say, can be read in two ways: what was signed as its time would be its end."""
    headers = signed(**changes)
    said = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + BODY
    signature = base64.b64encode(hmac.digest(KEY, said, hashlib.sha256)).decode()
    assert verify({**headers, "webhook-signature": f"v1,{signature}"}) is None


@pytest.mark.parametrize(("before", "proven"), [(15, "msg_1"), (16, None)])
def test_of_many_signatures_the_first_sixteen_are_compared(before: int, proven: str | None) -> None:
    own = signed()["webhook-signature"]
    assert verify(signed(webhook_signature=" ".join([*["v1,AAAA"] * before, own]))) == proven


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_every_header_is_needed(name: str) -> None:
    headers = signed()
    del headers[name]
    assert verify(headers) is None


def test_a_changed_bit_anywhere_in_the_body_proves_nothing() -> None:
    for place in range(len(BODY)):
        altered = BODY[:place] + bytes([BODY[place] ^ 1]) + BODY[place + 1 :]
        assert verify(signed(), altered) is None


def test_bytes_that_are_no_text_are_signed_like_any_others() -> None:
    assert verify(sign(KEY, "msg_1", NOW, b"\xff\x00"), b"\xff\x00") == "msg_1"


def test_nobody_knows_a_sender_without_keys() -> None:
    assert verify(signed(), keys=()) is None


def test_not_even_the_key_that_stands_in_for_an_unknown_sender_opens() -> None:
    stand_in = b"a key that nobody has, so that an unknown sender takes the same path"
    assert verify(sign(stand_in, "msg_1", NOW, BODY), keys=()) is None


@given(st.text(), st.text(), st.text(), st.binary(max_size=20))
def test_no_header_makes_it_fall_over(id: str, stamp: str, signature: str, body: bytes) -> None:
    texts = [text.encode("utf-8", "replace").decode() for text in (id, stamp, signature)]
    assert verify(dict(zip(("webhook-id", "webhook-timestamp", "webhook-signature"), texts, strict=True)), body) is None


SECRET = base64.b64encode(KEY + b"x").decode()


@pytest.mark.parametrize("secret", [f"whsec_{SECRET}", SECRET, SECRET.rstrip("="), f" whsec_{SECRET}\n"])
def test_a_secret_is_read_with_or_without_prefix_and_padding(secret: str) -> None:
    assert decode_key(secret) == KEY + b"x"


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_c2hvcnQ=", "whsec_§§§§§§§§§§§§§§§§§§§§§§§§", "whsec_" + "*" * 32]
)
def test_a_secret_that_is_none_is_refused_and_not_repeated(secret: str) -> None:
    with pytest.raises(ValueError, match="A webhook secret") as refused:
        decode_key(secret)
    assert len(secret) < 8 or secret[6:] not in str(refused.value)


def test_an_id_that_no_receiver_would_take_is_not_signed() -> None:
    with pytest.raises(ValueError, match="is no webhook id"):
        sign(KEY, "msg.1", NOW, BODY)


@pytest.mark.skipif("CLEARANCE_CORPORA" not in os.environ, reason="CLEARANCE_CORPORA names no folder with vectors")
def test_the_published_vectors_hold() -> None:
    vectors = json.loads((Path(os.environ["CLEARANCE_CORPORA"]) / "standard-webhooks" / "vectors.json").read_text())
    for vector in vectors["static"]:
        at = datetime.fromtimestamp(vector["timestamp"], UTC)
        key, body = decode_key(vector["secret"]), vector["payload"].encode()
        headers = sign(key, vector["id"], at, body)
        assert headers["webhook-signature"] == vector["expected"]
        assert verify(headers, body, (key,), at) == vector["id"]


def test_what_is_signed_is_what_the_standard_says() -> None:
    said = b"msg_1." + STAMP.encode() + b"." + BODY
    expected = base64.b64encode(hmac.new(KEY, said, hashlib.sha256).digest()).decode()
    assert signed()["webhook-signature"] == f"v1,{expected}"
