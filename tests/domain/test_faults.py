from shared.domain.faults import Fault, as_fault

PLACED = Fault(
    "a.yaml:3:1: owner is missing: add it.", file="a.yaml", at=(3, 1), place="owner", fault="is missing", fix="add it"
)


def test_a_fault_is_its_sentence_and_knows_its_parts() -> None:
    assert PLACED == "a.yaml:3:1: owner is missing: add it."
    assert PLACED.parts() == {
        "file": "a.yaml",
        "line": 3,
        "column": 1,
        "place": "owner",
        "fault": "is missing",
        "fix": "add it",
    }


def test_a_sentence_without_parts_is_all_fault() -> None:
    fault = as_fault("The policy has no name.")
    assert fault.parts() == {
        "file": "",
        "line": None,
        "column": None,
        "place": "",
        "fault": "The policy has no name.",
        "fix": "",
    }
    assert as_fault(fault) is fault


def test_faults_stand_in_the_order_of_their_file_those_of_the_whole_first() -> None:
    whole, later = Fault("a.yaml is empty."), Fault("x", at=(3, 2))
    assert sorted([later, PLACED, whole], key=lambda fault: fault.order) == [whole, PLACED, later]
