"""The command line: hostile promotions, servers, files and arguments; plain text out, an exit code, no traceback."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from typer.testing import CliRunner

from local.faults.hostile import payloads
from local.faults.hostile.scores import Broken, Scores
from local.faults.hostile.secrets import ACCOUNT_KEY, BEARER, CONNECTION, WHSEC, refuse_leaks
from local.faults.hostile.site import SENDER, Front, SignIn
from local.faults.hostile.versions import hostile_estate
from local.serving import serving, site_on
from shared.cli.main import app

SURFACE = "cli"
_PATIENT = timedelta(days=36_500)  # the command signs by the machine's clock, and this world's stands still
_POLICIES = Path(__file__).parents[3] / "policies"
_YAML = (
    "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n", "!!python/object/apply:os.system ['true']\n",
    "!!binary AAAA", "? {a: b}\n: c", "a: b\na: c\n", "%YAML 9.9\n---\na: b\n", "[" * 2_000, "{" * 2_000, "- " * 5_000 + "x",
    "a: 2026-13-45", "a: 1" + "0" * 5_000, "a: .nan", "\t- x", "a: '\x00'", "\ufeffpolicy: x", 'policy: "\\ud800"', "&a *a", "<<: *x",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shell:
    """Runs the command against one server, with nothing of this process's environment that it reads."""

    server: str
    token: str | None = None

    def run(self, *arguments: str, **environment: str | None) -> bool:
        """Whether it ended with 0; raises `Broken` for whatever a terminal, or a reader, should not see."""
        told = {"CLEARANCE_SERVER": self.server, "CLEARANCE_TOKEN": self.token, "CLEARANCE_WEBHOOK_KEY": WHSEC}
        result = CliRunner().invoke(app, list(arguments), env={**told, **environment})
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise Broken(f"it ended with {type(result.exception).__name__}: {result.exception}"[:300])
        if result.exit_code not in {0, 1, 2, 3}:
            raise Broken(f"it ended with {result.exit_code}")
        for text in (result.stdout, result.stderr):
            _check_terminal(text)
        secrets = [each for each in (self.token, environment.get("CLEARANCE_TOKEN")) if each]
        refuse_leaks("what it printed", result.stdout, result.stderr, more=secrets)
        return result.exit_code == 0


def attack(scores: Scores, sign_in: SignIn, rng: Random, size: int) -> None:
    """Each way in, one after the other."""
    front = Front(sign_in, tolerance=_PATIENT)
    found = hostile_estate(front, rng, size)
    site = site_on(front.app)
    with serving(site):
        shell = Shell(site.url, sign_in.token("ana.auditor"))
        for promotion in found:
            for arguments in (("show",), ("history",), ("show", "-o", "json"), ("history", "-o", "json")):
                command = (arguments[0], str(promotion), *arguments[1:])
                scores.must(SURFACE, " ".join(command), shell.run, *command, accepted=True)
        for command in _typed(rng, str(front.asked()), size):
            scores.case(SURFACE, f"{command}", shell.run, *command)
        _secrets(scores, shell, str(found[0]))
    _servers(scores, rng, size)
    with TemporaryDirectory() as folder:
        _files(scores, Path(folder), rng, size)


def _check_terminal(text: str) -> None:
    if "Traceback" in text:
        raise Broken("it printed a traceback")
    unseen = [each for each in text if not each.isprintable() and each != "\n"]
    if unseen:
        raise Broken(f"it printed U+{ord(unseen[0]):04X}")


def _typed(rng: Random, promotion: str, size: int) -> Iterator[tuple[str, ...]]:
    """Arguments that somebody, or a script with an unquoted variable, could type."""
    webhook = ("webhook", "send", promotion, "--sender", SENDER, "--approve")
    named = (*webhook, "--as", "amir.approver@contoso.com")
    for text in (*payloads.sample(rng, payloads.TEXTS, size), "\udcff\udc80", "--", "-1", "--help=x"):
        typed = text[:60_000].replace("\x00", "")
        yield ("show", typed)
        yield ("history", typed)
        for option in ("--model", "--actor", "--type", "--from", "--cursor", "--limit"):
            yield ("history", option, typed)
        yield ("show", promotion, "--server", typed)
        yield ("webhook", "send", promotion, "--sender", typed, "--approve", "--as", "x", "--evaluation", "0" * 64)
        yield (*webhook, "--as", typed)
        for option in ("--comment", "--evaluation", "--ticket", "--review-by", "--record", "--id"):
            yield (*named, option, typed)
        yield (*named, "--record", f"{typed}={typed}")
        yield ("verify", typed)
        yield ("policy", "check", typed)
        yield ("policy", "test", typed)
        yield ("policy", "explain", typed)
        for option in ("--from", "--to", "--folder", "--export", "--limit"):
            yield ("policy", "backtest", "--from", "2026-01-01", option, typed)


def _secrets(scores: Scores, shell: Shell, promotion: str) -> None:
    """What the environment holds must not come out, however badly it was set."""
    for token in (
        BEARER,
        f"{BEARER}\r\nX-Injected: yes",
        f"{BEARER} \x1b[31m",
        f"{BEARER}é",
        f"{BEARER}\udcff",
        BEARER * 9_000,
    ):
        scores.case(SURFACE, "a token badly set", _told, shell, ("show", promotion), {"CLEARANCE_TOKEN": token})
    send = ("webhook", "send", promotion, "--sender", SENDER, "--approve", "--as", "x", "--evaluation", "0" * 64)
    for key in (WHSEC, WHSEC[6:], f"{WHSEC}!", "whsec_x", "whsec_" + "A" * 4_000, f"{WHSEC}\r\nX: y", f"{WHSEC}é"):
        scores.case(SURFACE, "a key badly set", _told, shell, send, {"CLEARANCE_WEBHOOK_KEY": key})
    for server in (
        f"https://user:{BEARER}@127.0.0.1",
        f"https://127.0.0.1?sig={BEARER}",
        f"http://{BEARER}.test",
        f"https://{BEARER}\r\n",
    ):
        scores.case(SURFACE, "a server with a secret", _hidden, shell, promotion, server)
    for storage in (
        CONNECTION.replace("AccountName", "Acount"),
        f"{CONNECTION}\r\n",
        ACCOUNT_KEY,
        f"AccountKey={ACCOUNT_KEY}",
    ):
        scores.case(
            SURFACE, "storage badly set", _told, shell, ("export", "/dev/null"), {"AzureWebJobsStorage": storage}
        )


def _told(shell: Shell, command: tuple[str, ...], environment: dict[str, str]) -> bool:
    return shell.run(*command, **environment)


def _hidden(shell: Shell, promotion: str, server: str) -> bool:
    """A host is no secret, so a server is only held to showing neither user nor query."""
    if "://canary" in server:
        return CliRunner().invoke(app, ["show", promotion, "--server", server]).exit_code == 0
    return shell.run("show", promotion, "--server", server)


def _servers(scores: Scores, rng: Random, size: int) -> None:
    """What stands at the other end may be anything."""
    texts = payloads.sample(rng, payloads.TEXTS, size)
    problems = [
        {"title": text, "status": 403, "code": text, "detail": text, "faults": [text, 7, None]} for text in texts
    ]
    bodies = [
        json.dumps(each).encode("utf-8", "surrogatepass")
        for each in (*problems, *payloads.sample(rng, payloads.VALUES, size))
    ]
    bodies += [
        *payloads.sample(rng, payloads.NOT_JSON, size),
        *(_document(rng, text) for text in texts),
        b'{"a":"\\ud800"}',
    ]
    current: list[tuple[int, bytes]] = [(200, b"")]
    with _answering(current) as shell:
        for body in bodies:
            for status in (200, rng.choice((204, 302, 401, 404, 500, 503))):
                current[0] = (status, body)
                command = rng.choice(
                    (("show", "a:b:1"), ("history", "a:b:1"), ("history",), ("history", "-o", "json"), _SEND)
                )
                scores.case(SURFACE, f"a server says {status} {body[:80]!r} to {command}", shell.run, *command)


_SEND = ("webhook", "send", "a:b:1", "--sender", "s", "--approve", "--as", "x")


def _document(rng: Random, text: str) -> bytes:
    """What the API answers with, and one thing in it that is not as it should be."""
    gate = {
        "gate": text,
        "mode": text,
        "outcome": text,
        "expected": text,
        "actual": text,
        "explanation": text,
        "command": text,
    }
    row: dict[str, Any] = {"sequence": 1, "at": text, "type": text, "actor": text, "history": text, "summary": text}
    evaluation = {
        "policy": text,
        "outcome": text,
        "digest": text,
        "gates": [gate],
        "difference": [text],
    }
    said = [{"by": text, "text": text}]
    record = {
        "fields": [{"field": text, "status": text, "said": said}],
        "limitations": said,
        "tickets": [],
        "reviews": said,
    }
    document: dict[str, Any] = {
        "promotion": text, "status": text, "explanation": text, "registered_at": text, "registrant": text, "asset_id": text,
        "round": text, "expires_at": text, "error": text, "page": text, "evaluation": evaluation, "record": record, "awaits": [text], "required": 1, "approvals": 1,
        "decisions": [{"at": text, "verdict": text, "person": text, "stands": True, "comment": text}], "items": [row], "cursor": text,
        "targets": [{"registry": text, "name": text, "version": text, "status": text, "explanation": text}], "scanned_until": text,
    }  # fmt: skip
    if rng.random() < 0.6:
        document[rng.choice([*document])] = rng.choice(payloads.VALUES)
    return json.dumps(document).encode("utf-8", "surrogatepass")


@contextmanager
def _answering(current: list[tuple[int, bytes]]) -> Iterator[Shell]:
    async def answer(scope: Any, _receive: Any, send: Any) -> None:
        del scope
        status, body = current[0]
        headers = [(b"content-type", b"application/json"), (b"location", b"https://evil.test/")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if status == 204 else body})

    site = site_on(answer)
    with serving(site):
        yield Shell(site.url, BEARER)


def _files(scores: Scores, folder: Path, rng: Random, size: int) -> None:
    """Policies, cases, people and exports that were written by somebody else."""
    texts = [*payloads.sample(rng, _YAML, size), *payloads.sample(rng, payloads.TEXTS, size)]
    contents = [text.encode("utf-8", "surrogatepass") for text in texts] + payloads.sample(rng, payloads.NOT_JSON, size)
    for number, content in enumerate(contents):
        for name in ("fraud.yaml", "fraud.test.yaml", "directory/people.yaml"):
            place = _copied(folder / f"{number}-{name.replace('/', '-')}", name, content)
            for command in ("check", "test"):
                scores.case(SURFACE, f"{name} is {content[:60]!r}", _offline, "policy", command, str(place))
        export = folder / f"{number}.jsonl"
        export.write_bytes(content)
        for more in ((), ("--checkpoint", str(export)), ("-o", "json")):
            scores.case(SURFACE, f"an export is {content[:60]!r}", _offline, "verify", str(export), *more)
        replayed = ("policy", "backtest", "--from", "2026-01-01", "--export", str(export))
        scores.case(SURFACE, f"a replayed export is {content[:60]!r}", _offline, *replayed)


def _offline(*arguments: str) -> bool:
    return Shell("http://127.0.0.1:9").run(*arguments)


def _copied(folder: Path, name: str, content: bytes) -> Path:
    """One shipped policy with its cases and people, of which one file is replaced."""
    for file in (*_POLICIES.glob("fraud.*"), *_POLICIES.glob("directory/*")):
        copy = folder / file.relative_to(_POLICIES)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(content if str(file.relative_to(_POLICIES)) == name else file.read_bytes())
    return folder
