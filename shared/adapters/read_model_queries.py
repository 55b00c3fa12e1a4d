"""What a filter of the catalog or of the timeline asks of the tables: constant clauses, and values as parameters."""

from collections.abc import Mapping, Sequence

from shared.adapters.read_model_entities import entry_of, summary_of
from shared.adapters.read_model_filters import promotion_fits, timeline_fits
from shared.adapters.read_model_keys import newest_first
from shared.adapters.table_scan import Wanted
from shared.ports import PromotionFilter, Summary, TimelineEntry, TimelineFilter

# A filter takes 15 comparisons; readers of more workspaces than these have the rest filtered here.
_WORKSPACES = ("workspace eq @w0", "workspace eq @w1", "workspace eq @w2", "workspace eq @w3", "workspace eq @w4")
_ANY_KEY = "~"
_CLAUSES = {
    "status": "status eq @status",
    "model": "model eq @model",
    "workspace": "workspace eq @workspace",
    "actor": "actor eq @actor",
    "type": "type eq @type",
}


def of_catalog(wanted: PromotionFilter) -> Wanted[Summary]:
    """The query behind a listing of promotions."""
    asked = {"status": wanted.status, "model": wanted.model, "workspace": wanted.workspace}
    clauses, parameters = _equal(asked, wanted.workspaces)
    return Wanted(_ANY_KEY, clauses, parameters, summary_of, lambda row: promotion_fits(wanted, row))


def of_timeline(wanted: TimelineFilter) -> Wanted[TimelineEntry]:
    """The query behind a listing of events."""
    asked = {"model": wanted.model, "actor": wanted.actor, "type": wanted.type}
    clauses, parameters = _equal(asked, wanted.workspaces)
    high = f"{newest_first(wanted.since)};" if wanted.since else _ANY_KEY
    return Wanted(high, clauses, parameters, entry_of, lambda row: timeline_fits(wanted, row))


def low_of(wanted: TimelineFilter) -> str:
    """The row key after which the events before `until` begin: `;` comes right after `:`."""
    return f"{newest_first(wanted.until)};" if wanted.until else ""


def _equal(asked: Mapping[str, str | None], workspaces: Sequence[str]) -> tuple[tuple[str, ...], dict[str, str]]:
    parameters = {name: value for name, value in asked.items() if value is not None}
    clauses = [_CLAUSES[name] for name in parameters]
    if "workspace" not in parameters and len(workspaces) <= len(_WORKSPACES):
        parameters.update({f"w{number}": workspace for number, workspace in enumerate(workspaces)})
        clauses.append(" ".join(("(", " or ".join(_WORKSPACES[: len(workspaces)]), ")")))
    return tuple(clauses), parameters
