"""Command line beside a running platform: `token PERSON` prints a token, `answer PERSON` the approval that is asked for."""

import argparse
import contextlib
import json
import sys
from typing import Any

import httpx

from local.platform.address import Address, NoPlatform, read_address
from local.platform.folder import platform_folder
from local.platform.platform import PortTaken, port_from_environment
from local.platform.tokens import TokenRefused, Tokens
from local.platform.waiting import NeverCame, wait_for

_PATIENCE = 30.0


def main(arguments: list[str] | None = None) -> int:
    """Run; 0 ok, 1 refused or nothing to answer, 2 usage, 3 no platform runs."""
    try:
        options = _parser().parse_args(arguments)
        address = read_address(platform_folder(options.port or port_from_environment()))
        print(options.print_what(address, options.person))
    except PortTaken as error:
        return _failed(error, 2)
    except (NoPlatform, httpx.TransportError) as error:
        return _failed(error, 3)
    except (TokenRefused, NeverCame, httpx.HTTPError) as error:
        return _failed(error, 1)
    return 0


def _token(address: Address, person: str) -> str:
    with contextlib.closing(Tokens(address)) as tokens:
        return tokens.token(person)


def _answer(address: Address, person: str) -> str:
    """The body of an approval of the version that was asked about last, as an approver's tool makes it."""
    headers = {"authorization": f"Bearer {_token(address, person)}"}
    with httpx.Client(base_url=address.app, headers=headers, trust_env=False, timeout=30) as app:
        asked = wait_for(lambda: _asked(app), timeout=_PATIENCE, what="a version that awaits approval")
    latest = max(asked, key=lambda item: str(item["changed_at"]))
    named = {"promotion": latest["promotion"], "evaluation": latest["evaluation"]}
    return json.dumps({**named, "verdict": "approve", "approver": person})


def _asked(app: httpx.Client) -> list[dict[str, Any]]:
    answer = app.get("/api/promotions", params={"status": "awaiting_approval"})
    return list(answer.raise_for_status().json()["items"])


def _failed(error: Exception, code: int) -> int:
    print(error, file=sys.stderr)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.platform", description=__doc__)
    commands = parser.add_subparsers(required=True)
    for name, print_what in (("token", _token), ("answer", _answer)):
        command = commands.add_parser(name)
        command.add_argument("person", help="one of local/people.json, such as rosa.risk")
        command.add_argument("--port", type=int, help="of the platform's app; CLEARANCE_HTTP_PORT or 7071 unless given")
        command.set_defaults(print_what=print_what)
    return parser


if __name__ == "__main__":
    sys.exit(main())
