"""A file read as far as it can be: whatever it holds, nothing is raised, and nobody takes a stand-in for what it says."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from shared.adapters.organisation_document import OrganisationDocument
from shared.adapters.people_file import DirectoryDocument
from shared.adapters.policy_document import PolicyDocument
from shared.adapters.readable import Unread, read_as
from shared.adapters.strict_yaml import read_yaml
from tests.adapters.test_organisation_file import HELD, STRICT
from tests.adapters.test_people_file import TWO
from tests.adapters.test_policy_files import EXCEPTION, WINDOW
from tests.adapters.test_rule_document import RULES

FILES: list[tuple[type[BaseModel], str]] = [
    (PolicyDocument, f"{HELD}{WINDOW}\n{EXCEPTION}\nmodes: {{'tag:*': warn}}\nreserved_tags: [approved_by]\n{RULES}"),
    (OrganisationDocument, f"{STRICT}registries: [contoso-shared]\napproval: {{quorum: 2}}\n{RULES}"),
    (DirectoryDocument, TWO),
]
JUNK = (
    "7",
    "true",
    "x",
    "''",
    "[]",
    "{}",
    "[1, a]",
    "{a: b}",
    "*a",
    "!!str 3",
    ".nan",
    "0x1",
    "null",
    "[null]",
    "'*'",
    "!!map {a: {b: *c}}",
    "!x [*a]",
    "!x {metrics: {auc: {min: *a}}}",
)


def spans(node: yaml.Node) -> Iterator[tuple[int, int]]:
    """Where each key and value of a document stands."""
    start, end = node.start_mark, node.end_mark
    if start is not None and end is not None:
        yield start.index, end.index
    if isinstance(node, yaml.MappingNode):
        for pair in node.value:
            for each in pair:
                yield from spans(each)
    elif isinstance(node, yaml.SequenceNode):
        for each in node.value:
            yield from spans(each)


def spoiled(text: str, place: int, junk: str) -> str:
    """The text with one of its keys or values replaced; as it is, where it is no YAML any more."""
    try:
        root = yaml.compose(text, yaml.SafeLoader)
    except yaml.YAMLError:
        return text
    if root is None:
        return text
    places = list(spans(root))
    start, end = places[place % len(places)]
    return text[:start] + junk + ("\n" if text[start:end].endswith("\n") else "") + text[end:]


@given(st.sampled_from(FILES), st.lists(st.tuples(st.integers(0, 500), st.sampled_from(JUNK)), min_size=1, max_size=4))
def test_whatever_stands_in_a_file_it_is_read_or_told(
    file: tuple[type[BaseModel], str], changes: list[tuple[int, str]]
) -> None:
    shape, text = file
    for place, junk in changes:
        text = spoiled(text, place, junk)
    reading = read_as(shape, Path("a.yaml"), read_yaml(text.encode(), 100_000), "write it")
    assert reading.faults or (reading.value is not None and not reading.unread.places)
    assert all(fault.fix and fault.line for fault in reading.faults), reading.faults
    if isinstance(reading.value, PolicyDocument | OrganisationDocument):
        assert all(fault.fix for fault in reading.told(reading.value.findings()))


@pytest.mark.parametrize(
    ("place", "covered", "touched"),
    [
        (("a", "b"), True, True),
        (("a", "b", 0, "c"), True, True),
        (("a",), False, True),
        ((), False, True),
        (("a", "c"), False, False),
        (("b",), False, False),
    ],
)
def test_what_is_unread_covers_what_lies_in_it_and_touches_what_is_around(
    place: tuple[str | int, ...], covered: bool, touched: bool
) -> None:
    unread = Unread()
    unread.add(("a", "b"))
    assert (unread.covers(place), unread.touches(place)) == (covered, touched)
