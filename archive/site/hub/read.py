"""What a province's site says of itself, taken as a stranger's word: each row is held against what it may be before it is stored.

Tables come as lines of JSON; the last one tells how many there were, and without it nothing is believed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypedDict, TypeVar

from archive.clock import SHANGHAI
from archive.errors import SiteError
from archive.index.codes import DutyStatus
from extract.document.clean import shown
from extract.lexicon.organs import KINDS

T = TypeVar("T")
#: What stands in addresses.
_ID = re.compile(r"[A-Za-z0-9._-]{1,120}")
_REGION = re.compile(r"[0-9]{2,12}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?Z")
_TEXT = 500
#: Nobody had to publish before; what is later than the next year can't be known yet, and would push known years out of the matrix.
_FIRST_YEAR = 1990


@dataclass(frozen=True, slots=True)
class HubAgency:
    """Who must publish; `rank` puts governments before departments before others. `region` is empty where it is unknown."""

    id: str
    name: str
    kind: str
    rank: int
    region: str


@dataclass(frozen=True, slots=True)
class HubReport:
    """A report that the province has."""

    id: str
    agency: str
    year: int
    form: str | None
    title: str | None
    status: str
    published_on: str | None
    first_seen: str
    version: int


@dataclass(frozen=True, slots=True)
class HubDuty:
    """An obligation as the province knows it."""

    agency: str
    year: int
    status: str
    due: str
    days_late: int | None
    report: str | None


class HubHit(TypedDict):
    """A report that a search found, with pieces of its text."""

    id: str
    title: str | None
    agency: str
    year: int
    status: str
    pieces: list[str]


class UnusableRow(ValueError):
    """Raised when a row of a province's table can't be what the table holds, by the readers here."""


def agency(row: Mapping[str, object]) -> HubAgency:
    """A row of `agencies`. Raises `UnusableRow`."""
    kind = _text(row, "kind")
    region = row.get("region") or ""
    if not isinstance(region, str) or (region and not _REGION.fullmatch(region)):
        raise UnusableRow(f"region {str(region)[:40]!r}")
    rank = KINDS.index(kind) if kind in KINDS else len(KINDS)
    return HubAgency(_id(row, "id"), _text(row, "name"), kind, rank, region)


def report(row: Mapping[str, object], now: datetime) -> HubReport:
    """A row of `reports`, as it may be now. Raises `UnusableRow`."""
    return HubReport(
        id=_id(row, "id"),
        agency=_id(row, "agency"),
        year=_year(row, now),
        form=_optional(row, "form"),
        title=_optional(row, "title"),
        status=_text(row, "status"),
        published_on=None if row.get("published_on") is None else _day(row, "published_on"),
        first_seen=_moment(row, "first_seen", now),
        version=_number(row, "version"),
    )


def duty(row: Mapping[str, object], now: datetime) -> HubDuty:
    """A row of `obligations`, as it may be now. Raises `UnusableRow`."""
    status = _text(row, "status")
    if status not in set(DutyStatus):
        raise UnusableRow(f"status {status!r}")
    late = row.get("days_late")
    return HubDuty(
        agency=_id(row, "agency"),
        year=_year(row, now),
        status=status,
        due=_day(row, "due"),
        days_late=None if late is None else _number(row, "days_late"),
        report=None if row.get("report") is None else _id(row, "report"),
    )


def run_end(row: Mapping[str, object], now: datetime) -> str:
    """When a run ended, from a row of `runs` (UTC ISO text). Raises `UnusableRow`."""
    return _moment(row, "ended_at", now)


def whole_table(lines: Iterable[str], what: str, make: Any) -> Iterator[Any]:
    """The rows of a table that comes as lines of JSON.

    Raises:
        SiteError: A line is no row of such a table, or the last line doesn't say that these were all.
    """
    count = 0
    for line in lines:
        try:
            row = json.loads(line)
            if not isinstance(row, dict):
                raise UnusableRow("no object")
            if row.get("end") is True:
                if row.get("rows") != count:
                    raise SiteError(f"{what}: {count} rows came, {row.get('rows')!r} were announced")
                return
            made = make(row)
        except (ValueError, RecursionError) as error:
            raise SiteError(f"{what}: row {count + 1} can't be read ({error})") from None
        count += 1
        yield made
    raise SiteError(f"{what}: broken off after {count} rows")


def hits(found: Any) -> tuple[int, list[HubHit]]:
    """The number and the first reports of an answer to a search. Raises `UnusableRow`."""
    if not isinstance(found, dict) or not isinstance(found.get("results"), list):
        raise UnusableRow("no answer to a search")
    results: list[HubHit] = []
    for row in found["results"][:20]:
        if not isinstance(row, dict):
            raise UnusableRow("no report")
        pieces = [piece for piece in row.get("pieces") or [] if isinstance(piece, str)]
        results.append(
            {
                "id": _id(row, "report"),
                "title": _optional(row, "title"),
                "agency": _text(row, "agency"),
                "year": _number(row, "year"),
                "status": _text(row, "status"),
                "pieces": [shown(piece[:_TEXT]) for piece in pieces[:3]],
            }
        )
    total = _number(found, "total")
    if total < len(results):
        raise UnusableRow(f"{total} reports in all, and {len(results)} of them here")
    return total, results


def _id(row: Mapping[str, object], name: str) -> str:
    text = _text(row, name)
    if not _ID.fullmatch(text):
        raise UnusableRow(f"{name} {text!r}")
    return text


def _text(row: Mapping[str, object], name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not value:
        raise UnusableRow(f"{name} is no text")
    return shown(value[:_TEXT])


def _day(row: Mapping[str, object], name: str) -> str:
    text = _text(row, name)
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text).isoformat()
    except ValueError:  # 31 February
        pass
    raise UnusableRow(f"{name} {text!r}")


def _moment(row: Mapping[str, object], name: str, now: datetime) -> str:
    """UTC text of a moment that has been: a clock may be a day ahead of ours."""
    text = _text(row, name)
    try:
        if _MOMENT.fullmatch(text) and datetime.fromisoformat(text).astimezone(SHANGHAI) <= now + timedelta(days=1):
            return text
    except (ValueError, OverflowError):  # the 13th month; the last day of all calendars
        pass
    raise UnusableRow(f"{name} {text!r}")


def _year(row: Mapping[str, object], now: datetime) -> int:
    year = _number(row, "year")
    if not _FIRST_YEAR <= year <= now.year + 1:
        raise UnusableRow(f"year {year}")
    return year


def _optional(row: Mapping[str, object], name: str) -> str | None:
    return None if row.get(name) is None else _text(row, name)


def _number(row: Mapping[str, object], name: str) -> int:
    value = row.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 1 << 53:
        raise UnusableRow(f"{name} is no whole number")
    return value
