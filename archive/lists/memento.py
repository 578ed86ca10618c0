"""Memento (RFC 7089): captures by address and time. TimeMaps as link format and JSON, negotiation of the nearest capture."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

STAMP = "%Y%m%d%H%M%S"


@dataclass(frozen=True, slots=True)
class Moment:
    """A capture of an address: when (UTC), its id and HTTP status."""

    at: datetime
    capture: str
    status: int | None

    @property
    def stamp(self) -> str:
        """The 14 digits in addresses of mementos."""
        return self.at.astimezone(UTC).strftime(STAMP)

    @property
    def http_date(self) -> str:
        """For `Memento-Datetime` and `datetime=` (RFC 7231 date)."""
        return format_datetime(self.at.astimezone(UTC), usegmt=True)


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses of an archive's Memento resources for one original."""

    base: str
    original: str

    @property
    def timegate(self) -> str:
        """Where negotiation happens."""
        return f"{self.base}/timegate/{self.original}"

    @property
    def timemap(self) -> str:
        """The list in link format."""
        return f"{self.base}/timemap/link/{self.original}"

    @property
    def timemap_json(self) -> str:
        """The list as JSON."""
        return f"{self.base}/timemap/json/{self.original}"

    def memento(self, moment: Moment) -> str:
        """The address of one capture."""
        return f"{self.base}/web/{moment.stamp}/{self.original}"


def parse_stamp(stamp: str) -> datetime:
    """4 to 14 digits as a UTC time, missing parts at their beginning. Raises `ValueError` for anything else."""
    if not (stamp.isascii() and stamp.isdigit() and 4 <= len(stamp) <= 14):
        raise ValueError(f"no time: {stamp!r}")
    return datetime.strptime(stamp + "00000101000000"[len(stamp) :], STAMP).replace(tzinfo=UTC)


def nearest(moments: Sequence[Moment], wanted: datetime) -> Moment:
    """The capture nearest to a time; the earlier one of two that are equally near."""
    return min(moments, key=lambda moment: (abs((moment.at - wanted).total_seconds()), moment.at))


def timemap_link(addresses: Addresses, moments: Sequence[Moment]) -> str:
    """The TimeMap in `application/link-format` (RFC 7089 §5), oldest first."""
    links = [
        f'<{addresses.original}>; rel="original"',
        (
            f'<{addresses.timemap}>; rel="self"; type="application/link-format"; '
            f'from="{moments[0].http_date}"; until="{moments[-1].http_date}"'
        ),
        f'<{addresses.timegate}>; rel="timegate"',
    ]
    for number, moment in enumerate(moments):
        relation = _relation(number, len(moments))
        links.append(f'<{addresses.memento(moment)}>; rel="{relation}"; datetime="{moment.http_date}"')
    return ",\n".join(links) + "\n"


def timemap_json(addresses: Addresses, moments: Sequence[Moment]) -> str:
    """The TimeMap as JSON, in the shape that Memento aggregators use."""
    items = [
        {
            "datetime": moment.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "uri": addresses.memento(moment),
            "status": moment.status,
        }
        for moment in moments
    ]
    return json.dumps(
        {
            "original_uri": addresses.original,
            "timegate_uri": addresses.timegate,
            "timemap_uri": {"link_format": addresses.timemap, "json_format": addresses.timemap_json},
            "mementos": {"first": items[0], "last": items[-1], "list": items},
        },
        ensure_ascii=False,
    )


def _relation(number: int, count: int) -> str:
    names = (["first"] if number == 0 else []) + (["last"] if number == count - 1 else [])
    return " ".join([*names, "memento"])


def memento_links(addresses: Addresses, moments: Sequence[Moment], shown: Moment | None = None) -> str:
    """The `Link` header of a memento (with `shown`) or of a TimeGate's answer (without)."""
    links = [
        f'<{addresses.original}>; rel="original"',
        f'<{addresses.timegate}>; rel="timegate"',
        f'<{addresses.timemap}>; rel="timemap"; type="application/link-format"',
    ]
    if shown is not None:
        place = next(number for number, moment in enumerate(moments) if moment.capture == shown.capture)
        chosen = {0: "first", len(moments) - 1: "last"}
        chosen.setdefault(place, "")
        for number, name in sorted({**chosen, **_neighbours(place, len(moments), chosen)}.items()):
            relation = " ".join(part for part in (name, "memento") if part)
            if number == 0 and len(moments) == 1:
                relation = "first last memento"
            links.append(
                f'<{addresses.memento(moments[number])}>; rel="{relation}"; datetime="{moments[number].http_date}"'
            )
    return ", ".join(links)


def _neighbours(place: int, count: int, taken: dict[int, str]) -> dict[int, str]:
    found = {}
    if place > 0:
        found[place - 1] = " ".join(part for part in (taken.get(place - 1, ""), "prev") if part)
    if place + 1 < count:
        found[place + 1] = " ".join(part for part in (taken.get(place + 1, ""), "next") if part)
    return found
