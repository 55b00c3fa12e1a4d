"""A backtest as text for people, as JSON for programs, and as Markdown for a pull request."""

from collections.abc import Iterator
from typing import Any

from shared.cli.output import columns, heading, line, paragraph
from shared.domain.backtest import Backtest
from shared.domain.instants import instant_text
from shared.domain.replay import GateFlip, Replay
from shared.domain.visible import visible

_MOST_GATES = 3  # of one version that a table names
_WORDS = {
    "failed": "blocked",
    "unproven": "unproven",
    "passed": "passed",
    "no_policy": "no policy",
    "not_opted_in": "not opted in",
    "policy_off": "policy off",
}


def backtest_document(backtest: Backtest) -> dict[str, Any]:
    """The report as JSON values; `not_listed` counts what is counted above and not named below."""
    listed = len(backtest.flips) + len(backtest.undecided)
    flips = backtest.would_pass + backtest.would_be_held_back
    return {
        "evaluations": backtest.evaluations,
        "same": backtest.same,
        "would_pass": backtest.would_pass,
        "would_be_held_back": backtest.would_be_held_back,
        "undecidable": backtest.undecidable,
        "gates": dict(backtest.gates.most_common()),
        "flips": [_flip(each) for each in backtest.flips],
        "undecided": [{**_place(each), "why": each.why} for each in backtest.undecided],
        "not_listed": flips + backtest.undecidable - listed,
    }


def show_backtest(report: dict[str, Any]) -> None:
    """At most 80 columns: the counts, through which gates, and whose outcome would flip."""
    columns([(name, number) for name, number in _counts(report)])
    if report["gates"]:
        heading("Through which gate")
        columns(list(report["gates"].items()), "  ")
    if report["flips"]:
        heading("Whose outcome would flip")
        for each in report["flips"]:
            line(f"  {_who(each)}: {_turn(each)}")
            for gate in each["through"]:
                paragraph(gate["sentence"], "      ")
    if report["undecided"]:
        heading("Nobody can say")
        for each in report["undecided"]:
            line(f"  {_who(each)}")
            paragraph(each["why"], "      ")
    if report["not_listed"]:
        line(f"{report['not_listed']} more are counted above and not listed; --limit lists more.")


def markdown(report: dict[str, Any]) -> str:
    """GitHub's Markdown. Whatever came from outside stands in code spans, where nothing is rendered or linked."""
    return "\n".join(_markdown(report)) + "\n"


def _markdown(report: dict[str, Any]) -> Iterator[str]:
    flips = report["would_pass"] + report["would_be_held_back"]
    yield f"### Policy backtest: {flips} of {report['evaluations']} recorded evaluations would come out otherwise"
    yield ""
    yield from _table(("Replayed", "Count"), _counts(report))
    if report["gates"]:
        yield from _table(("Through gate", "Flips"), [(_code(gate), n) for gate, n in report["gates"].items()])
    if report["flips"]:
        cells = [(_code(_who(each)), _turn(each), "<br>".join(_sentences(each))) for each in report["flips"]]
        yield from _table(("Version", "Outcome", "Why"), cells)
    if report["undecided"]:
        yield "<details><summary>Nobody can say: the evidence that the policy names was not recorded</summary>"
        yield ""
        yield from _table(("Version", "Why"), [(_code(_who(each)), _code(each["why"])) for each in report["undecided"]])
        yield "</details>"
        yield ""
    if report["not_listed"]:
        yield f"{report['not_listed']} more are counted above and not listed."


def _counts(report: dict[str, Any]) -> list[tuple[str, int]]:
    return [
        ("recorded evaluations", report["evaluations"]),
        ("would be held back", report["would_be_held_back"]),
        ("would pass", report["would_pass"]),
        ("come out the same", report["same"]),
        ("nobody can say", report["undecidable"]),
    ]


def _table(names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> Iterator[str]:
    for row in (names, ("---",) * len(names), *rows):
        yield f"| {' | '.join(map(str, row))} |"
    yield ""


def _sentences(flip: dict[str, Any]) -> Iterator[str]:
    for gate in flip["through"][:_MOST_GATES]:
        yield _code(gate["sentence"])
    if len(flip["through"]) > _MOST_GATES:
        yield f"and {len(flip['through']) - _MOST_GATES} gates more"


def _who(each: dict[str, Any]) -> str:
    return f"{each['promotion']} round {each['round']} of {each['at'][:10]}"


def _turn(flip: dict[str, Any]) -> str:
    return f"{_WORDS[flip['was']]}, would be {_WORDS[flip['would_be']]}"


def _code(text: str) -> str:
    # A backtick would end the span; a bar ends the cell even inside one, unless escaped (GFM, tables).
    return f"`{visible(text).replace('`', chr(39)).replace('|', chr(92) + '|')}`"


def _place(replay: Replay) -> dict[str, Any]:
    return {"promotion": replay.promotion, "round": replay.round, "at": instant_text(replay.at)}


def _flip(replay: Replay) -> dict[str, Any]:
    turn = {"was": replay.was, "would_be": replay.would_be}
    return {**_place(replay), **turn, "through": [_gate(gate) for gate in replay.through]}


def _gate(gate: GateFlip) -> dict[str, str]:
    return {"gate": gate.gate, "was": gate.was, "would_be": gate.would_be, "sentence": gate.sentence}
