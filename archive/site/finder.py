"""What the search box finds beside texts: a report by an address or its 索引号, places by code or name, agencies with or without reports.

The names of all agencies and places are kept in memory until the database changes, folded as the full text is (`archive.index.search.fold`).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, TypedDict, TypeVar
from urllib.parse import unquote, urlsplit

from archive.index.rows import of_type
from archive.index.search import fold
from archive.site.memory import keep, patient_rows
from archive.site.pinyin import keys_of, of_name, of_place
from archive.site.provinces import provinces
from archive.site.view import rows

#: So many of each kind are shown at first, and at most.
FEW, MOST = 8, 500
_CODE = re.compile(r"[0-9]{2}(?:[0-9]{2}){0,2}")
_INDEX_NUMBER = re.compile(r"(?=.*[0-9])[0-9A-Za-z/\-_.〔〕\[\]()（）]{6,60}")
_MEMENTO = re.compile(r"^.*?/web/[0-9]{4,14}[a-z_]*/(?=https?:)")
_OWN_REPORT = re.compile(r"/r/([A-Za-z0-9-]+)")
_LATIN = re.compile(r"[A-Za-z][A-Za-z' ]+")
#: Letters in the middle of a name mean something only if they are many.
_LEAST_INSIDE = 5
_BLANKS = re.compile(r"\s+")
#: Ends of names of places that people leave out.
_ENDS = (
    "特别行政区",
    "壮族自治区",
    "回族自治区",
    "维吾尔自治区",
    "自治区",
    "自治州",
    "地区",
    "省",
    "市",
    "县",
    "区",
    "盟",
    "旗",
)
REPORT_COLUMNS = "r.id, r.title, r.year, r.status, a.name as agency, a.id as agency_id"
AGENCIES = """
select a.id, a.name, a.aliases, a.kind, a.region, g.name as place, (select count(*) from reports r where r.agency = a.id) as reports
from agencies a left join regions g on g.code = a.region order by a.region, a.kind <> 'government', a.name
"""
PLACES = "select g.code, g.name, g.level, p.name as parent from regions g left join regions p on p.code = g.parent order by g.code"
LATEST = """
select o.agency, o.year, o.status from obligations o join json_each(:ids) w on w.value = o.agency
where o.status <> 'pending' and o.year = (select max(p.year) from obligations p where p.agency = o.agency and p.status <> 'pending')
"""


class LatestDuty(TypedDict):
    """How the last duty of an agency that is settled stands."""

    agency: str
    year: int
    status: str


class _Agency(TypedDict):
    id: str
    name: str
    aliases: str
    kind: str
    region: str | None
    place: str | None
    reports: int


class AgencyHit(_Agency, total=False):
    """An agency with the number of its reports; `latest` where it is shown."""

    latest: LatestDuty | None


class PlaceHit(TypedDict):
    """A place, and the name of the one that holds it."""

    code: str
    name: str
    level: str
    parent: str | None


class _Report(TypedDict):
    id: str
    title: str | None
    year: int
    status: str
    agency: str
    agency_id: str


class ReportHit(_Report, total=False):
    """A report; `index_number` where it was found by that."""

    index_number: str | None


Hit = TypeVar("Hit", AgencyHit, PlaceHit)
#: Rows with the folded names under which they are found.
Named = tuple[tuple[tuple[str, ...], Hit], ...]


@dataclass(frozen=True, slots=True)
class Names:
    """All agencies and places with their folded names; those of an agency are its own and its aliases."""

    agencies: Named[AgencyHit]
    places: Named[PlaceHit]


@dataclass(frozen=True, slots=True)
class SearchHits:
    """What a search names: rows of each kind, and how many there are of it."""

    reports: list[ReportHit]
    places: list[PlaceHit]
    places_total: int
    agencies: list[AgencyHit]
    agencies_total: int

    @property
    def is_any(self) -> bool:
        """Whether there is something."""
        return bool(self.reports or self.places or self.agencies)


async def find(datasette: Any, query: str, *, most: int = FEW) -> SearchHits:
    """What a search names. An address or a 索引号 is of a report, nothing else."""
    words = query.strip().strip("\"“”'「」")
    reports = await _by_address(datasette, words) or await _by_index_number(datasette, words)
    if reports or not words:
        return SearchHits(reports, [], 0, [], 0)
    names = await _names(datasette)
    places = matching(names.places, words, is_code=_CODE.fullmatch(words) is not None)
    agencies = matching(names.agencies, words)
    if _LATIN.fullmatch(words):
        latin = await _latin(datasette, names)
        places = _joined(places, in_latin(latin.places, words))
        agencies = _joined(agencies, in_latin(latin.agencies, words))
    shown = [agency.copy() for agency in agencies[:most]]
    wanted = {"ids": json.dumps([agency["id"] for agency in shown])}
    latest = {row["agency"]: row for row in of_type(LatestDuty, await rows(datasette, LATEST, wanted))}
    for agency in shown:
        agency["latest"] = latest.get(agency["id"])
    return SearchHits([], places[:most], len(places), shown, len(agencies))


def key_of(text: str) -> str:
    """A name as it is compared: folded, without blanks."""
    return _BLANKS.sub("", fold(text))


def matching(named: Named[Hit], words: str, *, is_code: bool = False) -> list[Hit]:
    """The rows whose name is what was typed, then those whose name begins with it, then those that hold it, or all of its words."""
    whole, parts = key_of(words), [key_of(part) for part in words.split()]
    if is_code:
        code = words.ljust(6, "0")
        return [row for _, row in named if row.get("code") == code]
    if len(whole) < 2:
        return []
    ranked: list[list[Hit]] = [[], [], [], []]
    for keys, row in named:
        rank = min((_rank(key, whole) for key in keys), default=3)
        if rank == 3 and not (len(parts) > 1 and any(all(part in key for part in parts) for key in keys)):
            continue
        ranked[rank].append(row)
    return [row for rank in ranked for row in rank]


def _rank(key: str, whole: str) -> int:
    return 0 if key == whole else 1 if key.startswith(whole) else 2 if whole in key else 3


async def _names(datasette: Any) -> Names:
    async def read() -> Names:
        agencies = [
            (tuple({key_of(name): None for name in (row["name"], *json.loads(row["aliases"]))}), row)
            for row in of_type(AgencyHit, await patient_rows(datasette, AGENCIES))
        ]
        places = [
            (_place_keys(row), row)
            for row in of_type(PlaceHit, await patient_rows(datasette, PLACES))
            if not row["name"].endswith(("辖区", "直辖县级行政区划"))  # no names of places
        ]
        return Names(tuple(agencies), tuple(places))

    return await keep(datasette, "names", read)


async def _latin(datasette: Any, names: Names) -> Names:
    """The same rows by their pinyin; made when somebody types letters for the first time."""

    async def read() -> Names:
        readings = {row["code"]: of_place(row["code"]) for _, row in names.places}
        places = tuple((_latin_place(readings[row["code"]]), row) for _, row in names.places)
        by_name = {row["code"]: {row["name"]: readings[row["code"]]} for _, row in names.places}
        agencies = []
        for _, row in names.agencies:
            code = row["region"] or ""
            known: dict[str, list[str]] = {}
            for holder in (code, f"{code[:4]}00", f"{code[:2]}0000"):
                known |= by_name.get(holder, {})
            agencies.append((keys_of(of_name(row["name"], known)), row))
        return Names(tuple(agencies), places)

    return await keep(datasette, "latin names", read)


def _latin_place(syllables: list[str]) -> tuple[str, ...]:
    """With the last word of the name (市, 县) and without."""
    return tuple(dict.fromkeys((*keys_of(syllables), *keys_of(syllables[:-1])))) if len(syllables) > 1 else ()


def in_latin(named: Named[Hit], words: str) -> list[Hit]:
    """The rows whose pinyin, or its first letters, is what was typed, begins with it, or holds it (many letters only)."""
    typed = key_of(words).replace("'", "")
    ranked: list[list[Hit]] = [[], [], []]
    for keys, row in named:
        rank = min((_rank(key, typed) for key in keys), default=3)
        if rank < 2 or (rank == 2 and len(typed) >= _LEAST_INSIDE):
            ranked[rank].append(row)
    return [row for rank in ranked for row in rank]


def _joined(one: list[Hit], other: list[Hit]) -> list[Hit]:
    """Both lists, no row twice."""
    known = {id(row) for row in one}
    return one + [row for row in other if id(row) not in known]


def _place_keys(row: PlaceHit) -> tuple[str, ...]:
    name = row["name"]
    keys = [name, *(name.removesuffix(end) for end in _ENDS if name.endswith(end) and len(name) > len(end) + 1)]
    province = provinces().get(row["code"])
    if province is not None:
        keys += [province.short, province.en]
    return tuple({key_of(key): None for key in keys})


def address_forms(text: str) -> list[str]:
    """The forms in which an address may be kept: with either scheme, with and without a final slash; without a fragment, out of a memento."""
    text = _MEMENTO.sub("", text.strip()).partition("#")[0]
    if "://" not in text and re.match(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::[0-9]+)?/\S", text):
        text = f"http://{text}"
    if not text.lower().startswith(("http://", "https://")) or _BLANKS.search(text):
        return []
    rest = text.partition("://")[2]
    host, slash, path = rest.partition("/")
    tails = {f"{slash}{path}", f"{slash}{path}".rstrip("/"), f"/{path}".rstrip("/") + "/", unquote(f"{slash}{path}")}
    return [f"{scheme}://{host.lower()}{tail}" for scheme in ("http", "https") for tail in sorted(tails)]


async def _by_address(datasette: Any, text: str) -> list[ReportHit]:
    forms = address_forms(text)
    if not forms:
        return []
    own = _OWN_REPORT.match(urlsplit(forms[0]).path.removeprefix("/en"))
    found = await rows(
        datasette,
        f"select distinct {REPORT_COLUMNS} from reports r join agencies a on a.id = r.agency where r.id = :own or r.id in "
        "(select d.report from documents d join json_each(:forms) w on w.value = d.url union "
        "select d.report from documents d join json_each(:forms) w on w.value = d.entry_url union "
        "select v.report from captures c join json_each(:forms) w on w.value = c.url join versions v on v.capture = c.id) "
        "order by r.year desc limit 50",
        {"forms": json.dumps(forms), "own": own[1] if own else ""},
    )
    return of_type(ReportHit, found)


async def _by_index_number(datasette: Any, text: str) -> list[ReportHit]:
    """Reports whose 索引号 is the text, or begins with it."""
    if not _INDEX_NUMBER.fullmatch(text) or _CODE.fullmatch(text):
        return []
    found = await rows(
        datasette,
        f"select distinct {REPORT_COLUMNS}, v.index_number from versions v join reports r on r.id = v.report join agencies a on a.id = r.agency "
        "where v.index_number is not null and substr(v.index_number, 1, length(:text)) = :text order by v.index_number, r.year desc limit 50",
        {"text": text},
    )
    return of_type(ReportHit, found)
