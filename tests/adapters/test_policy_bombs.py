"""Files made to exhaust or to fool the loader: bounded in time, memory and words, each with a clear sentence.

Time is counted against an ordinary file of the same size, read in the same run.
"""

import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.adapters.document_faults import MOST_FAULTS
from shared.adapters.policy_files import LARGEST_POLICY, load_policies
from shared.domain.errors import DocumentInvalid
from tests.adapters.test_policy_files import FRAUD, SMALL, within

ROOM = LARGEST_POLICY - 100
VALUES = ", ".join(f"value-{i}" for i in range(11))
ORDINARY = FRAUD.replace("tags:\n", "tags:\n" + "".join(f"  t{i}: {{one_of: [{VALUES}]}}\n" for i in range(490)))
PATTERN = r"'[^@]+@contoso\.com'"


def models(count: int, pattern: str) -> str:
    return FRAUD.replace('"fraud-*"', ", ".join(f'"{pattern.format(i)}"' for i in range(count)))


BOMBS = {
    "aliases that multiply": (
        "l0: &l0 [x]\n" + "".join(f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 9)}]\n" for i in range(1, 60)),
        "a.yaml:1:5: The anchor &l0 is not read: remove it.",
    ),
    "an alias of itself": ("a: &a [*a]", "a.yaml:1:4: The anchor &a is not read: remove it."),
    "a merge key": ("a: &a {b: 1}\nc: {<<: *a}", "a.yaml:2:9: The alias *a is not read: write the value out."),
    "anchors everywhere": ("- &a 1\n" * (ROOM // 7), "a.yaml:1:3: The anchor &a is not read: remove it."),
    "ten megabytes": ("a" * 10_000_000, "a.yaml:1:1: The file has more than 65536 bytes: split it."),
    "nesting without end": ("[" * ROOM, "a.yaml:1:17: Nesting is deeper than 16: flatten it."),
    "keys nested without end": ("? " * (ROOM // 2), "a.yaml:1:33: Nesting is deeper than 16: flatten it."),
    "empty lists": (f"[{'[],' * (ROOM // 3)}]", "a.yaml:1:1: must hold keys and values."),
    "ten thousand keys": (
        "".join(f"{i:x}:\n" for i in range(9_999)) + "grase: 30m\n",
        "a.yaml:1:1: policy is missing: add it.",
    ),
    "one key again and again": ("a: 1\n" * (ROOM // 5), 'a.yaml:2:1: The key "a" stands on line 1 already: keep one.'),
    "a quote that never ends": ('a: "' + "\\" * ROOM, "This is not YAML (found unexpected end of stream): mend it"),
    "a scalar without end": (f"policy: {'a' * ROOM}", "a.yaml:1:1: policy is "),
    "a number without end": (f"policy: {'9' * ROOM}", "is no plain decimal number: write it out, or quote it"),
    "many documents": ("---\n" * (ROOM // 4), "a.yaml:1:1: There is more than one document"),
    "a pattern that costs RE2 its memory": (
        FRAUD.replace(PATTERN, "'((a{100}){100}){100}'"),
        "a.yaml:7:11: tags.owner.pattern is refused by RE2",
    ),
    "tags without end": (
        FRAUD.replace("tags:\n", "tags:\n" + "".join(f"  t{i}: {{type: date_range}}\n" for i in range(2_000))),
        "a.yaml:6:1: tags lists more than 500: remove some.",
    ),
    "models without end": (models(5_000, "*{}*"), "a.yaml:2:33: match.models lists more than 100: remove some."),
    "wildcards that all meet": (
        models(60, "*{}" + "*a" * 40),
        "a.yaml:2:1: match and the other policies have 9940 patterns and wildcards, too many to compare: list fewer.",
    ),
    "exceptions that nearly all meet": (
        models(5, "a" * 50 + "*a" * 90 + "N{}")
        + "exceptions:\n"
        + "".join(
            f"  - {{gate: metric:auc, owner: a, reason: b, until: 2026-12-31, models: [{', '.join(near)}]}}\n"
            for near in ([f"'{'a*' * 100}{each}{i}'" for i in range(80)] for each in "bcd")
        ),
        "a.yaml:26:1: exceptions and match.models have 49360 patterns and wildcards, too many to compare: list fewer.",
    ),
    "a threshold that is no number": (FRAUD.replace("min: 0.90", "min: .nan"), "auc.min is not finite: write a plain"),
    "names that reorder the line": (
        FRAUD.replace("grace:", '"gr\\u202eace":'),
        "a.yaml:4:1: gr\\u{202E}ace is no key known here: write grace, or remove it.",
    ),
    "a name that is markup": (
        FRAUD.replace("policy: fraud", 'policy: "<script>\\r\\nalert(1)</script>"'),
        'a.yaml:1:1: policy is "<script>\\u{000D}\\u{000A}alert(1)</script>": write what fits',
    ),
}


def faults_of(folder: Path, content: str) -> tuple[str, ...]:
    (folder / "a.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(DocumentInvalid) as caught:
        load_policies(folder)
    return within(folder, caught.value.faults)


def cpu(do: Callable[[], object]) -> float:
    began = time.process_time()
    do()
    return time.process_time() - began


@pytest.fixture(scope="module")
def ordinary(tmp_path_factory: pytest.TempPathFactory) -> float:
    """CPU seconds of an ordinary file of the largest size."""
    folder = tmp_path_factory.mktemp("ordinary")
    (folder / "a.yaml").write_text(ORDINARY)
    assert ROOM * 0.9 < len(ORDINARY) < LARGEST_POLICY
    return cpu(lambda: load_policies(folder))


@pytest.mark.parametrize(("content", "sentence"), BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_told_what_it_is_and_costs_no_more_than_some_ordinary_files(
    tmp_path: Path, ordinary: float, content: str, sentence: str
) -> None:
    faults: list[str] = []

    assert cpu(lambda: faults.extend(faults_of(tmp_path, content))) < 15 * ordinary
    assert any(sentence in fault for fault in faults), faults
    assert len(faults) <= 2 * (MOST_FAULTS + 1)
    assert max(map(len, faults)) < 600
    assert all(fault.isprintable() for fault in faults)


def test_more_faults_than_anybody_reads_are_counted(tmp_path: Path) -> None:
    faults = faults_of(tmp_path, SMALL + "".join(f"x{i}: 1\n" for i in range(150)))
    assert faults[-1] == "a.yaml: There are 50 faults more: mend these first."


@pytest.mark.parametrize("bomb", ["ten megabytes", "aliases that multiply", "ten thousand keys"])
def test_memory_is_bounded_too(tmp_path: Path, bomb: str) -> None:
    tracemalloc.start()
    try:
        faults_of(tmp_path, BOMBS[bomb][0])
        assert tracemalloc.get_traced_memory()[1] < 1_000 * LARGEST_POLICY
    finally:
        tracemalloc.stop()


def test_a_pattern_that_would_take_re_for_ever_is_read_and_runs_in_linear_time(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(FRAUD.replace(PATTERN, "'(a+)+$'"))
    (policy,) = load_policies(tmp_path)
    assert policy.tags["owner"].pattern == "(a+)+$"


def test_a_hostile_file_name_is_shown_harmless(tmp_path: Path) -> None:
    (tmp_path / "a\u202e\n.yaml").write_text("policy: [")
    with pytest.raises(DocumentInvalid) as caught:
        load_policies(tmp_path)
    assert within(tmp_path, caught.value.faults)[0].startswith("a\\u{202E}\\u{000A}.yaml:")
