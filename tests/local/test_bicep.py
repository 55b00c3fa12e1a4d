"""What the reader of Bicep takes from a file, and what it leaves as text."""

from pathlib import Path

import pytest

from local.bicep import Conditional, Declaration, Expression, Field, Loop, read_bicep

TEXT = """
// A comment with 'a quote and { a bracket
targetScope = 'subscription'

@description('It\\'s a kind.')
type kind = {
  @description('Its name.')
  name: string
}

@minLength(1)
@description('The name.')
param name string = 'a//b'

param items kind[] = []

var sum = a
  ? 'one ${join(b, ',')}'
  : 'two' // why

resource account 'Microsoft.Storage/storageAccounts@2025-01-01' = {
  name: name
  properties: { on: true, days: 30, list: ['x', y] }

  resource blobs 'blobServices' existing = { name: 'default' }
}

resource loop 'A/b@1' = [
  for (item, index) in items: if (item.on) {
    name: item.name
  }
]

module part 'modules/part.bicep' = if (on && other) {
  params: { text: 'a}b' }
}

func f(a string) string =>
  '${a}!'

output o array = [for item in items: item.name]
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Declaration]:
    file = tmp_path_factory.mktemp("bicep") / "main.bicep"
    file.write_text(TEXT)
    return {each.name: each for each in read_bicep(file)}


def test_every_declaration_is_there_in_order(found: dict[str, Declaration]) -> None:
    assert list(found) == ["kind", "name", "items", "sum", "account", "loop", "part", "f", "o"]


def test_a_parameter_has_type_default_and_description(found: dict[str, Declaration]) -> None:
    name = found["name"]

    assert (name.kind, name.type, name.value, name.description) == ("param", "string", "a//b", "The name.")


def test_a_type_has_described_fields(found: dict[str, Declaration]) -> None:
    assert found["kind"].description == "It's a kind."
    assert found["kind"].value == {"name": Field(Expression("string"), "Its name.")}


def test_an_expression_stays_text_over_its_lines(found: dict[str, Declaration]) -> None:
    assert found["sum"].value == Expression("a ? 'one ${join(b, ',')}' : 'two'")


def test_a_resource_has_its_values_and_what_is_nested_in_it(found: dict[str, Declaration]) -> None:
    account = found["account"]
    [blobs] = account.nested

    assert account.type == "Microsoft.Storage/storageAccounts@2025-01-01"
    assert account.body["properties"] == {"on": True, "days": 30, "list": ["x", Expression("y")]}
    assert (blobs.type, blobs.existing, blobs.body) == ("blobServices", True, {"name": "default"})


def test_loops_and_conditions_are_told_and_passed(found: dict[str, Declaration]) -> None:
    loop = found["loop"].value

    assert isinstance(loop, Loop)
    assert loop.head == "(item, index) in items"
    assert loop.body == Conditional("(item.on)", {"name": Expression("item.name")})
    assert found["loop"].body == {"name": Expression("item.name")}
    assert found["part"].value.condition == "(on && other)"
    assert found["part"].body == {"params": {"text": "a}b"}}


def test_what_is_no_bicep_is_told_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "bad.bicep"
    file.write_text("param name string\n= 3\n{")

    with pytest.raises(ValueError, match=r"bad\.bicep"):
        read_bicep(file)
