"""Whether what somebody wants to narrow a list to exists: an unknown portal, region or agency is a mistake, and not an empty answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process

from archive.index.rows import rows, value
from extract.errors import OgiError
from extract.lexicon.regions import packaged_regions
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlite_utils import Database

#: So many names are offered in the place of an unknown one.
MOST_OFFERED = 5
#: Names that share less than this with what was typed are no help (rapidfuzz's WRatio, 0 to 100).
_NEAR = 50.0


class UnknownNameError(OgiError):
    """Raised when an option names a portal, region or agency that the archive doesn't know, by the lists; offers the nearest names."""


def nearest(typed: str, known: Iterable[str]) -> list[str]:
    """The known names most like a typed one, best first; none that has little in common with it."""
    found = process.extract(typed, list(known), scorer=fuzz.WRatio, limit=MOST_OFFERED, score_cutoff=_NEAR)
    return [name for name, _, _ in found]


def check_names(
    db: Database, *, portal: str | None = None, region: str | None = None, agency: str | None = None
) -> None:
    """Make sure that what a list is to be narrowed to exists.

    Args:
        db: The index.
        portal: A portal's id.
        region: A GB/T 2260 code of six digits, or the beginning of one (two, four).
        agency: A name, part of a name, an alias, or an id.

    Raises:
        UnknownNameError: It doesn't; the text offers the nearest known names.
    """
    if portal is not None and not value(db, "SELECT count(*) FROM portals WHERE id = ?", (portal,)):
        raise UnknownNameError(_text("portal", portal, [found["id"] for found in rows(db, "SELECT id FROM portals")]))
    if region is not None and not _is_region(region):
        names = {f"{found.code} {found.name}": found for found in packaged_regions().values()}
        offered = nearest(region, names) or [name for name, found in names.items() if found.name.startswith(region[:2])]
        raise UnknownNameError(
            _words("region", region, offered[:MOST_OFFERED], localizable("give a code of GB/T 2260 such as 330304"))
        )
    if agency is not None and not value(
        db,
        "SELECT count(*) FROM agencies WHERE id = ? OR instr(name, ?) OR EXISTS (SELECT 1 FROM json_each(aliases) e WHERE e.value = ?)",
        (agency, agency, agency),
    ):
        raise UnknownNameError(
            _text("agency", agency, [found["name"] for found in rows(db, "SELECT name FROM agencies")])
        )


def _is_region(code: str) -> bool:
    return code in packaged_regions() or (
        len(code) in (2, 4)
        and code.isascii()
        and code.isdigit()
        and any(known.startswith(code) for known in packaged_regions())
    )


def _text(kind: str, typed: str, known: list[str]) -> str:
    offered = nearest(typed, known) or (sorted(known) if len(known) <= MOST_OFFERED else [])
    return _words(
        kind,
        typed,
        offered,
        localizable(f"the archive knows {len(known)}") if known else localizable("the archive knows none yet"),
    )


def _words(kind: str, typed: str, offered: list[str], otherwise: str) -> str:
    hint = localizable(f"did you mean {', '.join(offered)}?") if offered else otherwise
    return localizable(f"no {kind} {typed!r} here; {hint}")


def check_reports(db: Database, reports: Iterable[str]) -> None:
    """Make sure that reports of these ids exist. Raises `UnknownNameError` for the first that doesn't, with the nearest."""
    known = [str(found["id"]) for found in rows(db, "SELECT id FROM reports ORDER BY id")] if reports else []
    for report in reports:
        if report not in known:
            raise UnknownNameError(_text("report", report, known))
