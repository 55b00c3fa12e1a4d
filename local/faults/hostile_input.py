"""Hostile input through every way in: messages, webhook, API, pages, command line, settings, log, servers we call.

`python -m local.faults --only hostile_input --seed N` repeats a run; `CLEARANCE_CORPORA` names published inputs to add.
"""

from random import Random

from local.faults.hostile import api, command, hosts, intake, log_lines, openapi, settings, tokens, versions, webhook
from local.faults.hostile.corpora import Corpora
from local.faults.hostile.scores import Scores
from local.faults.hostile.secrets import watching
from local.faults.hostile.site import PEOPLE, Front, signing_in
from local.faults.options import Figures, Options

_SIZE, _SHORT_SIZE = 40, 3
_EXAMPLES, _SHORT_EXAMPLES = 10, 1
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
    size = _SHORT_SIZE if options.short else _SIZE
    rng = Random(options.seed)
    with watching() as watch, signing_in() as sign_in:
        intake.attack(scores, Front(sign_in), rng, size, corpora)
        webhook.attack(scores, Front(sign_in), rng, size, corpora)
        tokens.attack(scores, Front(sign_in), size)
        options.say(f"{scores.cases} cases: messages, webhook and tokens are through")
        api.attack(scores, Front(sign_in), rng, size)
        versions.attack(scores, Front(sign_in), rng, size)
        examples, people = (_SHORT_EXAMPLES, PEOPLE[-2:-1]) if options.short else (_EXAMPLES, PEOPLE)
        openapi.attack(scores, Front(sign_in), options.seed, examples, people)
        options.say(f"{scores.cases} cases: API and pages are through")
        command.attack(scores, sign_in, rng, size // 2 or 1)
        settings.attack(scores, rng, size)
        log_lines.attack(scores, rng, size, corpora)
        hosts.attack(scores, heavy=not options.short)
    for fault in dict.fromkeys(watch.faults):
        scores.must("logs", fault, lambda: False, accepted=True)
    scores.must("logs", "records were watched", lambda: watch.records > 0, accepted=True)
    return scores
