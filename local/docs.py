"""`make docs`: write the generated pages and schemas of docs/ anew."""

import json
import subprocess
import sys
from pathlib import Path

from local.configuration_page import configuration_page
from local.infrastructure_pages import parameters_page, permissions_page
from local.recorded_example import recorded_example
from local.sheets.measured import read_measured
from local.sheets.pages import PAGES, write_pages
from shared.adapters.policy_schema import json_schemas

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
CONFIGURATION = DOCS / "configuration.md"
RECORDED = DOCS / "examples" / "recorded.jsonl"

# Pages that write themselves: from tables that tests prove, and from what tests and faults came to.
_OF_THEIR_OWN = ("tests.domain.lifecycle_doc", "local.security_page")


def main() -> None:
    """Write every page."""
    written = {name: json.dumps(schema, indent=2) + "\n" for name, schema in json_schemas().items()}
    pages = {"parameters.md": parameters_page(), "permissions.md": permissions_page()}
    examples = {f"examples/{RECORDED.name}": recorded_example()}
    for name, content in {CONFIGURATION.name: configuration_page(), **pages, **written, **examples}.items():
        (DOCS / name).write_text(content, encoding="utf-8")
        print(f"wrote docs/{name}")
    write_pages(read_measured())
    print("\n".join(f"wrote docs/{name}" for name in PAGES))
    for module in _OF_THEIR_OWN:
        subprocess.run([sys.executable, "-m", module], cwd=ROOT, check=True)
        print(f"ran {module}")


if __name__ == "__main__":
    main()
