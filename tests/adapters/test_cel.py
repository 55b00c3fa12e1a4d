"""CEL in policies: what may be written, what it costs at most, and that nothing it does escapes as an error."""

import sys
import threading
import time
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.cel import DEEPEST, LONGEST_EXPRESSION, LONGEST_MADE, MOST_NODES, expression
from shared.domain.policy import Path, Uncomputed

VALUES: Mapping[Path, Any] = {
    ("tags", "plant"): "north",
    ("tags", "a-b"): "1",
    ("metrics", "auc"): 0.9,
    ("model", "flavors"): ("sklearn", "python_function"),
}
ORDINARY = 'tags.plant == "north" && metrics.auc >= 0.9'


def value_of(text: str, values: Mapping[Path, Any] = VALUES) -> bool | str:
    found = expression(text).compute(values)
    return found.why if isinstance(found, Uncomputed) else found


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (ORDINARY, True),
        ('tags["a-b"] == "1"', True),
        ("tags['plant'] != \"north\"", False),
        ('"plant" in tags', True),
        ('"nowhere" in tags', False),
        ("has(tags.plant) && !has(tags.nowhere)", True),
        ('tags.nowhere == "1" || true', True),
        ('tags.plant in ["north", "south"]', True),
        ('tags.plant.startsWith("no") && tags.plant.endsWith("th") && tags.plant.contains("ort")', True),
        ("size(tags.plant) == 5 && tags.plant.size() == 5", True),
        ('"sklearn" in model.flavors && model.flavors[0] == "sklearn"', True),
        ('metrics.auc > 1 ? false : int(tags["a-b"]) + 1 == 2', True),
        ('double(tags["a-b"]) - metrics.auc < 0.2 && string(1) == "1"', True),
        ("has(champion.metrics.auc)", False),
        ("-1 < 0 && -metrics.auc < 0.0 && 7 % 4 == 3 && 7 / 2 == 3", True),
    ],
)
def test_an_expression_gives_true_or_false(text: str, value: bool) -> None:
    assert value_of(text) is value


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('tags.nowhere == "1"', "it finds no value, or one of another type"),
        ("1 / 0 == 1", "it divides by zero"),
        ("1 % 0 == 1", "it divides by zero"),
        ("metrics.auc / 0.0 > 1.0", "it divides by zero"),
        ("1e308 * 1e308 > 1.0", "a number gets too large"),
        ("1e308 + 1e308 > 1.0", "a number gets too large"),
        ("-1e308 - 1e308 < 1.0", "a number gets too large"),
        ('double("1e400") > 1.0', "a number gets too large"),
        ('double("nan") != 1.0', "a number gets too large"),
        ("9223372036854775807 + 1 > 0", "a number gets too large, or a text is no number"),
        ("9223372036854775807 * 9223372036854775807 > 0", "a number gets too large, or a text is no number"),
        ("int(tags.plant) > 0", "a number gets too large, or a text is no number"),
        ("metrics.auc == 1", "it mixes types (metrics are doubles: write 1.0, not 1)"),
        ("tags.plant < 1", "it mixes types (metrics are doubles: write 1.0, not 1)"),
        ('model.flavors[9] == "x"', "a list has no such item"),
        ("tags.plant", 'it gives "north", which is neither true nor false'),
        ("metrics.auc + 1.0", 'it gives "1.9", which is neither true nor false'),
        ("1 / 0 + 1 == 2", "it divides by zero"),
    ],
)
def test_what_cannot_be_computed_says_why(text: str, why: str) -> None:
    assert value_of(text) == why


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("tags.plant ==", "is no CEL"),
        ("tags.plant = 1", "is no CEL at line 1, column 12: mend it"),
        ("[1].all(x, x > 0)", "calls all: use none but contains, endsWith, size, startsWith on a value"),
        ("[1].exists(x, x > 0)", "calls exists: use none but"),
        ("[1].exists_one(x, x > 0)", "calls exists_one: use none but"),
        ("[1].map(x, x)", "calls map: use none but"),
        ("[1].filter(x, x > 0)", "calls filter: use none but"),
        ("[1].reduce(a, b, 0, a + b)", "calls reduce: use none but"),
        ("[1].min()", "calls min: use none but"),
        ("tags.plant.matches('(a+)+')", "calls matches: use none but"),
        ("timestamp('2026-01-01T00:00:00Z').getFullYear() == 2026", "calls getFullYear: use none but"),
        ("timestamp('2026-01-01T00:00:00Z') == x", "calls timestamp: use none but double, has, int, size, string"),
        ("duration('1h') == duration('1h')", "calls duration: use none but"),
        ("type(tags.plant) == string", "calls type: use none but"),
        ("now() > 1", "calls now: use none but"),
        ("size(tags) > 3", "reads tags: read one of tags.<name>, metrics.<name>, champion.metrics.<name>, model.name"),
        ("tags[tags.plant] == '1'", "reads tags: read one of"),
        ("tags['a' + 'b'] == '1'", "reads tags: read one of"),
        ("tags.plant.north == '1'", "reads tags.plant.north: read one of"),
        ("model.owner == '1'", "reads model.owner: read one of"),
        ("secrets.key == '1'", "reads secrets.key: read one of"),
        ("google.protobuf == 1", "reads google.protobuf: read one of"),
        ("plant == '1'", "reads plant: read one of"),
        ("'x' in plant", "reads plant: read one of"),
        (".tags.plant == '1'", "uses a name that begins with a dot, which rules may not"),
        (".size('x') == 1", "uses a name that begins with a dot, which rules may not"),
        ("{'a': 1}.a == 1", "uses a map, which rules may not"),
        ("model{name: 1} == 1", "uses a message, which rules may not"),
        ("b'x' == b'x'", "holds b'x': write a number, a text, true or false"),
        ("1u == 1u", "holds 1u: write a number"),
        ("has(1)", "asks has() of something else than a name: write it as has(tags.owner)"),
        ("has()", "asks has() of something else than a name"),
        ("has(tags.a, tags.b)", "asks has() of something else than a name"),
        ("tags.plant == 'a\\nb'", "holds a backslash or an unseen character"),
        ("tags.plant == 'a\u202eb'", "holds a backslash or an unseen character"),
        ("'" + "a" * LONGEST_EXPRESSION, "is longer than 1000 characters"),
        ("!" * MOST_NODES + "true", "has more than 200 parts, or is nested too deep: split it into two rules"),
        ("1" + "+1" * 110 + " == 1", "has more than 200 parts"),
        ("(" * 40 + "true" + ")" * 40, "is nested too deep"),
        ("[" * 40 + "]" * 40 + " == []", "is nested too deep"),
    ],
)
def test_what_rules_may_not_say_is_refused_before_anything_runs(text: str, sentence: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the sentence is compared below
        expression(text)
    assert sentence in str(caught.value)


def test_what_an_expression_reads_is_known() -> None:
    text = 'has(tags.a) && "b" in tags && tags["c-d"] == tags.a && metrics["f1 score"] > champion.metrics.auc'
    assert expression(text).reads == (
        ("tags", "a"), ("tags", "b"), ("tags", "c-d"), ("metrics", "f1 score"), ("champion", "metrics", "auc"),
    )  # fmt: skip


def worst_expressions() -> dict[str, str]:
    """As many parts as are let through, of each kind; over values of the greatest size."""
    return {
        "ands": " && ".join(['tags.x.contains("y")'] * 39),
        "ors": " || ".join(["tags.x == tags.y"] * 33),
        "sums": " + ".join(["tags.x"] * 60) + ' == "y"',
        "lists": f"[{', '.join(['tags.x'] * 90)}] == [{'tags.y'}]",
        "in": f"tags.x in [{', '.join(['tags.y'] * 90)}]",
        "brackets": "(" * 12 + "tags.x" + ")" * 12 + ' == "y"',
        "nots": "!" * 130 + "true",
        "conditions": "false ? true : " * 60 + "true",
        "sizes": " + ".join(["size(tags.x)"] * 45) + " > 1",
        "products": " * ".join(["1.5"] * 65) + " > 1.0",
    }


LONG: Mapping[Path, Any] = {("tags", "x"): "x" * 999 + "y", ("tags", "y"): "x" * 999 + "z"}


@pytest.mark.parametrize("text", worst_expressions().values(), ids=worst_expressions())
def test_the_worst_that_is_let_through_costs_a_bounded_multiple_of_an_ordinary_rule(text: str) -> None:
    """Both are measured in turn, in this run; a part costs about the same wherever it stands."""
    ordinary, worst = expression(ORDINARY), expression(text)

    def cost(compute: Any, values: Mapping[Path, Any]) -> float:
        began = time.process_time()
        for _ in range(20):
            compute(values)
        return time.process_time() - began

    pairs = [(cost(ordinary.compute, VALUES), cost(worst.compute, LONG)) for _ in range(5)]
    assert min(theirs for _, theirs in pairs) < 100 * min(ours for ours, _ in pairs)


@pytest.mark.parametrize("text", worst_expressions().values(), ids=worst_expressions())
def test_the_deepest_that_is_let_through_needs_no_more_stack_than_a_request_leaves(text: str) -> None:
    compute = expression(text).compute
    assert sys.getrecursionlimit() == 1000
    found: list[bool | Uncomputed] = []

    def below(frames: int) -> None:
        if frames:
            below(frames - 1)
        else:
            found.append(compute(LONG))

    thread = threading.Thread(target=below, args=(150,))
    thread.start()
    thread.join()
    assert "cannot compute" not in str(found)


def test_what_plus_makes_is_bounded() -> None:
    assert value_of(" + ".join(["tags.x"] * 5) + ' == "y"', LONG) is False
    assert LONGEST_MADE == 10_000
    assert value_of(" + ".join(["tags.x"] * 11) + ' == "y"', LONG) == "a text or list gets too long"


@pytest.mark.parametrize(
    "text", ["'" + "\\n" * 400, '"' + "\\" * 900, '"""' + "\r\n" * 400, "/" * 900, "'" * 900, "a." * 450]
)
def test_texts_that_cost_a_lexer_its_life_are_refused_at_once(text: str) -> None:
    began = time.process_time()
    with pytest.raises(ValueError, match=r"is no CEL|holds a backslash"):
        expression(text)
    assert time.process_time() - began < 20 * max(_parse_cost(), 0.001)


def _parse_cost() -> float:
    began = time.process_time()
    expression.__wrapped__(ORDINARY)
    return time.process_time() - began


@given(st.text(alphabet="tagsmetrics.[]()'\"+-*/%&|!?:<>=,0123456789 truefalsein\n", max_size=60))
def test_no_text_does_anything_but_compile_or_be_refused(text: str) -> None:
    try:
        found = expression(text).compute(VALUES)
    except ValueError:
        return
    assert isinstance(found, bool | Uncomputed)


def test_the_process_keeps_its_recursion_limit_and_rules_their_depth() -> None:
    before = sys.getrecursionlimit()
    expression("true").compute({})
    assert sys.getrecursionlimit() == before
    assert before > DEEPEST
