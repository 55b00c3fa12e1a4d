"""What happened, as text: the rows of one promotion, or a page of the timeline."""

from typing import Any

from shared.cli.output import columns, line, paragraph, seconds


def show_rows(document: dict[str, Any]) -> None:
    """The history of one promotion, from the first row."""
    line(f"{document['promotion']}  {len(document['items'])} rows")
    columns([(row["sequence"], seconds(row["at"]), row["type"], row["actor"]) for row in document["items"]], "  ")


def show_timeline(page: dict[str, Any]) -> None:
    """A page of the timeline, newest first; the last line says how to go on."""
    for entry in page["items"]:
        line(f"{seconds(entry['at'])}  {entry['history']} #{entry['sequence']}")
        paragraph(f"{entry['type']} by {entry['actor']}: {entry['summary']}", "    ")
    if not page["items"]:
        line("Nothing found." if page["cursor"] is None else "Nothing found yet.")
    if page["cursor"]:
        until = f" (looked back to {seconds(page['scanned_until'])})" if page["scanned_until"] else ""
        line(f"There is more{until}: --cursor {page['cursor']}")
