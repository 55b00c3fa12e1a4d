"""CEL in policies: what may be written, what it costs at most, and that nothing it does escapes as an error."""

import json
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.cel import DEEPEST, LONGEST_EXPRESSION, MOST_NODES, expression, expression_faults
from shared.adapters.cel_functions import FUNCTIONS, LONGEST_MADE, MOST_ITEMS, OVERLOADS
from shared.domain.policy import Path, Uncomputed
from shared.domain.rule_values import MOST_FLAVORS
from tests.functions.children import run_python

VALUES: Mapping[Path, Any] = {
    ("tags", "plant"): "north",
    ("tags", "a-b"): "1",
    ("metrics", "auc"): 0.9,
    ("model", "flavors"): ("sklearn", "python_function"),
}
ORDINARY = 'tags.plant == "north" && metrics.auc >= 0.9'


MIXED = "it mixes types (metrics are doubles: write 1.0, not 1)"


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
        ('metrics.auc > 1.0 ? false : int(tags["a-b"]) + 1 == 2', True),
        ('double(tags["a-b"]) - metrics.auc < 0.2 && string(1) == "1"', True),
        ("has(champion.metrics.auc)", False),
        ("-1 < 0 && -metrics.auc < 0.0 && 7 % 4 == 3 && 7 / 2 == 3", True),
        ("-7 / 2 == -3 && -7 % 4 == -3 && 7 % -4 == 3 && 5 - -3 == 8", True),
        ("int(1.9) == 1 && int(-1.9) == -1 && int('-7') == -7 && double('.5e1') == 5.0 && double(3) == 3.0", True),
        ("-9223372036854775808 < 9223372036854775807 && 0x1F == 31 && 1e308 > 1.0", True),
        ("r'a' == 'a' && 'a' < 'b' && 'B' < 'a' && false < true && size('😀') == 1", True),
        ("1 in [2, 1] && !(1 in [2, 3]) && 'a' in ['b'] + ['a'] && [1, 2] == [1] + [2] && [[1]] != [[2]]", True),
        ("[1, 'a'] == ['b', 'b'] || [1] == ['a', 1]", False),
        ("'a' in [1, 'a'] && [1, 'a'] != [2, 2]", True),
    ],
)
def test_an_expression_gives_true_or_false(text: str, value: bool) -> None:
    assert value_of(text) is value


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('tags.nowhere == "1"', "it finds no value"),
        ("1 / 0 == 1", "it divides by zero"),
        ("1 % 0 == 1", "it divides by zero"),
        ("metrics.auc / 0.0 > 1.0", "it divides by zero"),
        ("1 / 0 + 1 == 2", "it divides by zero"),
        ("1e308 * 1e308 > 1.0", "a number gets too large"),
        ("1e308 + 1e308 > 1.0", "a number gets too large"),
        ("-1e308 - 1e308 < 1.0", "a number gets too large"),
        ("1e308 / 1e-308 > 1.0", "a number gets too large"),
        ('double("1e400") > 1.0', "a number gets too large"),
        ("int(1e19) > 0", "a number gets too large"),
        ("int('9223372036854775808') > 0", "a number gets too large"),
        ("9223372036854775807 + 1 > 0", "a number gets too large"),
        ("-9223372036854775807 - 2 < 0", "a number gets too large"),
        ("9223372036854775807 * 9223372036854775807 > 0", "a number gets too large"),
        ("-9223372036854775808 / -1 > 0", "a number gets too large"),
        ("-(-9223372036854775808) > 0", "a number gets too large"),
        ('double("nan") != 1.0', "a text is no number"),
        ("int(tags.plant) > 0", "a text is no number"),
        ('model.flavors[9] == "x"', "a list has no such item"),
        ('model.flavors[-1] == "sklearn"', "a list has no such item"),
        ("1 in [true]", MIXED),
        ("[1] == [1.0]", MIXED),
        ("[1] != ['a']", MIXED),
        ("'a' in [1, 2]", MIXED),
        ("[tags.plant][0]", "it gives string, neither true nor false"),
        ("[1][0]", "it gives int, neither true nor false"),
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
        ("'''a''' == 'a'", "holds '''a'''"),
        ("null == null", "holds null"),
        ("size() > 1", "applies size to nothing: give it string, or list"),
        ("size(tags.a, tags.b) > 1", "applies size to string and string: give it string, or list"),
        ("tags.a.size(tags.b) > 1", "applies size to string and string: give it string, or list"),
        ("int() == 1", "applies int to nothing: give it int, or double, or string"),
        ('tags.a.endsWith("x", "y")', "applies endsWith to string and string and string: give it string and string"),
        ("tags.a.contains()", "applies contains to string: give it string and string"),
        ("tags.a", "gives string, never true or false: compare it with something"),
        ("metrics.auc + 1.0", "gives double, never true or false"),
        ("[true]", "gives list, never true or false"),
        ("model.flavors", "gives list, never true or false"),
        ('"abc" == 1', "applies == to string and int: give it bool and bool, or int and int"),
        (
            "metrics.auc == 1",
            "applies == to double and int: write both as one type (1 is int; 1.0 is double, as metrics are)",
        ),
        ("metrics.auc % 2 == 1", "applies % to double and int: give it int and int"),
        ("1 < metrics.auc", "applies < to int and double: write both as one type"),
        ('tags.a in "xyz"', "applies in to string and string: give it any and list, or string and map"),
        ('"%1000000000d" % 5 != "x"', "applies % to string and int: give it int and int"),
        ('"%s" % tags.a == "x"', "applies % to string and string"),
        ("tags.a % 5.0 == 1.0", "applies % to string and double"),
        ('"%.300000000f" % metrics.a == "x"', "applies % to string and double"),
        ("tags.a[0] == 'x'", "applies [] to string and int"),
        ("model.flavors[0].x == 'x'", "reads x of something else than a name"),
        ("string(true) == 'true'", "applies string to bool: give it string, or int"),
        ("string(metrics.auc) == '1'", "applies string to double"),
        ("tags.a ? true : false", "applies ?: to string and bool and bool"),
        ("1e400 > 1.0", "holds 1e400, more than 64 bits hold: write a smaller number"),
        ("-1e400 < 1.0", "holds -1e400, more than 64 bits hold"),
        ("9223372036854775808 > 1", "holds 9223372036854775808, more than 64 bits hold"),
        ("-9223372036854775809 < 1", "holds -9223372036854775809, more than 64 bits hold"),
        ("0x8000000000000000 > 1", "holds 0x8000000000000000, more than 64 bits hold"),
        ("18446744073709551616u > 1u", "holds 18446744073709551616u: write a number"),
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


KINDS = {"bool": "true", "int": "3", "double": "metrics.auc", "string": "tags.plant", "list": "model.flavors"}
# What each operator takes on both sides, as cel-spec says (langdef.md, "List of Standard Definitions").
TAKES = {
    "+": "int double string list",
    "-": "int double",
    "*": "int double",
    "/": "int double",
    "%": "int",
    **dict.fromkeys(("<", "<=", ">", ">="), "bool int double string"),
    **dict.fromkeys(("==", "!="), "bool int double string list"),
    **dict.fromkeys(("&&", "||"), "bool"),
}
ONE = {"!": "bool", "-": "int double"}
CALLS = {
    "size({0})": "string list",
    "{0}.size()": "string list",
    "int({0})": "int double string",
    "double({0})": "int double string",
    "string({0})": "int string",
    "{0}.contains(tags.plant)": "string",
    "{0}.startsWith(tags.plant)": "string",
    "{0}.endsWith(tags.plant)": "string",
    "tags.plant.contains({0})": "string",
    "tags.plant.startsWith({0})": "string",
    "tags.plant.endsWith({0})": "string",
    "{0} in model.flavors": "string",
    "tags.plant in {0}": "list",
    "model.flavors[{0} - {0}]": "int",
    "{0}[0]": "list",
    "{0} ? 1 : 2": "bool",
}


def applied_to_every_kind() -> dict[str, dict[tuple[str, ...], bool]]:
    """Every operator and function, and of every kind or pair of kinds whether CEL has an overload."""
    pairs: dict[str, dict[tuple[str, ...], bool]] = {
        f"{{0}} {name} {{1}}": {(a, b): a == b and a in takes.split() for a in KINDS for b in KINDS}
        for name, takes in TAKES.items()
    }
    alone = {**{f"{name}{{0}}": takes for name, takes in ONE.items()}, **CALLS}
    return pairs | {text: {(kind,): kind in takes.split() for kind in KINDS} for text, takes in alone.items()}


APPLIED = applied_to_every_kind()
OVER_KINDS = pytest.mark.parametrize(("text", "overloads"), APPLIED.items(), ids=APPLIED)


@OVER_KINDS
def test_what_cel_has_no_overload_for_is_computed_of_no_kinds(
    text: str, overloads: dict[tuple[str, ...], bool]
) -> None:
    """Items of a list have a kind only once they are computed, so that nothing is refused before."""
    # True decides `||`, whatever the other side is.
    kinds = {**KINDS, "bool": "false"} if "||" in text else KINDS
    found = {
        each: value_of(f"[{text.format(*(f'[{kinds[kind]}][0]' for kind in each))}] == []", KNOWN) for each in overloads
    }
    assert found == {each: False if taken else MIXED for each, taken in overloads.items()}


@OVER_KINDS
def test_what_has_kinds_that_are_known_is_refused_when_the_policy_is_loaded(
    text: str, overloads: dict[tuple[str, ...], bool]
) -> None:
    found = {each: not expression_faults(f"[{text.format(*map(KINDS.get, each))}] == []") for each in overloads}
    assert found == {each: taken or text == "{0} in model.flavors" for each, taken in overloads.items()}


KNOWN: Mapping[Path, Any] = {**VALUES, ("tags", "plant"): "7", ("model", "flavors"): ("x", "y")}


@pytest.mark.parametrize(
    "text", ["1_0", "\u0661\u0662", "\uff11", " 0.6_1 ", " 1", "1 ", "0x1F", "1e", "inf", "nan", ""]
)
@pytest.mark.parametrize("convert", ["int", "double"])
def test_a_text_is_a_number_only_as_it_is_everywhere_else(convert: str, text: str) -> None:
    """As in `shared.domain.decimals`, and not as Python reads numbers."""
    assert value_of(f"{convert}(tags.x) == {convert}(tags.x)", {("tags", "x"): text}) == "a text is no number"


def test_nothing_of_the_library_is_offered_that_is_not_listed_here() -> None:
    from celpy.evaluation import base_functions

    assert {*FUNCTIONS, "has"} == {*OVERLOADS}
    more = [name for name in base_functions if name not in FUNCTIONS]
    assert {"matches", "type", "bytes", "uint", "bool", "timestamp", "duration", "list", "map", "getHours"} <= {*more}
    for name in [*more, "dyn", "map", "filter", "all", "exists", "exists_one", "reduce", "min"]:
        assert expression_faults(f"{name}(tags.plant) == 1")
        assert expression_faults(f"tags.plant.{name}() == 1")
        assert expression_faults(f"tags.plant.{name}(x, x) == 1")


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
        "mixed ands": " && ".join(["tags.x == [1][0]"] * 24),
        "mixed ors": " || ".join(["tags.x == [1][0]"] * 24),
        "no booleans": " && ".join(["[tags.x][0]"] * 32),
        "equal equals": " == ".join(["(tags.x == tags.y)"] * 30),
        "conditions of nothing": "[tags.x][0] ? true : " * 25 + "true",
        "text % number": " && ".join(['["%999999999d"][0] % [5][0] == 1'] * 15),
        "tag % number": " && ".join(["[tags.z][0] % 5 == 1"] * 18),
        "tag % metric": " && ".join(["[tags.z][0] % [metrics.m][0] == 1"] * 14),
        "tag % tag": " && ".join(["[tags.z][0] % [tags.x][0] == 1"] * 14),
        "text * number": " && ".join(["[tags.x][0] * 999999999 == 1"] * 20),
        "searches": " || ".join(["tags.y.contains(tags.x)"] * 28),
        "found flavors": " && ".join(['!("x" in model.flavors)'] * 33),
        "sums of flavors": " && ".join([f'!("x" in {" + ".join(["model.flavors"] * 10)})'] * 5),
        "lists of flavors": " == ".join([f"[{', '.join(['model.flavors'] * 30)}]"] * 2),
    }


LONG: Mapping[Path, Any] = {
    ("tags", "x"): "x" * 499 + "y" + "x" * 499 + "z",
    ("tags", "y"): "x" * 999 + "z",
    ("tags", "z"): "%300000000d",
    ("metrics", "m"): 0.5,
    ("model", "flavors"): tuple(f"flavor{number:03}" for number in range(MOST_FLAVORS)),
}


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


# Under a limit of its own, for what it guards against is a rule that takes all the memory there is.
MEMORY = """
import json, resource, sys, tracemalloc
resource.setrlimit(resource.RLIMIT_AS, (2**31, 2**31))
from shared.adapters.cel import expression
found = []
expression("true").compute({})
tracemalloc.start()
for text in json.loads(sys.argv[1]):
    compute = expression(text).compute
    long = {("tags", "x"): "x" * 999, ("tags", "y"): "y" * 999, ("tags", "z"): "%300000000d", ("metrics", "m"): 0.5}
    for values in ({}, {**long, ("model", "flavors"): tuple(map(str, range(50)))}):
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        compute(values)
        found.append(tracemalloc.get_traced_memory()[1] - before)
print(json.dumps(found))
"""


def test_the_worst_that_is_let_through_takes_little_memory_whether_its_values_are_there_or_not() -> None:
    peaks = run_python(MEMORY, {}, json.dumps([*worst_expressions().values()]))

    assert len(peaks) == 2 * len(worst_expressions())
    assert max(peaks) < 2_000_000


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (" || ".join(f'tags.x == "{number}"' for number in range(20)), "it finds no value"),
        (" && ".join(f'tags.x != "{number}"' for number in range(20)), "it finds no value"),
        ('tags.x == "a" || tags.plant == [1][0]', "it finds no value"),
        ('tags.plant == [1][0] && tags.x == "a"', MIXED),
        ("[tags.plant][0] && [tags.plant][0]", MIXED),
        ('[tags.x][0] ? true : tags.x == "a"', "it finds no value"),
    ],
)
def test_of_several_reasons_the_first_is_told(text: str, why: str) -> None:
    assert value_of(text) == why


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('tags.x == "a" || tags.plant == "north"', True),
        ('tags.plant == "north" || tags.x == "a"', True),
        ('tags.x == "a" && tags.plant == "south"', False),
        ('tags.plant == "south" && tags.x == "a"', False),
        ("!(tags.plant == 'south') && (metrics.auc > 1.0 || true)", True),
    ],
)
def test_what_decides_by_itself_needs_no_other_side(text: str, value: bool) -> None:
    assert value_of(text) is value


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
    assert value_of(" + ".join(["model.flavors"] * 10) + " == []", LONG) is False
    assert MOST_ITEMS == 500
    assert value_of(" + ".join(["model.flavors"] * 11) + " == []", LONG) == "a text or list gets too long"


@pytest.mark.parametrize(
    "text", ["'" + "\\n" * 400, '"' + "\\" * 900, '"""' + "\r\n" * 400, "/" * 900, "'" * 900, "a." * 450]
)
def test_texts_that_cost_a_lexer_its_life_are_refused_at_once(text: str) -> None:
    began = time.process_time()
    with pytest.raises(ValueError, match=r"is no CEL|holds a backslash"):
        expression(text)
    assert time.process_time() - began < 20 * max(_parse_cost(), 0.01)


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
    assert isinstance(found, bool) or "cel-python" not in found.why


def test_the_process_keeps_its_recursion_limit_and_rules_their_depth() -> None:
    before = sys.getrecursionlimit()
    expression("true").compute({})
    assert sys.getrecursionlimit() == before
    assert before > DEEPEST
