"""`ogi rows`."""

from __future__ import annotations

from pathlib import Path

import click

from crawler.cli.index import reading_index
from crawler.cli.options import common_options
from crawler.cli.render import emit_json_lines, emit_table
from extract.messages import localizable

#: As `archive.lists.row_outcomes.RowOutcome` has them; importing that would slow down every command.
_OUTCOMES = (
    "report",
    "report, no figures",
    "report, no text",
    "not a report",
    "named, not there",
    "doubtful",
    "refused",
    "failed",
    "not asked",
    "rejected",
)


@click.command()
@common_options
@click.option("--portal", metavar="ID", help="Only rows of this portal.")
@click.option("--outcome", type=click.Choice(_OUTCOMES), help="Only rows that came to this.")
@click.option("--changed", is_flag=True, help="Only what is new since the portal's last pass.")
@click.option(
    "--elsewhere",
    is_flag=True,
    help="Instead, rows that lists captured by others name and nothing in this archive does: candidates, and no claim.",
)
def rows(archive: Path, as_json: bool, portal: str | None, outcome: str | None, changed: bool, elsewhere: bool) -> None:
    """List every row that the lists name, and what became of it.

    report; report, no figures; report, no text (what was there instead is said); not a report (quoted); named, not there; doubtful (waits for
    a second look); refused; failed; not asked; rejected.
    """
    from archive.files.folder import Archive
    from archive.index.known_names import check_names
    from archive.lists.row_outcomes import row_outcomes, rows_elsewhere, why_no_candidates

    if elsewhere and (outcome or changed):
        raise click.UsageError("--elsewhere lists all candidates: leave --outcome and --changed out")
    with reading_index(Archive.open(archive)) as db:
        check_names(db, portal=portal)
        portals = [portal] if portal else []
        found = rows_elsewhere(db, portals) if elsewhere else row_outcomes(db, portal, outcome=outcome, changed=changed)
        if as_json:
            emit_json_lines(found)
            return
        columns = {"portal": "portal", "outcome": "outcome", "title": "title", "url": "address", "why": "why"}
        none = (
            why_no_candidates(db, portals)
            if elsewhere
            else localizable("No rows: no list that names any was read yet, or none is such.")
        )
        emit_table(list(found), columns, none)
