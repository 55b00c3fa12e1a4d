"""Command line of the sample models."""

import argparse
import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx

from local.platform.address import NoPlatform, read_address
from local.platform.folder import platform_folder
from local.platform.platform import PortTaken, port_from_environment
from local.platform.sdk import Sdk
from local.platform.tokens import TokenRefused, Tokens
from local.samples.catalog import SAMPLES


def main(arguments: list[str] | None = None) -> int:
    """Run; 0 ok, 1 refused, 2 usage, 3 no platform runs."""
    options = _parser().parse_args(arguments)
    from azure.core.exceptions import HttpResponseError

    from local.samples.registering import Wanted, register_sample

    tags = dict(pair.partition("=")[::2] for pair in options.tag)
    try:
        with _sdk(platform_folder(options.port or port_from_environment())) as sdk:
            made = register_sample(sdk, Wanted(options.model, options.person, options.version, tags=tags))
    except PortTaken as error:
        print(error, file=sys.stderr)
        return 2
    except (NoPlatform, httpx.TransportError) as error:
        print(f"the platform cannot be reached: {error}", file=sys.stderr)
        return 3
    except (HttpResponseError, TokenRefused) as error:
        print(str(error).splitlines()[0], file=sys.stderr)
        return 1
    values = ", ".join(f"{name} {value:.4f}" for name, value in sorted(made.metrics.items()))
    print(f"registered {made.promotion} from run {made.run}: {values}")
    return 0


@contextlib.contextmanager
def _sdk(folder: Path) -> Iterator[Sdk]:
    address = read_address(folder)
    with contextlib.closing(Tokens(address)) as tokens:
        yield Sdk(address, tokens)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.samples", description=__doc__)
    register = parser.add_subparsers(required=True).add_parser("register", help="train, log and register a version")
    register.add_argument("--model", required=True, choices=sorted(SAMPLES))
    register.add_argument("--person", default="dana.submitter", help="who trains and registers")
    register.add_argument("--version", help="the next free number unless given")
    register.add_argument("--tag", action="append", default=[], metavar="NAME=VALUE", help="set or replace a tag")
    register.add_argument("--port", type=int, help="of the platform's app; CLEARANCE_HTTP_PORT or 7071 unless given")
    return parser


if __name__ == "__main__":
    sys.exit(main())
