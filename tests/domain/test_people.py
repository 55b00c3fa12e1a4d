import pytest

from shared.domain.people import People
from tests.domain.evidence_makers import TENANT, a_person, people


@pytest.mark.parametrize("spelling", ["Dana Osei", " dana osei ", "DANA.SUBMITTER@CONTOSO.COM", "dana.submitter"])
def test_every_spelling_is_one_person(spelling: str) -> None:
    person = people().resolve(spelling)
    assert person is not None
    assert person.id == "dana.submitter"


def test_an_object_id_is_a_spelling_too() -> None:
    person = people().resolve("DA4A0000-0000-4000-8000-000000000011")
    assert person is not None
    assert person.id == "dana.submitter"


def test_a_name_that_fits_two_is_nobody() -> None:
    directory = people(a_person("dana.second", "Dana Osei"))
    assert directory.resolve("Dana Osei") is None
    assert {person.id for person in directory.fitting("Dana Osei")} == {"dana.submitter", "dana.second"}


def test_a_name_that_fits_none_is_nobody() -> None:
    assert people().resolve("Mallory") is None
    assert people().resolve("") is None


def test_entra_ids_find_a_person_only_together() -> None:
    oid = "da4a0000-0000-4000-8000-000000000011"
    person = people().by_object(TENANT.upper(), oid.upper())
    assert person is not None
    assert person.id == "dana.submitter"
    assert people().by_object("another-tenant", oid) is None
    assert People((a_person("x", "X"),), "").by_object("", "") is None


def test_who_answers_for_a_service_principal_stands_behind_it() -> None:
    directory = people()
    pipeline, dana = directory.resolve("svc-train"), directory.resolve("Dana Osei")
    assert pipeline is not None
    assert dana is not None
    assert directory.answerable(pipeline) == ("svc-train", "dana.submitter")
    assert directory.answerable(dana) == ("dana.submitter",)
