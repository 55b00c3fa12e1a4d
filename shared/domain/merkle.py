"""Checkpoints: one Merkle root over the heads of all histories, so that a removed or rewritten one is found."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from shared.domain.canonical import canonical
from shared.domain.chain import Finding, Tip
from shared.domain.errors import DocumentInvalid
from shared.domain.instants import instant_text, parse_instant


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The heads of all histories at one moment. `version` is the release that wrote it, `root` 64 hex digits."""

    at: datetime
    version: str
    root: str
    heads: tuple[Tip, ...]


@dataclass(frozen=True, slots=True)
class Unprotected:
    """Rows `first` to `last` of a history are newer than the checkpoint: only the next one protects them."""

    history: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Compared:
    """Histories against a checkpoint: what is wrong, and what the checkpoint does not yet speak of."""

    findings: tuple[Finding, ...]
    unprotected: tuple[Unprotected, ...]


def merkle_root(heads: Sequence[Tip]) -> str:
    """The Merkle tree hash of RFC 6962 section 2.1 over the heads, ordered by history."""
    return _tree([_leaf(head) for head in sorted(heads, key=lambda head: head.history)]).hex()


def make_checkpoint(at: datetime, version: str, heads: Sequence[Tip]) -> bytes:
    """Write the checkpoint of these heads: canonical JSON, heads ordered by history."""
    ordered = sorted(heads, key=lambda head: head.history)
    document = {
        "schema": 1,
        "at": instant_text(at),
        "version": version,
        "root": merkle_root(ordered),
        "heads": [_head(head) for head in ordered],
    }
    return canonical(document, "The checkpoint")


def read_checkpoint(document: bytes) -> Checkpoint:
    """Read a checkpoint.

    Raises:
        DocumentInvalid: it is no JSON, not of this schema, or lacks a field.
    """
    try:
        said = json.loads(document)
        if said["schema"] != 1:
            raise DocumentInvalid("The checkpoint", [f"Its schema is {said['schema']!r}, this program reads 1."])
        heads = tuple(Tip(str(h["history"]), int(h["sequence"]), str(h["hash"])) for h in said["heads"])
        return Checkpoint(parse_instant(said["at"]), str(said["version"]), str(said["root"]), heads)
    except (ValueError, TypeError, KeyError) as error:
        raise DocumentInvalid("The checkpoint", [f"It cannot be read: {error!r}."]) from error


def check_against_checkpoint(
    checkpoint: Checkpoint, hashes: Mapping[str, Mapping[int, str]], heads: Mapping[str, Tip]
) -> Compared:
    """Compare histories with a checkpoint.

    Args:
        checkpoint: the newest one, from where it is kept apart.
        hashes: for each history found, its rows' hashes by sequence.
        heads: the head rows found, by history.
    """
    findings = [] if merkle_root(checkpoint.heads) == checkpoint.root else [_forged(checkpoint)]
    for head in checkpoint.heads:
        findings.extend(_against(head, hashes.get(head.history), heads.get(head.history)))
    known = {head.history: head.sequence for head in checkpoint.heads}
    newer = [
        Unprotected(history, known.get(history, 0) + 1, max(rows))
        for history, rows in sorted(hashes.items())
        if rows and max(rows) > known.get(history, 0)
    ]
    return Compared(tuple(findings), tuple(newer))


def _forged(checkpoint: Checkpoint) -> Finding:
    sentence = f"The checkpoint of {instant_text(checkpoint.at)} does not hash to its own root: it was edited."
    return Finding("", None, "checkpoint_edited", sentence)


def _against(protected: Tip, rows: Mapping[int, str] | None, head: Tip | None) -> list[Finding]:
    name, sequence = protected.history, protected.sequence
    if not rows and head is None:
        sentence = f"{name} had {sequence} rows at the checkpoint and is gone."
        return [Finding(name, None, "removed_history", sentence)]
    last = max(rows, default=0) if rows else 0
    if last < sequence:
        return [_shorter(protected, last, head)]
    if (rows or {}).get(sequence) != protected.hash:
        sentence = (
            f"Row {sequence} is not the one of the checkpoint: the history was chained anew, from there or before."
        )
        return [Finding(name, sequence, "rechained", sentence)]
    return []


def _shorter(protected: Tip, last: int, head: Tip | None) -> Finding:
    missing = f"rows {last + 1} to {protected.sequence}"
    if head is not None and head.sequence == last:
        sentence = (
            f"The history was rolled back to row {last}: {missing} of the checkpoint are gone, and so says its head."
        )
        return Finding(protected.history, last + 1, "rolled_back", sentence)
    return Finding(
        protected.history, last + 1, "truncated", f"The end is missing: {missing} of the checkpoint are gone."
    )


def _head(head: Tip) -> dict[str, Any]:
    return {"history": head.history, "sequence": head.sequence, "hash": head.hash}


def _leaf(head: Tip) -> bytes:
    return sha256(b"\x00" + canonical(_head(head))).digest()


def _tree(leaves: Sequence[bytes]) -> bytes:
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return sha256(b"\x01" + _tree(leaves[:split]) + _tree(leaves[split:])).digest()
