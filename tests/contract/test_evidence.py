"""Content is what its digest says, and a checkpoint's name is written once."""

import pytest

from local.azurite import RunningAzurite
from shared.adapters.blob_evidence import BlobEvidence
from shared.adapters.memory import InMemoryEvidence
from shared.adapters.storage_account import StorageAccount
from shared.domain.canonical import sha256_hex
from shared.domain.errors import DocumentInvalid
from shared.ports import EvidenceStore
from tests.contract.stores import Stores, unique_prefix


@pytest.mark.parametrize("content", [b"", b"x", b"\x00\xff" * 100_000], ids=["none", "one byte", "much"])
def test_content_comes_back_by_its_digest(stores: Stores, content: bytes) -> None:
    digest = stores.evidence.put(content)
    assert digest == sha256_hex(content)
    assert stores.evidence.put(content) == digest
    assert stores.evidence.get(digest) == content


def test_content_that_is_gone_is_told(stores: Stores) -> None:
    with pytest.raises(DocumentInvalid, match="not in the evidence store"):
        stores.evidence.get("0" * 64)


def test_content_that_was_changed_behind_our_back_is_not_handed_out(azurite: RunningAzurite) -> None:
    blobs, container = StorageAccount(azurite.connection_string).blobs(), unique_prefix()
    evidence = BlobEvidence(blobs, container)
    digest = evidence.put(b"as it was")
    blobs.get_container_client(container).upload_blob(digest, b"as it is", overwrite=True)
    in_memory = InMemoryEvidence()
    in_memory.contents[in_memory.put(b"as it was")] = b"as it is"

    _refused(evidence, digest)
    _refused(in_memory, digest)


def _refused(evidence: EvidenceStore, digest: str) -> None:
    with pytest.raises(DocumentInvalid, match="hashes otherwise"):
        evidence.get(digest)


def test_the_newest_checkpoint_is_the_last_by_name(stores: Stores) -> None:
    assert stores.checkpoints.newest() is None
    assert stores.checkpoints.latest() is None
    for name in ("2026-11-22T02:00:00Z.json", "2026-11-24T02:00:00Z.json", "2026-11-23T02:00:00Z.json"):
        stores.checkpoints.write(name, name.encode())
    assert stores.checkpoints.newest() == "2026-11-24T02:00:00Z.json"
    assert stores.checkpoints.latest() == b"2026-11-24T02:00:00Z.json"


def test_a_checkpoint_is_written_once(stores: Stores) -> None:
    stores.checkpoints.write("2026-11-22", b"one")
    stores.checkpoints.write("2026-11-22", b"one")
    with pytest.raises(DocumentInvalid, match="written once"):
        stores.checkpoints.write("2026-11-22", b"two")
    assert stores.checkpoints.latest() == b"one"


@pytest.mark.parametrize("name", ["", "../x", "a/b", "a" * 300])
def test_a_name_that_is_a_path_is_refused(stores: Stores, name: str) -> None:
    with pytest.raises(DocumentInvalid, match="no name"):
        stores.checkpoints.write(name, b"x")
