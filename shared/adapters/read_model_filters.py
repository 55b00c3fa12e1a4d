"""What fits a filter of the catalog or of the timeline. `since` counts in, `until` does not."""

from datetime import datetime

from shared.ports import PromotionFilter, Summary, TimelineEntry, TimelineFilter


def promotion_fits(wanted: PromotionFilter, row: Summary) -> bool:
    """Whether a row of the catalog is asked for and may be seen."""
    return (
        row.promotion.workspace in wanted.workspaces
        and wanted.status in (None, row.status)
        and wanted.model in (None, row.promotion.name)
        and wanted.workspace in (None, row.promotion.workspace)
        and wanted.open in (None, row.open)
    )


def timeline_fits(wanted: TimelineFilter, row: TimelineEntry) -> bool:
    """Whether a row of the timeline is asked for and may be seen."""
    return (
        row.workspace in wanted.workspaces
        and wanted.model in (None, row.model)
        and wanted.actor in (None, row.actor)
        and wanted.type in (None, row.type)
        and _within(wanted, row.at)
    )


def _within(wanted: TimelineFilter, at: datetime) -> bool:
    return (wanted.since is None or at >= wanted.since) and (wanted.until is None or at < wanted.until)
