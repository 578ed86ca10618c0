"""When a known report is to be looked at again: often while it is young and in season, seldom later.

The calendar follows the legal one (field guide §14): departments publish by 31 January, governments by 31 March.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from archive.clock import SHANGHAI

if TYPE_CHECKING:
    from archive.index.known import Known
    from archive.warc.context import Entry

#: A report so many days old is young: corrections, replacements and withdrawals mostly come now.
YOUNG_DAYS = 60
_MONTHLY = 30.0
#: Passes that follow each other faster than this don't ask for unchanged pages again.
_EVERY_PASS = 0.25


def season_interval(on: date) -> float:
    """Days between two looks at a report of the last year, by the day of the year."""
    day = (on.month, on.day)
    if (1, 1) <= day <= (1, 14):
        return 7.0
    if (1, 15) <= day <= (2, 10):
        return 1.0
    if (2, 11) <= day <= (3, 15):
        return 3.5
    if (3, 16) <= day <= (4, 10):
        return 1.0
    return _MONTHLY


def revisit_interval(age_days: float, on: date) -> float:
    """Days until a report of that age is due again. In season a young one is due at every pass of a daily calendar."""
    base = season_interval(on)
    if age_days <= YOUNG_DAYS:
        return _EVERY_PASS if base < _MONTHLY else 7.0
    factor = 1.0 if age_days <= 365 else 2.0 if age_days <= 3 * 365 else 4.0
    return min(base * factor, _MONTHLY)


def is_due(known: Known, now: datetime, entry: Entry | None) -> bool:
    """Whether a known report's page is to be looked at now.

    What its list says of it comes first: a changed entry, or a report that looked gone or is no longer listed, can't wait.
    """
    if known.verdict == "truncated":  # too large to be read; nobody needs the first part of it every day
        return now - (_moment(known.visited_at) or now) >= timedelta(days=_MONTHLY)
    if known.digest is None or known.verdict != "ok" or not known.visited_at:
        # Found gone, but the list names it still: it may be back.
        return entry is not None or not _settled_as_gone(known, now)
    if known.report_status == "suspect" or known.state == "suspect":
        return True
    if entry is not None and known.entry is not None and _says_other(entry, known.entry):
        return True
    interval = revisit_interval(_age_days(known, now, entry), now.astimezone(SHANGHAI).date())
    since = now - (_moment(known.visited_at) or now - timedelta(days=365))
    return since >= timedelta(days=interval * 0.8)  # a pass that starts a little earlier than the last one still counts


def _age_days(known: Known, now: datetime, entry: Entry | None) -> float:
    """How old a report is: by its list's date, not by that of the last other payload, which on a page with a counter is always the last visit."""
    born = _moment(entry.date if entry else None) or _moment(known.date) or now
    return (now - born).total_seconds() / 86400


def _settled_as_gone(known: Known, now: datetime) -> bool:
    """A report that has been found gone twice is looked for once a week, in case it comes back."""
    if known.report_status != "vanished" and known.state != "gone":
        return False
    visited = _moment(known.visited_at)
    return visited is not None and now - visited < timedelta(days=6)


def _says_other(entry: Entry, before: Entry) -> bool:
    return (entry.title, entry.date) != (before.title, before.date)


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
