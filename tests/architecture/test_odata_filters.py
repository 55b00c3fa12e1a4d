"""No OData filter is put together from text."""

from pathlib import Path

import pytest

from tests.architecture.odata import built_filters
from tests.architecture.project import SOURCE, named, python_files


@pytest.mark.parametrize("file", python_files(*SOURCE), ids=named)
def test_filters_are_constants_with_parameters(file: Path) -> None:
    assert built_filters(file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "table.query_entities(f\"PartitionKey eq '{key}'\")",
        "self._table.query(f\"PartitionKey eq '{key}'\", {})",
        "self._table.page('PartitionKey eq ' + key, {}, 10)",
        "table.query_entities(query_filter=\"PartitionKey eq '%s'\" % key)",
        "table.query_entities(query_filter='PartitionKey eq ' + key)",
        "client.list_entities(filter=\"PartitionKey eq '{}'\".format(key))",
        "row_filter = f'RowKey ge {low}'",
        "row_filter: str = f'RowKey ge {low}'",
    ],
)
def test_a_built_filter_is_found(source: str) -> None:
    assert len(built_filters(source)) == 1


@pytest.mark.parametrize(
    "source",
    [
        "table.query_entities('PartitionKey eq @key', parameters={'key': f'promotion:{name}'})",
        "table.query_entities(query_filter=BY_KEY + ' and RowKey ge @low', parameters=values)",
    ],
)
def test_a_constant_with_parameters_is_let_through(source: str) -> None:
    assert built_filters(source) == []
