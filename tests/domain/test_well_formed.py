"""Half of a surrogate pair, which JSON may hold, becomes a character that can be written."""

from dataclasses import replace

import pytest

from shared.domain.canonical import canonical
from shared.domain.errors import DocumentInvalid
from shared.domain.evidence import Artifact
from shared.domain.well_formed import well_formed
from tests.domain.evidence_makers import a_model_version, a_run


@pytest.mark.parametrize(
    ("text", "formed"),
    [
        ("\ud800", "\ufffd"),
        ("a\udfffb", "a\ufffdb"),
        ("\udc00\ud800", "\ufffd\ufffd"),
        ("\ud83d\ude00", "\U0001f600"),
        ("é\u202e\U0001f600", "é\u202e\U0001f600"),
        ("plain", "plain"),
        ("", ""),
    ],
)
def test_a_half_is_replaced_and_a_pair_is_one_character(text: str, formed: str) -> None:
    assert well_formed(text) == formed
    canonical({well_formed(text): well_formed(text)})


def test_whatever_is_made_of_texts_is_formed_through_and_through() -> None:
    version = a_model_version(
        tags={"\ud800": "x\ud800"}, flavors=("\ud800",), artifacts=(Artifact("\ud800", 1, "\ud800"),), job="\ud800"
    )

    formed = well_formed(version)

    assert formed.tags == {"\ufffd": "x\ufffd"}
    assert (formed.flavors, formed.artifacts, formed.job) == (("\ufffd",), (Artifact("\ufffd", 1, "\ufffd"),), "\ufffd")
    assert formed.incarnation == version.incarnation


@pytest.mark.parametrize("document", [{"\ud800": 1}, {"a": "\ud800"}, ["\udfff"]])
def test_canonical_json_has_no_place_for_half_of_a_pair(document: object) -> None:
    with pytest.raises(DocumentInvalid, match="canonical JSON"):
        canonical(document)


def test_what_is_well_formed_stays_as_it_is() -> None:
    for value in (a_model_version(), a_run(), None, 7, b"\xff", (1, ("a",))):
        assert well_formed(value) == value
    assert well_formed(replace(a_run(), ended_at=None)).ended_at is None
