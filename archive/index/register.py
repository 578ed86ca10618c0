"""The register of who must publish: regions of GB/T 2260, agencies, and which printed name means which agency.

A name that begins with a province, a city or a county means the same agency wherever it is printed; any other name ("财政局") only means
something on its own portal. Names are compared in a normal form: 人民政府 and 政府 are one, brackets and blanks don't count.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from typing import TYPE_CHECKING, Any

from archive.index.rows import first, row, rows, value
from archive.index.types import AgencyRow
from extract.document.clean import shown
from extract.lexicon.organs import is_town, kind_of, normalise_name, other_forms, reduced
from extract.lexicon.regions import leading_region, packaged_regions, region_stem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlite_utils import Database

EVERYWHERE = ""
#: Names of so many characters (财政局, 办公室) could be anybody's.
_SHORT_NAME = 4

_BLANKS = re.compile(r"[\s\u200b\ufeff]+")


def told_apart(name: str, portal_name: str | None) -> str:
    """An agency's name for readers who don't know its portal: 财政局 could be anybody's, so the portal is added."""
    return name if portal_name is None or leading_region(normalise_name(name)) else f"{name}（{portal_name}）"


def agency_id(scope: str, name: str) -> str:
    """The id of an agency: 12 hex digits of where its name is valid and of its normal form."""
    return hashlib.sha256(f"{scope}\n{normalise_name(name)}".encode()).hexdigest()[:12]


def report_id(portal: str, year: int, agency_name: str, digits: int = 6) -> str:
    """`<portal>-<year>-<hex digits of the agency's name>`; more digits where six are taken by another agency."""
    return f"{portal}-{year}-{hashlib.sha256(normalise_name(agency_name).encode()).hexdigest()[:digits]}"


def define_portal(db: Database, definition: Mapping[str, Any], at: str) -> None:
    """Take a portal's definition (the JSON object in the shape of its TOML) into `portals` and `agencies`, if it is news."""
    portal = definition["portal"]
    portal_id, region = portal["id"], portal.get("region") or None
    own = {key: part for key, part in definition.items() if key != "source"}
    text = json.dumps(own, ensure_ascii=False, sort_keys=True)
    if value(db, "SELECT definition FROM portals WHERE id = ?", (portal_id,)) == text:
        return
    db.execute(
        "INSERT INTO portals (id, name, region, platform, url, start, state, definition) VALUES (?, ?, ?, ?, ?, ?, 'new', ?) "
        "ON CONFLICT (id) DO UPDATE SET name = excluded.name, region = excluded.region, platform = excluded.platform, "
        "url = excluded.url, start = excluded.start, definition = excluded.definition",
        (
            portal_id,
            portal.get("name") or portal_id,
            region,
            portal.get("platform"),
            portal.get("url"),
            json.dumps(portal.get("start") or [], ensure_ascii=False),
            text,
        ),
    )
    for agency in definition.get("agency") or ():
        define_agency(db, agency, portal=portal_id, region=region, at=at, source="defined")


def ensure_portal(db: Database, portal: str) -> None:
    """Let a portal that no definition describes (loose imports) have a row."""
    db.execute(
        "INSERT OR IGNORE INTO portals (id, name, start, state) VALUES (?, ?, '[]', 'undefined')", (portal, portal)
    )


def columns_of_portal(db: Database, portal: str) -> list[str]:
    """The columns that a portal's definition names."""
    found: list[str] = json.loads(value(db, "SELECT start FROM portals WHERE id = ?", (portal,)) or "[]")
    return found


def definition_of(db: Database, portal: str) -> str | None:
    """A portal's definition as used, a JSON object; `None` without one."""
    found: str | None = value(db, "SELECT definition FROM portals WHERE id = ?", (portal,))
    return found


def agency(db: Database, agency: str) -> AgencyRow | None:
    """An agency by its id."""
    return first(db, AgencyRow, "SELECT * FROM agencies WHERE id = ?", (agency,))


def has_portal(db: Database, portal: str) -> bool:
    """Whether the archive knows a portal."""
    return value(db, "SELECT 1 FROM portals WHERE id = ?", (portal,)) is not None


def define_agency(
    db: Database, agency: Mapping[str, Any], *, portal: str | None, region: str | None, at: str, source: str
) -> str:
    """Enter or update an agency that somebody describes; give its id. One that was found under the same name is adopted."""
    name = agency["name"]
    aliases = [alias for alias in agency.get("aliases") or () if alias != name]
    found = find_agency(db, portal, name)
    if found is None:
        scope = _scope(portal, name)
        found = agency_id(scope, name)
        db.execute(
            "INSERT INTO agencies (id, name, kind, region, portal, since, until, aliases, source, first_seen) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (found, name, "department", None, portal, None, None, "[]", source, at),
        )
    db.execute(
        "UPDATE agencies SET name = ?, kind = ?, region = ?, portal = coalesce(?, portal), since = ?, until = ?, aliases = ?, "
        "source = ?, parent = coalesce(?, parent) WHERE id = ?",
        (
            name,
            agency.get("kind") or kind_of(name),
            agency.get("region") or region_of(name, region),
            portal,
            agency.get("since"),
            agency.get("until"),
            json.dumps(aliases, ensure_ascii=False),
            source,
            agency.get("parent"),
            found,
        ),
    )
    enter_names(db, found, portal, [name, *aliases])
    return found


def find_agency(db: Database, portal: str | None, printed: str) -> str | None:
    """The id of the agency that a printed name means on a portal, `None` if the register doesn't know it.

    An area means the body that governs it, and the other way round: 柯桥区, 柯桥区人民政府.
    """
    for name in (normalise_name(printed), *other_forms(printed)):
        found = _find_name(db, portal, name) if name else None
        if found is not None:
            return found
    return None


def _find_name(db: Database, portal: str | None, name: str) -> str | None:
    """The agency that bears a name in normal form."""
    candidates = [(EVERYWHERE, name)] if portal is None or leading_region(name) else []
    if portal is not None:
        places = _places_of_portal(db, portal)
        candidates += [(portal, form) for form in _forms_on_portal(places, name)]
        for place in places:
            # A definition may say 教育局 or 区教育局 where the report prints all of 温州市瓯海区教育局, or the other way round.
            own = reduced(name).removeprefix(place)
            own = own.removeprefix(place[-1]) if leading_region(own) is None else own
            for form in _town_forms(own) if len(own) > 1 else ():
                candidates += [(portal, place + form), (portal, form), (portal, place[-1] + form)]
    for scope, candidate in candidates:
        agency = value(db, "SELECT agency FROM agency_names WHERE scope = ? AND name = ?", (scope, candidate))
        if agency is not None:
            return str(agency)
    return None


def defined_elsewhere(db: Database, portal: str, printed: str) -> str | None:
    """The defined portal whose agency a printed name is, if a page of this portal, which nobody defined, can't speak for it.

    A host that no definition names may print any name. Only what is the whole name of a defined agency counts: 财政局 alone could be anybody's.
    """
    if value(db, "SELECT 1 FROM portals WHERE id = ? AND start NOT IN ('', '[]')", (portal,)) is not None:
        return None
    name = normalise_name(printed)
    found = find_agency(db, portal, printed)
    for other in rows(
        db,
        "SELECT a.id, a.name, a.portal FROM agencies a JOIN portals p ON p.id = a.portal "
        "WHERE p.start NOT IN ('', '[]') AND a.portal <> ? ORDER BY a.id",
        (portal,),
    ):
        if other["id"] == found or (len(name) > _SHORT_NAME and normalise_name(other["name"]) == name):
            return str(other["portal"])
    return None


def _town_forms(name: str) -> list[str]:
    """A township's name with and without its government: menus say 石门镇, reports print 石门镇人民政府."""
    if is_town(name):
        return [name, f"{name}政府"]
    town = name.removesuffix("政府")
    return [name, town] if town != name and is_town(town) else [name]


def find_or_add(db: Database, portal: str, printed: str, *, year: int, at: str) -> str:
    """The agency of a report; one that nobody described is entered as found, and expected from this report's year on."""
    found = find_agency(db, portal, printed)
    if found is None:
        name = _BLANKS.sub("", unicodedata.normalize("NFKC", shown(printed)))
        region = value(db, "SELECT region FROM portals WHERE id = ?", (portal,))
        found = agency_id(_scope(portal, name), name)
        db.execute(
            "INSERT INTO agencies (id, name, kind, region, portal, since, aliases, source, first_seen) "
            "VALUES (?, ?, ?, ?, ?, ?, '[]', 'found', ?)",
            (found, name, kind_of(name), region_of(name, region), portal, year, at),
        )
        enter_names(db, found, portal, [name])
    else:
        db.execute("UPDATE agencies SET since = ? WHERE id = ? AND source = 'found' AND since > ?", (year, found, year))
    return found


def adopt(db: Database, kept: str, dropped: str) -> None:
    """Make two entries one: reports of `dropped` become reports of `kept`, except for years that both have."""
    if kept == dropped:
        return
    other = row(db, "SELECT name, aliases FROM agencies WHERE id = ?", (dropped,))
    if other is None:
        return
    db.execute(
        "UPDATE reports SET agency = ? WHERE agency = ? AND year NOT IN (SELECT year FROM reports WHERE agency = ?)",
        (kept, dropped, kept),
    )
    db.execute("UPDATE agency_names SET agency = ? WHERE agency = ?", (kept, dropped))
    aliases = json.loads(value(db, "SELECT aliases FROM agencies WHERE id = ?", (kept,)))
    aliases += [name for name in (other["name"], *json.loads(other["aliases"])) if name not in aliases]
    db.execute("UPDATE agencies SET aliases = ? WHERE id = ?", (json.dumps(aliases, ensure_ascii=False), kept))
    if value(db, "SELECT 1 FROM reports WHERE agency = ?", (dropped,)) is None:
        db.execute("DELETE FROM obligations WHERE agency = ?", (dropped,))
        db.execute("DELETE FROM agencies WHERE id = ?", (dropped,))


def portal_government(db: Database, portal: str) -> str | None:
    """The government that runs a portal: its only agency of that kind, or the one that bears the portal's name."""
    name = value(db, "SELECT name FROM portals WHERE id = ?", (portal,))
    if name is not None:
        found = find_agency(db, portal, name)
        if found is not None:
            return found
    governments = rows(
        db, "SELECT id FROM agencies WHERE portal = ? AND kind = 'government' AND source <> 'found'", (portal,)
    )
    return str(governments[0]["id"]) if len(governments) == 1 else None


def known_names(db: Database, portal: str) -> tuple[str, ...]:
    """Names and aliases of a portal's agencies, for reading the agency out of a report; sorted."""
    names: set[str] = set()
    for found in rows(db, "SELECT name, aliases FROM agencies WHERE portal = ? AND source <> 'found'", (portal,)):
        names |= {found["name"], *json.loads(found["aliases"])}
    return tuple(sorted(names))


def region_of(name: str, region: str | None) -> str | None:
    """The code of the region that an agency's name begins with, if it lies in the portal's; else the portal's."""
    if region is None:
        return None
    codes = packaged_regions()
    rest, best = normalise_name(name), region
    while (first := leading_region(rest)) is not None:
        for code in sorted(code for code, found in codes.items() if found.name == first and _within(code, region)):
            best = code
            break
        rest = rest[len(first) :]
    return best


def _within(code: str, region: str) -> bool:
    return code.startswith(region_stem(region))


def _scope(portal: str | None, name: str) -> str:
    return EVERYWHERE if portal is None or leading_region(normalise_name(name)) else portal


def _places_of_portal(db: Database, portal: str) -> list[str]:
    """Names of the portal's own region, in normal form."""
    found = row(db, "SELECT region, name FROM portals WHERE id = ?", (portal,))
    region = packaged_regions().get((found["region"] if found is not None else "") or "")
    if region is not None:
        return [region.name]
    place = leading_region(reduced(normalise_name(found["name"]))) if found is not None else None
    return [place] if place is not None else []


def _forms_on_portal(places: Iterable[str], name: str) -> tuple[str, ...]:
    """Forms in which a portal of these places may print a normalised name: without the regions above it, too.

    A region's name goes on without its 区 or 县 in names of others: 温州市瓯海经济开发区管委会 is 瓯海经济开发区管委会 on the portal of 瓯海区.
    """
    short = reduced(name)
    first = leading_region(short)
    rest = short.removeprefix(first or "")
    is_above = first is not None and any(
        rest.startswith(place[:-1]) for place in places if len(place) > 2 and place != first
    )
    return tuple(dict.fromkeys((name, short, rest) if is_above else (name, short)))


def enter_names(db: Database, agency: str, portal: str | None, names: Iterable[str]) -> None:
    """Let names, printed on a portal or anywhere, mean an agency. Found agencies of these names are adopted by it."""
    for name in names:
        form = normalise_name(name)
        entries = {(EVERYWHERE, form)} if leading_region(form) or portal is None else set()
        if portal is not None:
            entries |= {(portal, one) for one in _forms_on_portal(_places_of_portal(db, portal), form)}
        for scope, entry in sorted(entries):
            other = value(db, "SELECT agency FROM agency_names WHERE scope = ? AND name = ?", (scope, entry))
            if other is None:
                db.execute("INSERT INTO agency_names (scope, name, agency) VALUES (?, ?, ?)", (scope, entry, agency))
            elif other != agency and value(db, "SELECT source FROM agencies WHERE id = ?", (other,)) == "found":
                adopt(db, agency, other)
