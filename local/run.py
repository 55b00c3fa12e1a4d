"""`make run`: the laptop platform, up until Ctrl-C, with what one needs to use it printed first.

Everything is kept in `.clearance/<port>/`, so the next start goes on where this one ended.
"""

import os
import sys
from pathlib import Path

from local.azurite import AzuriteMissing
from local.platform import Options, Platform, PortTaken, port_from_environment
from local.platform.folder import platform_folder
from local.platform.secrets_file import hex_file
from local.platform.services import ROOT
from local.platform.settings_file import FILE
from local.processes import ChildFailed, exit_on_signals
from local.token_issuer import read_people

_PYTHON = os.path.relpath(sys.executable, ROOT)

_REGISTER = """\
{python} -m local.samples register --model defects --port {port}"""

_APPROVE = """\
B=$({python} -m local.platform answer amir.approver --port {port}) && \\
I=msg_$(openssl rand -hex 8) && T=$(date +%s) && \\
S=$(printf '%s' "$I.$T.$B" | openssl dgst -sha256 -mac HMAC -binary \\
  -macopt "hexkey:$(cat {key})" | openssl base64 -A) && \\
curl -sS {app}/api/webhooks/decisions/chatops -d "$B" \\
  -H 'content-type: application/json' -H "webhook-id: $I" \\
  -H "webhook-timestamp: $T" -H "webhook-signature: v1,$S\""""

_SCREEN = """
Clearance is up. Ctrl-C stops it; {folder} keeps everything.

  pages      {pages}
             sign in there as one of five sample people, without a password
  API        {app}/api/openapi.json
  Azure ML   {emulator} (the emulator)
  events     {topic}/events
  logs       {folder}/logs/
  CA         {folder}/tls/ca.pem (for the https ones)

A token for the API and the command line:

export CLEARANCE_SERVER={app} CLEARANCE_TOKEN=$( \\
  {python} -m local.platform token olu.operator --port {port})

To see whether everything stands as it must, and who may do what:

(. ./{settings}; {clearance} doctor)
(. ./{settings}; {clearance} access-report \\
  --principal {identity})

To register a version, in another terminal:

{register}

To approve it, as a tool does, by a signed webhook:

{approve}

"""


def screen(platform: Platform, folder: Path) -> str:
    """What is printed once everything is up; commands are meant for the project's folder."""
    shown = folder.relative_to(ROOT)
    words = {
        "app": platform.address.app,
        "port": platform.app.port,
        "python": _PYTHON,
        "key": hex_file(shown, "chatops"),
        "settings": shown / FILE,
        "clearance": os.path.relpath(Path(sys.executable).with_name("clearance"), ROOT),
        "identity": read_people().managed_identity.oid,
    }
    return _SCREEN.format(
        **words,
        folder=shown,
        pages=platform.address.pages,
        emulator=platform.address.emulator,
        topic=platform.address.topic,
        register=_REGISTER.format(**words),
        approve=_APPROVE.format(**words),
    )


def main() -> int:
    """Run until a signal; 0 after one, 1 if something ended by itself or did not start, 2 for a port that cannot be had."""
    try:
        with exit_on_signals():
            return _run()
    except SystemExit:
        print("\nClearance has stopped.")
        return 0
    except PortTaken as error:
        print(error, file=sys.stderr)
        return 2
    except (ChildFailed, AzuriteMissing) as error:
        print(error, file=sys.stderr)
        return 1


def _run() -> int:
    port = port_from_environment()
    folder = platform_folder(port)
    with Platform(Options(port, folder, sign_in=True), report=_report) as platform:
        print(screen(platform, folder), end="", flush=True)
        ended = platform.wait_for_any_end()
        print(f"{ended.name} has ended by itself, so everything stops; see {ended.log}", file=sys.stderr)
    return 1


def _report(line: str) -> None:
    print(f"== {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
