"""Lines of the log, and canonical JSON: one line a record whatever it tells, and the published bytes."""

import json
from random import Random

from functions.log_line import log_line
from local.faults.hostile import payloads
from local.faults.hostile.corpora import Corpora
from local.faults.hostile.scores import Broken, Scores
from shared.domain.canonical import canonical
from shared.domain.visible import LONGEST_SHOWN, visible

SURFACE = "logs"


def attack(scores: Scores, rng: Random, size: int, corpora: Corpora) -> None:
    """Every text as a fact of a line, and made visible."""
    for text in (*payloads.sample(rng, payloads.TEXTS, size * 4), "\ud800"):
        scores.must(SURFACE, text[:40], _one_line, text, accepted=True)
    for name, content, expected in corpora.canonical():
        scores.must("canonical", name, _canonical, content, expected, accepted=True)


def _canonical(content: bytes, expected: bytes) -> bool:
    return canonical(json.loads(content)) == expected.strip(b"\n")


def _one_line(text: str) -> bool:
    line = log_line("promotion_advanced", promotion=text, facts=[text, {text: text}])
    if not line.isprintable() or not line.isascii():
        raise Broken("the line is more than one, or holds what cannot be seen")
    if json.loads(line)["promotion"] != text:
        raise Broken("the line does not say what it was told")
    shown = visible(text)
    if not shown.isprintable() or len(shown) > LONGEST_SHOWN or visible(shown) != shown:
        raise Broken("what is made visible is not")
    return True
