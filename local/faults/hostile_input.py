"""Hostile input through every way in: messages, webhook, API, pages, command line, settings, log, answers of servers.

`python -m local.faults --only hostile_input --seed N` repeats a run; `CLEARANCE_CORPORA` names published inputs to add.
"""

from random import Random

from local.faults.hostile import (
    api,
    command,
    hosts,
    intake,
    log_lines,
    openapi,
    planted,
    settings,
    tokens,
    versions,
    webhook,
    wire_answers,
)
from local.faults.hostile.corpora import Corpora
from local.faults.hostile.scores import Scores
from local.faults.hostile.secrets import watching
from local.faults.hostile.site import PEOPLE, Front, signing_in
from local.faults.options import Figures, Options

_SIZE, _SHORT_SIZE = 40, 3
_EXAMPLES, _SHORT_EXAMPLES = 10, 1
_ANSWERS, _SHORT_ANSWERS = 2, 1
_MOST_SHOWN = 20


def run(options: Options) -> Figures:
    """Score every case; prints surface by score, and what crashed or hung."""
    scores = scored(options)
    for line in scores.table().splitlines():
        options.say(line)
    for line in scores.found[:_MOST_SHOWN]:
        options.say(line)
    return {"cases": scores.cases, "crashed": scores.of("crashed"), "hung": scores.of("hung")}


def scored(options: Options) -> Scores:
    """Run every case; what a log record gave away counts as a case that crashed."""
    scores, corpora = Scores(), Corpora.named()
    options.say(corpora.told)
    size = _SHORT_SIZE if options.short else _SIZE
    rng = Random(options.seed)
    with watching() as watch, signing_in() as sign_in:
        fronts = {surface: Front(sign_in) for surface in ("intake", "webhook", "tokens", "api", "pages", "openapi")}
        intake.attack(scores, fronts["intake"], rng, size, corpora)
        webhook.attack(scores, fronts["webhook"], rng, size, corpora)
        tokens.attack(scores, fronts["tokens"], size)
        options.say(f"{scores.cases} cases: messages, webhook and tokens are through")
        api.attack(scores, fronts["api"], rng, size)
        versions.attack(scores, fronts["pages"], rng, size)
        examples, people = (_SHORT_EXAMPLES, PEOPLE[-2:-1]) if options.short else (_EXAMPLES, PEOPLE)
        openapi.attack(scores, fronts["openapi"], options.seed, examples, people)
        planted.attack(scores, sign_in, watch)
        for surface, front in fronts.items():
            planted.keep_secrets(scores, surface, front)
        options.say(f"{scores.cases} cases: API and pages are through")
        command.attack(scores, sign_in, rng, size // 2 or 1)
        settings.attack(scores, rng, size)
        log_lines.attack(scores, rng, size, corpora)
        hosts.attack(scores, heavy=not options.short)
        answers = _SHORT_ANSWERS if options.short else _ANSWERS
        wire_answers.attack(scores, rng, answers, corpora, heavy=not options.short)
    for fault in dict.fromkeys(watch.faults):
        scores.must("logs", fault, lambda: False, accepted=True)
    scores.must("logs", "records were watched", lambda: watch.records > 0, accepted=True)
    return scores
