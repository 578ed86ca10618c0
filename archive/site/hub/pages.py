"""The hub's own pages: the provinces, search, and the matrix of who has published. Each says of which day it speaks, and who didn't answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import cache, partial
from pathlib import Path
from sqlite3 import Connection
from typing import TypedDict, TypeVar
from urllib.parse import urlencode

import httpx
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from archive.index.codes import DutyStatus
from archive.site.http.addresses import with_language
from archive.site.http.static import static_path
from archive.site.hub import sites, store
from archive.site.hub.store import (
    FacetValue,
    HubListedAgency,
    HubListedDuty,
    HubListedReport,
    HubProvince,
    MatrixPart,
    open_hub,
)
from archive.site.i18n import LANGUAGES, Translator
from archive.site.pages.missing import MARKS, PAGE_SIZE
from archive.site.view import beijing, number
from extract.lexicon.organs import KINDS
from extract.lexicon.regions import packaged_regions, region_stem

T = TypeVar("T")
RESULTS = 20
#: Beyond so many pages a list is read as data, not page by page.
_MOST_PAGES = 500
_YEARS = 14


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: its path without the language, its language, its arguments."""

    folder: Path
    client: httpx.AsyncClient
    path: str
    language: str
    arguments: Mapping[str, str]

    @property
    def root(self) -> str:
        """What links begin with."""
        return "" if self.language == LANGUAGES[0] else f"/{self.language}"

    def link(self, **changes: object) -> str:
        """The page's own address with some arguments changed; `None` removes one."""
        kept = {key: value for key, value in self.arguments.items() if key not in changes}
        kept |= {key: str(value) for key, value in changes.items() if value is not None}
        return self.root + self.path + (f"?{urlencode(kept)}" if kept else "")


@dataclass(frozen=True, slots=True)
class HubAnswer:
    """What a page gives."""

    body: bytes
    content_type: str = "text/html"
    status: int = 200


def address_of(province: HubProvince, path: str) -> str:
    """Where a page of a province is: under the hub, or at its own address."""
    return (f"/p/{province.name}" if province.is_through else province.url) + path


async def home(asked: Asked) -> HubAnswer:
    """The provinces, of which day the hub knows them, and whether the last attempt failed."""
    return await _page(asked, "hub_home.html", {"sums": await _ask(asked, store.province_sums)})


async def provinces_json(asked: Asked) -> HubAnswer:
    """The provinces as JSON."""
    found, sums = await asyncio.gather(_ask(asked, store.provinces), _ask(asked, store.province_sums))
    return _json([{**asdict(one), "is_through": one.is_through, **sums.get(one.name, {})} for one in found])


async def search(asked: Asked) -> HubAnswer:
    """Reports by traits, from the hub; by words, from the provinces themselves."""
    return await _page(asked, "hub_search.html", await _found(asked))


async def search_json(asked: Asked) -> HubAnswer:
    """The same as JSON: for words an object a province, else the newest reports."""
    found = await _found(asked)
    hits = [
        {"province": one.province, "total": one.total, "results": one.results, "reason": one.reason}
        for one in found["hits"]
    ]
    return _json(
        {
            "q": found["q"],
            "total": found["total"],
            "is_whole": found["is_whole"],
            "provinces": hits,
            "results": found["results"],
        }
    )


async def missing(asked: Asked) -> HubAnswer:
    """The matrix of duties."""
    return await _page(asked, "hub_missing.html", await _matrix(asked))


async def missing_json(asked: Asked) -> HubAnswer:
    """A page of the matrix as JSON, and the address of the next one."""
    found = await _matrix(asked)
    return _json(
        {
            "sums": [{"year": year, "status": status, "n": n} for (year, status), n in sorted(found["sums"].items())],
            "agencies": [
                {**agency, "duties": [duty for key, duty in found["cells"].items() if key[:2] == (agency["province"], agency["id"])]}
                for agency in found["agencies"]
            ],
            "next": asked.link(after=found["after"]) if found["after"] else None,
        }
    )  # fmt: skip


async def several(asked: Asked, found: list[HubListedReport]) -> HubAnswer:
    """A choice between reports that have the same id."""
    return await _page(asked, "hub_several.html", {"reports": found}, status=300)


async def not_found(asked: Asked) -> HubAnswer:
    """Nothing at this address."""
    if asked.path.endswith(".json"):
        return _json({"error": "not found"}, status=404)
    return await _page(asked, "hub_several.html", {"reports": []}, status=404)


class HubSearch(TypedDict):
    """What an address asks for, and what was found: `hits` for words, a province each; `results` without."""

    q: str
    chosen: dict[str, object]
    facets: dict[str, list[FacetValue]]
    results: list[HubListedReport]
    hits: list[sites.Hits]
    total: int
    is_whole: bool
    page: int
    pages: int


class HubMatrix(TypedDict):
    """A page of the matrix, with what its choices need. `after` names the last agency where there are more."""

    agencies: list[HubListedAgency]
    cells: dict[tuple[str, str, int], HubListedDuty]
    sums: dict[tuple[int, str], int]
    years: list[int]
    all_years: list[int]
    regions: dict[str, str]
    region_names: dict[str, str]
    part: MatrixPart
    marks: Mapping[str, tuple[str, str]]
    statuses: tuple[DutyStatus, ...]
    kinds: tuple[str, ...]
    after: str | None


async def _found(asked: Asked) -> HubSearch:
    query = asked.arguments.get("q", "").strip()[:200]
    chosen: dict[str, object] = {
        name: value for name in ("province", "kind", "form") if (value := asked.arguments.get(name))
    }
    if (year := asked.arguments.get("year", "")).isascii() and year.isdigit():
        chosen["year"] = int(year[:4])
    page = max(1, min(_MOST_PAGES, _digits(asked.arguments.get("page"))))
    hits: list[sites.Hits] = []
    facets: dict[str, list[FacetValue]] = {}
    results: list[HubListedReport] = []
    if query:
        known = await _ask(asked, store.provinces)
        some = [one for one in known if chosen.get("province", one.name) == one.name]
        passed = {key: str(value) for key, value in chosen.items() if key != "province"}
        hits = await sites.search(asked.client, some, {"q": query, **passed})
        total = sum(one.total for one in hits)
    else:
        facets, total, results = await asyncio.gather(
            _ask(asked, partial(store.facets, chosen=chosen)),
            _ask(asked, partial(store.count_reports, chosen=chosen)),
            _ask(asked, partial(store.newest_reports, chosen=chosen, most=RESULTS, offset=(page - 1) * RESULTS)),
        )
    return {
        "q": query,
        "chosen": chosen,
        "facets": facets,
        "results": results,
        "hits": hits,
        "total": total,
        "is_whole": all(one.reason is None for one in hits),
        "page": page,
        "pages": min(_MOST_PAGES, -(-total // RESULTS)),
    }


async def _matrix(asked: Asked) -> HubMatrix:
    arguments = asked.arguments
    region, kind, status = (arguments.get(name, "") for name in ("region", "kind", "status"))
    part = MatrixPart(
        region=region_stem(region) if region.isascii() and region.isdigit() and len(region) in (2, 4, 6) else "",
        kind=kind if kind in KINDS else "",
        year=_digits(arguments.get("year")) or None,
        status=status if status in set(DutyStatus) else "",
    )
    province, _, agency = arguments.get("after", "").partition("~")
    after = (province, agency) if agency else None
    (agencies, cells), sums = await asyncio.gather(
        _ask(asked, partial(store.matrix, wanted=part, most=PAGE_SIZE, after=after)),
        _ask(asked, partial(store.duty_sums, wanted=part)),
    )
    last = agencies[-1] if len(agencies) == PAGE_SIZE else None
    regions = packaged_regions()
    return {
        "agencies": agencies,
        "cells": cells,
        "sums": sums,
        "years": sorted({key[2] for key in cells})[-_YEARS:],
        "all_years": sorted({key[0] for key in sums}, reverse=True),
        "regions": {code: found.name for code, found in regions.items() if code.endswith("0000")},
        "region_names": {one["region"]: regions[one["region"]].name for one in agencies if one["region"] in regions},
        "part": part,
        "marks": MARKS,
        "statuses": tuple(DutyStatus),
        "kinds": KINDS,
        "after": f"{last['province']}~{last['id']}" if last is not None else None,
    }


def _digits(text: str | None) -> int:
    return int(text[:6]) if text is not None and text.isascii() and text.isdigit() else 0


async def _ask(asked: Asked, question: Callable[[Connection], T]) -> T:
    """The answer of the hub's database, in a thread."""

    def answer() -> T:
        with open_hub(asked.folder) as db:
            return question(db)

    return await asyncio.to_thread(answer)


def _json(found: object, *, status: int = 200) -> HubAnswer:
    return HubAnswer(json.dumps(found, ensure_ascii=False).encode(), "application/json; charset=utf-8", status)


@cache
def _templates() -> Environment:
    folder = Path(__file__).parents[1] / "templates"
    return Environment(loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined, auto_reload=False)


async def _page(asked: Asked, template: str, context: Mapping[str, object], *, status: int = 200) -> HubAnswer:
    """A page within the hub's layout."""
    known = await _ask(asked, store.provinces)
    by_name = {one.name: one for one in known}
    other = LANGUAGES[1 - LANGUAGES.index(asked.language)]
    translate = Translator(asked.language)
    html = _templates().get_template(template).render(
        t=translate,
        lang=asked.language,
        root=asked.root,
        static=static_path,
        link=asked.link,
        other_lang_url=with_language(asked.path, other) + (f"?{urlencode(asked.arguments)}" if asked.arguments else ""),
        provinces=known,
        behind=[one for one in known if one.reason is not None or one.gathered_at is None],
        address=lambda name, path: address_of(by_name[name], with_language(path, asked.language)) if name in by_name else "",
        beijing=beijing,
        number=number,
        **{"q": "", **context},
    )  # fmt: skip
    return HubAnswer(html.encode(), status=status)
