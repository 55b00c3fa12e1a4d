"""What a body is refused for is what the published schema says of it."""

import json
import re
from typing import Any

import pytest

from shared.web.bodies import DecisionBody, parse
from shared.web.problems import Refusal

# What `\s` means: to Python (`str.isspace`) and to ECMA 262, section 12.2 with its line terminators.
_PYTHON = [chr(point) for point in range(0x110000) if chr(point).isspace()]
_ECMA = [*"\t\v\f\n\r\u2028\u2029 \u00a0\ufeff", "\u1680", *map(chr, range(0x2000, 0x200B)), "\u202f\u205f\u3000"]


def stating(text: str) -> bytes:
    body = {"evaluation": "0" * 64, "verdict": "approve", "release_record": {"owner": text}}
    return json.dumps(body).encode()


@pytest.mark.parametrize("space", sorted({*_PYTHON, *_ECMA}), ids=ascii)
def test_a_release_record_of_spaces_alone_states_nothing_to_any_reader_of_the_schema(space: str) -> None:
    stated: dict[str, Any] = DecisionBody.model_json_schema()["properties"]["release_record"]["additionalProperties"]
    assert re.search(stated["pattern"], space) is None
    with pytest.raises(Refusal, match=r"release_record\.owner: expected some text"):
        parse(stating(space), DecisionBody)


def test_one_letter_among_spaces_states_something() -> None:
    assert parse(stating("\ufeff \x1c x"), DecisionBody).release_record == {"owner": "\ufeff \x1c x"}
