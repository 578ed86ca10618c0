"""The register as people change it: agencies found by name, described, renamed, merged and imported, each as a decision."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archive.clock import SystemClock, utc_text
from archive.duties.decisions import Decision, DecisionError, apply_to_register, check_name, decide, decide_all, read
from archive.index import marks, register
from extract.lexicon.organs import KINDS, kind_of, normalise_name
from extract.lexicon.regions import packaged_regions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlite_utils import Database

    from archive.files.folder import Archive
    from archive.index.types import AgencyRow, JsonObject

#: Years that a register may name: the first Regulation is of 2007.
_FIRST_YEAR, _LAST_YEAR = 1900, 2200
_YEARS = ("since", "until")
_LINKS = ("parent", "successor")
#: Members of a decision that its history shows, for other kinds than additions.
_SHOWN = ("from", "name", "alias", "into", "year")


def find_agency(db: Database, name: str) -> str:
    """The id of the agency that a person names: by id, name or alias, or by a part of its name that no other has.

    Raises:
        DecisionError: If there is none, or more than one.
    """
    found = marks.agencies_meant(db, name)
    if not found:
        raise DecisionError(f"no agency {name!r} in the register; `ogi agencies` lists it, `ogi agencies add` adds one")
    if len(found) > 1:
        names = ", ".join(f"{agency.name} ({agency.id})" for agency in found[:5])
        raise DecisionError(f"{len(found)} agencies are meant by {name!r}: {names}; give the whole name or the id")
    return found[0].id


def rename_agency(archive: Archive, db: Database, agency: str, name: str) -> Decision:
    """Give an agency that a person names another name. The caller holds the archive's lock.

    Raises:
        DecisionError: If there is no such agency, or another one that somebody described has that name.
    """
    about, name = register.agency(db, find_agency(db, agency)), check_name(name)
    assert about is not None  # it was found a moment ago
    other = register.find_agency(db, about.portal, name)
    if other not in (None, about.id) and not _is_only_found(db, other):
        raise DecisionError(
            f"{name} is another agency in the register ({other}): `ogi agencies merge` says that it took over {about.name}"
        )
    return decide(archive, db, "agency-rename", {"agency": about.id, "name": name, "from": about.name})


def _is_only_found(db: Database, agency: str | None) -> bool:
    """Whether nobody described an agency: it is in the register because a report of it was found."""
    found = register.agency(db, agency) if agency is not None else None
    return found is not None and found.source == "found"


def merge_agency(archive: Archive, db: Database, agency: str, into: str, year: int) -> Decision:
    """Let an agency end with the report year before `year`, and another take over. The caller holds the archive's lock.

    Raises:
        DecisionError: If there is no such agency, or both are one.
    """
    found, successor = find_agency(db, agency), find_agency(db, into)
    if found == successor:
        raise DecisionError(f"{agency!r} and {into!r} are the same agency; `ogi agencies alias` gives it another name")
    _check_successor(db, successor, _check_year(year))
    return decide(archive, db, "agency-merge", {"agency": found, "into": successor, "year": year})


def _check_year(year: int) -> int:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise DecisionError(f"{year} is no year of this register; it must be {_FIRST_YEAR} to {_LAST_YEAR}")
    return year


def _check_successor(db: Database, successor: str, year: int) -> None:
    about = register.agency(db, successor)
    if about is not None and about.until is not None and about.until < year:
        raise DecisionError(
            f"{about.name} reports for the last time for {about.until}, and can't take over from {year} on"
        )


def register_history(archive: Archive, db: Database, agency: str | None = None) -> list[JsonObject]:
    """What was decided about agencies, oldest first: when, what, and about whom, in the names that they bear now.

    Args:
        agency: Only decisions about this agency, by id.
    """
    names = marks.agency_names(db)
    history = []
    for decision in read(archive):
        if not decision.kind.startswith("agency-"):
            continue
        ids, name, what = (_added if decision.kind == "agency-add" else _decided)(db, decision.data, names)
        if agency is None or agency in ids:
            history.append(
                {"at": decision.at, "what": decision.kind.removeprefix("agency-"), "agency": name, "details": what}
            )
    return history


def _added(db: Database, data: Mapping[str, Any], names: Mapping[str, str]) -> tuple[list[str | None], str, JsonObject]:
    """Ids, name and details of an agency that was described."""
    known = _known(db, data["agency"]["name"], data.get("portal"))
    what = {key: member for key, member in data["agency"].items() if key != "name" and member not in (None, [])}
    if data.get("portal"):
        what["portal"] = data["portal"]
    if "parent" in what:
        what["parent"] = names.get(what["parent"], what["parent"])
    return [known.id if known is not None else None], data["agency"]["name"], what


def _decided(
    db: Database, data: Mapping[str, Any], names: Mapping[str, str]
) -> tuple[list[str | None], str, JsonObject]:
    """Ids, name and details of another decision about an agency."""
    what = {key: names.get(data[key], data[key]) for key in _SHOWN if key in data}
    return [data["agency"], data.get("into")], names.get(data["agency"], data["agency"]), what


def describe_agency(
    db: Database, name: str, portal: str | None, given: Mapping[str, Any]
) -> tuple[JsonObject, str | None]:
    """An agency as a decision holds it, with its portal: what the register says of it, changed by what is given.

    A name that is an alias of an agency which somebody described refers to that agency, and doesn't rename it.

    Raises:
        DecisionError: If the name, the kind, the region or the years can't be.
    """
    name = check_name(name)
    for alias in given.get("aliases") or ():
        check_name(alias)
    for key in _YEARS:
        if given.get(key) is not None:
            _check_year(given[key])
    known = _known(db, name, portal)
    if known is None:
        agency: JsonObject = {
            "name": name, "kind": kind_of(name), "region": None, "since": None, "until": None, "aliases": [], **given
        }  # fmt: skip
    else:
        agency = {
            "name": name,
            "kind": known.kind,
            "region": known.region,
            "since": known.since,
            "until": known.until,
            "aliases": known.other_names,
            **given,
        }
        agency["aliases"] = list(dict.fromkeys([*known.other_names, *agency["aliases"]]))
        if known.source != "found" and normalise_name(known.name) != normalise_name(name):
            agency |= {"name": known.name, "aliases": list(dict.fromkeys([*agency["aliases"], name]))}
    _check(name, agency)
    return agency, portal or (known.portal if known is not None else None)


def _check(name: str, agency: Mapping[str, Any]) -> None:
    if agency["kind"] not in KINDS:
        raise DecisionError(f"{name}: kind {agency['kind']!r}; it must be one of {', '.join(KINDS)}")
    if agency["region"] is not None and agency["region"] not in packaged_regions():
        raise DecisionError(f"{name}: region {agency['region']!r} is no code of GB/T 2260")
    if None not in (agency["since"], agency["until"]) and agency["since"] > agency["until"] + 1:
        raise DecisionError(f"{name}: since {agency['since']} is after until {agency['until']}")


def _known(db: Database, name: str, portal: str | None) -> AgencyRow | None:
    """What the register holds of a name: on its portal, or anywhere if only one agency has it."""
    if portal is not None:
        found = register.find_agency(db, portal, name)
        return register.agency(db, found) if found else None
    named = marks.agencies_named(db, name)
    return named[0] if len(named) == 1 else None


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One row of a register that is imported: its place, the agency that it describes, its portal, names of parent and successor."""

    number: int
    agency: JsonObject
    portal: str | None
    parent: str
    successor: str


_Made = list[tuple[int, str, "JsonObject"]]


def import_agencies(archive: Archive, db: Database, lines: Sequence[Mapping[str, str | None]], source: str) -> int:
    """Take rows of a register into the archive as decisions; gives how many said something new. The caller holds the lock.

    A column that the file doesn't have changes nothing; an empty field says that there is none. Parents and successors may stand
    anywhere in the file.

    Raises:
        DecisionError: If a row can't be used; nothing is stored then.
    """
    names = [(line.get("name") or "").strip() for line in lines]
    wanted = [_wanted(db, number, line, names, f"{source} line {number}") for number, line in enumerate(lines, 2)]
    made = _rehearsed(db, wanted)
    if made:
        decide_all(archive, db, [(kind, data) for _, kind, data in made])
    return len({number for number, _, _ in made})


def _rehearsed(db: Database, wanted: Sequence[_Wanted]) -> _Made:
    """The decisions that rows of a file come to, each found in the register as those before it leave it; the register stays as it is."""
    found: _Made = []
    now = utc_text(SystemClock().now())
    with suppress(_Undo), db.atomic():
        for made_of in (_additions, _parents, _successors):
            made = made_of(db, wanted)
            for _, kind, data in made:
                apply_to_register(db, Decision(kind, now, 0, data))
            found += made
        raise _Undo
    return found


class _Undo(Exception):
    """Raised to take back a rehearsal."""


def _wanted(db: Database, number: int, line: Mapping[str, str | None], names: Sequence[str], where: str) -> _Wanted:
    agency, portal = _described(db, line, where)
    links = {key: (line.get(key) or "").strip() for key in _LINKS}
    for key, name in links.items():
        if name and names.count(name) > 1:
            raise DecisionError(f"{where}: {key} {name!r} stands in the file more than once")
        if name and name not in names:
            find_agency(db, name)
    if links["successor"] and agency["until"] is None:
        raise DecisionError(f"{where}: a successor needs until, the last year for which the agency reports itself")
    return _Wanted(number, agency, portal, links["parent"], links["successor"])


def _additions(db: Database, wanted: Sequence[_Wanted]) -> _Made:
    """What the register lacks."""
    return [
        (one.number, "agency-add", {"agency": one.agency, "portal": one.portal})
        for one in wanted
        if _is_news(db, one.agency, one.portal)
    ]


def _parents(db: Database, wanted: Sequence[_Wanted]) -> _Made:
    made: _Made = []
    for one in wanted:
        own = _known(db, one.agency["name"], one.portal) if one.parent else None
        if own is not None and own.parent != (parent := find_agency(db, one.parent)):
            made.append((one.number, "agency-add", {"agency": {**one.agency, "parent": parent}, "portal": one.portal}))
    return made


def _successors(db: Database, wanted: Sequence[_Wanted]) -> _Made:
    made: _Made = []
    for one in wanted:
        own = _known(db, one.agency["name"], one.portal) if one.successor else None
        if own is not None and own.successor != (successor := find_agency(db, one.successor)):
            year = one.agency["until"] + 1
            _check_successor(db, successor, year)
            made.append((one.number, "agency-merge", {"agency": own.id, "into": successor, "year": year}))
    return made


def _described(db: Database, line: Mapping[str, str | None], where: str) -> tuple[JsonObject, str | None]:
    """The agency that a row describes, and its portal."""
    text = {
        key: (member or "").strip()
        for key, member in line.items()
        if isinstance(key, str) and not isinstance(member, list)
    }
    if not text.get("name"):
        raise DecisionError(f"{where}: no name")
    given: JsonObject = {key: text[key] for key in ("kind", "region") if text.get(key)}
    given |= {key: _year(text, key, where) for key in _YEARS if key in text}
    if "aliases" in text:
        given["aliases"] = [alias for alias in text["aliases"].split("|") if alias]
    try:
        return describe_agency(db, text["name"], text.get("portal") or None, given)
    except DecisionError as error:
        raise DecisionError(f"{where}: {error}") from None


def _year(text: Mapping[str, str], key: str, where: str) -> int | None:
    """A year as a row says it; `None` where it says none."""
    if text[key] and not (text[key].isascii() and text[key].isdigit()):
        raise DecisionError(f"{where}: {key} {text[key]!r} is no year")
    return int(text[key]) if text[key] else None


def _is_news(db: Database, agency: Mapping[str, Any], portal: str | None) -> bool:
    """Whether a description says something that the register doesn't."""
    known = _known(db, agency["name"], portal)
    if known is None:
        return True
    same = (known.name, known.kind, known.since, known.until) == tuple(
        agency[key] for key in ("name", "kind", "since", "until")
    )
    same = same and (agency["region"] is None or known.region == agency["region"])
    return not (same and set(agency["aliases"]) <= set(known.other_names))
