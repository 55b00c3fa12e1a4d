"""What rows cannot tell by themselves, a checkpoint kept elsewhere tells."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256

import pytest

from shared.domain.chain import Tip
from shared.domain.errors import DocumentInvalid
from shared.domain.merkle import (
    Compared,
    Unprotected,
    check_against_checkpoint,
    make_checkpoint,
    merkle_root,
    read_checkpoint,
)

AT = datetime(2026, 11, 23, 2, tzinfo=UTC)
A, B, C = (Tip(f"promotion:risk-dev:fraud:{n}", n + 1, str(n) * 64) for n in (1, 2, 3))


def rows_of(*tips: Tip, before: str = "f" * 64) -> dict[str, dict[int, str]]:
    return {tip.history: {**dict.fromkeys(range(1, tip.sequence), before), tip.sequence: tip.hash} for tip in tips}


def heads_of(*tips: Tip) -> dict[str, Tip]:
    return {tip.history: tip for tip in tips}


def compare(rows: Mapping[str, Mapping[int, str]], heads: Mapping[str, Tip]) -> Compared:
    return check_against_checkpoint(read_checkpoint(make_checkpoint(AT, "1.0.0", [A, B, C])), rows, heads)


def leaf(tip: Tip) -> bytes:
    said = f'{{"hash":"{tip.hash}","history":"{tip.history}","sequence":{tip.sequence}}}'
    return sha256(b"\x00" + said.encode()).digest()


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def test_the_root_is_the_tree_hash_of_rfc_6962() -> None:
    assert merkle_root([]) == sha256(b"").hexdigest()
    assert merkle_root([A]) == leaf(A).hex()
    assert merkle_root([A, B]) == node(leaf(A), leaf(B)).hex()
    assert merkle_root([A, B, C]) == node(node(leaf(A), leaf(B)), leaf(C)).hex()


@pytest.mark.parametrize("count", [5, 6, 7, 8, 9])
def test_the_left_half_is_the_largest_power_of_two(count: int) -> None:
    tips = [Tip(f"line:contoso:m{n}", 1, f"{n:064d}") for n in range(count)]
    split = 4 if count <= 8 else 8
    halves = [bytes.fromhex(merkle_root(part)) for part in (tips[:split], tips[split:])]
    assert merkle_root(tips) == node(*halves).hex()


def test_the_root_does_not_depend_on_the_order_they_come_in() -> None:
    assert merkle_root([C, A, B]) == merkle_root([A, B, C])


def test_a_checkpoint_comes_back_as_it_was_written() -> None:
    checkpoint = read_checkpoint(make_checkpoint(AT, "1.0.0", [C, A, B]))
    assert (checkpoint.at, checkpoint.version, checkpoint.heads) == (AT, "1.0.0", (A, B, C))
    assert checkpoint.root == merkle_root([A, B, C])


@pytest.mark.parametrize("document", [b"", b"[]", b'{"schema": 2}', b'{"schema": 1}', b"\xff"])
def test_what_is_no_checkpoint_is_refused(document: bytes) -> None:
    with pytest.raises(DocumentInvalid, match="checkpoint"):
        read_checkpoint(document)


def test_untouched_histories_have_no_findings() -> None:
    assert compare(rows_of(A, B, C), heads_of(A, B, C)) == Compared((), ())


def test_what_is_newer_is_named_as_not_yet_protected() -> None:
    grown, new = Tip(B.history, 5, "e" * 64), Tip("line:contoso:fraud", 2, "d" * 64)
    rows = {**rows_of(A, C, new), B.history: {**rows_of(B)[B.history], 4: "c" * 64, 5: "e" * 64}}
    compared = compare(rows, heads_of(A, grown, C, new))
    assert compared.findings == ()
    assert compared.unprotected == (Unprotected(new.history, 1, 2), Unprotected(B.history, 4, 5))


def test_a_missing_end_is_truncated_while_the_head_still_tells() -> None:
    shorter = {**rows_of(A, B), C.history: {1: "f" * 64, 2: "f" * 64}}
    [finding] = compare(shorter, heads_of(A, B, C)).findings
    assert (finding.history, finding.sequence, finding.kind) == (C.history, 3, "truncated")


def test_an_older_copy_put_back_with_its_head_is_rolled_back() -> None:
    old = Tip(C.history, 2, "f" * 64)
    [finding] = compare(rows_of(A, B, old), heads_of(A, B, old)).findings
    assert (finding.history, finding.sequence, finding.kind) == (C.history, 3, "rolled_back")


def test_a_history_chained_anew_is_found() -> None:
    forged = Tip(B.history, B.sequence, "a" * 64)
    [finding] = compare(rows_of(A, forged, C), heads_of(A, forged, C)).findings
    assert (finding.history, finding.sequence, finding.kind) == (B.history, 3, "rechained")


def test_a_removed_history_is_found() -> None:
    [finding] = compare(rows_of(A, C), heads_of(A, C)).findings
    assert (finding.history, finding.sequence, finding.kind) == (B.history, None, "removed_history")


def test_an_edited_checkpoint_is_found() -> None:
    document = json.loads(make_checkpoint(AT, "1.0.0", [A, B, C]))
    document["heads"].pop()
    checkpoint = read_checkpoint(json.dumps(document).encode())
    [finding] = check_against_checkpoint(checkpoint, rows_of(A, B), heads_of(A, B)).findings
    assert finding.kind == "checkpoint_edited"
