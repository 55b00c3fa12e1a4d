"""Settings that somebody set badly, secrets among them: every fault is named, and none shows a secret."""

import json
from random import Random

from local.faults.hostile import payloads
from local.faults.hostile.scores import Broken, Scores
from local.faults.hostile.secrets import ACCOUNT_KEY, BEARER, CONNECTION, SAS_URL, WHSEC, refuse_leaks
from shared.domain.errors import DocumentInvalid
from shared.settings import ClientSettings, Settings
from shared.settings.table import TABLE

SURFACE = "settings"
_SECRET = (
    CONNECTION, f"{CONNECTION}\r\n\x1b[31m", CONNECTION.replace("AccountName", "Acount"), ACCOUNT_KEY, f"AccountKey={ACCOUNT_KEY}",
    WHSEC, f'{{"chatops": {{"keys": ["{WHSEC}!"], "people": ["x"]}}}}', f'{{"chatops": {{"keys": "{WHSEC}"}}}}',
    f'{{"chatops": "{WHSEC}"}}', f'["{WHSEC}"]', f'{{"chatops": {{"keys": ["{WHSEC}", "{WHSEC}", "{WHSEC}"], "people": []}}}}',
    f'{{"a": 1, "a": "{WHSEC}"}}', f"{BEARER} {BEARER}", f"{BEARER}\n", SAS_URL, f"https://me:{BEARER}@host.test",
)  # fmt: skip

_MISPLACED = (SAS_URL, f"https://me:{BEARER}@host.test", CONNECTION, WHSEC, BEARER * 2)


def attack(scores: Scores, rng: Random, size: int) -> None:
    """Each setting with each secret, and with texts that are no setting, in an environment that is otherwise good."""
    good = {setting.name: setting.example for setting in TABLE if setting.required}
    for setting in TABLE:
        others = payloads.sample(rng, payloads.TEXTS, size)
        for text in (*(_SECRET if setting.secret else _MISPLACED), *others):
            environment = {**good, setting.name: text}
            scores.case(SURFACE, f"{setting.name}={text[:30]!r}", _read, environment)


def _read(environment: dict[str, str]) -> bool:
    """Whether all who read settings take them."""
    taken = True
    for read in (Settings.from_mapping, ClientSettings.from_mapping):
        try:
            refuse_leaks("what settings look like", repr(read(environment)))
        except DocumentInvalid as invalid:
            taken = False
            refuse_leaks("a fault", str(invalid), *invalid.faults)
            if not all(fault.isprintable() for fault in invalid.faults):
                raise Broken("a fault holds what cannot be seen") from None
            json.dumps(invalid.faults)
    return taken
