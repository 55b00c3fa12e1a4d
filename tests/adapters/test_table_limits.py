"""What Azurite lets pass and the service would not is refused before it is sent, with a sentence."""

from collections.abc import Mapping
from typing import Any

import pytest

from shared.adapters.table_limits import batches, check_entity, check_transaction, entity_bytes, utf16_units
from shared.adapters.table_text import cut, cut_for_merge, cut_json, joined, joined_json
from shared.domain.errors import DocumentInvalid

KEYS = {"PartitionKey": "promotion:risk-dev:fraud:7", "RowKey": "e0000000001"}


@pytest.mark.parametrize(
    ("properties", "sentence"),
    [
        ({f"p{number}": 1 for number in range(253)}, "It has 253 properties, a row takes 252."),
        ({"a-b": 1}, "'a-b' is no property name"),
        ({"1a": 1}, "'1a' is no property name"),
        ({"n" * 256: 1}, "is no property name"),
        ({"text": "x" * 32769}, "text is 32769 characters long, a text takes 32768."),
        ({"text": "𝄞" * 16385}, "text is 32770 characters long"),
        ({"body": b"x" * 65537}, "body is 65537 bytes long, bytes take 65536."),
        ({f"p{number}": "x" * 32768 for number in range(16)}, "a row takes 1048576."),
        ({"RowKey": "a/b"}, "RowKey holds '/'"),
        ({"RowKey": "a#b"}, "RowKey holds '#'"),
        ({"PartitionKey": "a\x7fb"}, r"PartitionKey holds '\x7f'"),
        ({"RowKey": "x" * 513}, "RowKey is 513 characters long, a key takes 512."),
    ],
)
def test_a_row_beyond_a_limit_is_refused(properties: Mapping[str, Any], sentence: str) -> None:
    with pytest.raises(DocumentInvalid) as refused:
        check_entity({**KEYS, **properties})
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    "properties",
    [
        {f"p{number}": 1 for number in range(252)},
        {"n" * 255: 1},
        {"text": "𝄞" * 16384},
        {"body": b"x" * 65536},
        {f"p{number}": "x" * 32000 for number in range(16)},
        {"RowKey": "x" * 512},
        {"RowKey": "100 % o'clock"},
    ],
)
def test_a_row_at_a_limit_passes(properties: Mapping[str, Any]) -> None:
    check_entity({**KEYS, **properties})


def test_all_faults_are_named_at_once() -> None:
    with pytest.raises(DocumentInvalid) as refused:
        check_entity({"PartitionKey": "a?b", "RowKey": "c\\d", "e-f": "x" * 40000})
    assert len(refused.value.faults) == 4


def test_a_row_is_as_large_as_the_service_says() -> None:
    """4 + keys + for each property 8 + its name + its value, texts at two bytes a unit and 4 for their length."""
    row = {"PartitionKey": "ab", "RowKey": "c", "name": "𝄞x", "n": 1, "b": True, "f": 1.5, "y": b"xyz"}
    assert entity_bytes(row) == 4 + 6 + (8 + 8 + 4 + 6) + (8 + 2 + 4) + (8 + 2 + 1) + (8 + 2 + 8) + (8 + 2 + 4 + 3)


@pytest.mark.parametrize(("text", "units"), [("", 0), ("abc", 3), ("äöü", 3), ("𝄞", 2), ("a𝄞\ud834", 4)])
def test_texts_are_measured_in_utf16(text: str, units: int) -> None:
    assert utf16_units(text) == units


def test_a_transaction_is_refused_whole() -> None:
    operations = [("create", {**KEYS, "RowKey": f"e{number}"}) for number in range(101)]
    with pytest.raises(DocumentInvalid, match="101 operations, a transaction takes 100"):
        check_transaction(operations)
    with pytest.raises(DocumentInvalid, match="several partitions"):
        check_transaction([("create", KEYS), ("create", {**KEYS, "PartitionKey": "other"})])
    large = {**KEYS, **{f"p{number}": "ä" * 25000 for number in range(10)}}
    with pytest.raises(DocumentInvalid, match="a transaction takes 4194304"):
        check_transaction([("create", large)] * 3)


def test_what_need_not_happen_together_is_cut_into_transactions() -> None:
    small = [("upsert", {**KEYS, "RowKey": f"e{number}"}) for number in range(250)]
    assert [len(batch) for batch in batches(small)] == [100, 100, 50]
    large = [("upsert", {**KEYS, "RowKey": f"e{number}", "text": "ä" * 32000}) for number in range(30)]
    assert [len(batch) for batch in batches(large)] == [21, 9]
    assert list(batches([])) == []


@pytest.mark.parametrize("text", ["", "x", "x" * 16000, "x" * 16001, "𝄞" * 40000, "a\x00'\"b"])
def test_a_text_of_any_length_is_joined_as_it_was_cut(text: str) -> None:
    row = {**KEYS, **cut("text", text)}
    check_entity(row)
    assert joined("text", row) == text


def test_a_shorter_text_merged_over_a_longer_one_is_read_short() -> None:
    row = {**cut_for_merge("text", "x" * 50_000), **cut_for_merge("text", "y" * 17_000)}
    assert joined("text", row) == "y" * 17_000


def test_json_comes_back_from_properties() -> None:
    value = {"b": [1, None, True], "a": "x" * 20_000}
    assert joined_json("value", {**KEYS, **cut_json("value", value)}) == value
    assert joined_json("value", KEYS, "default") == "default"
    with pytest.raises(DocumentInvalid, match="holds no JSON"):
        joined_json("value", {**KEYS, "value": "{"})
