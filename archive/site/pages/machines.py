"""What machines read first: the addresses of data as OpenAPI 3.1, and the data set as DCAT 3."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from archive.index.indicators import INDICATORS
from archive.publish.frozen import FrozenRelease, releases
from archive.site.files import media_type
from archive.site.i18n import Translator, language_of
from archive.site.metadata import PUBLIC_TABLES
from archive.site.ready import ready_queries
from archive.site.state import archive_of, site_url
from archive.site.stats.figures import COMPOSITIONS, FIGURES
from archive.site.tables import TABLES

_JSON, _CSV, _NDJSON, _ATOM = "application/json", "text/csv", "application/x-ndjson", "application/atom+xml"
_SELECTION = ("basis", "region", "year")
_SEARCH = ("q", "region", "year", "kind", "form", "findings", "from", "to")
_PATTERNS: dict[str, dict[str, object]] = {
    "table": {"enum": list(TABLES)},
    "code": {"enum": [item.code for item in INDICATORS]},
    "chart": {"enum": [*(item.code for item in INDICATORS), *COMPOSITIONS]},
    "query": {"enum": sorted(ready_queries())},
    "figure": {"enum": list(FIGURES)},
    "region": {"pattern": "^[0-9]{2}([0-9]{2}){0,2}$"},
    "year": {"pattern": "^(19|20)[0-9]{2}$"},
    "version": {"pattern": "^[0-9]{1,9}$"},
    "place": {"pattern": "^[0-9]{6}$"},
}


@dataclass(frozen=True, slots=True)
class Operation:
    """An address of data: its path with `{parameters}`, what it gives, arguments after `?`, media type."""

    path: str
    says: str
    media: str
    arguments: tuple[str, ...] = ()


OPERATIONS = (
    Operation("/data/{table}.csv", "All rows of a table, complete or broken off; ?column=value narrows.", _CSV, ("for",)),
    Operation("/data/{table}.ndjson", "The same, a JSON object a line; the last line says the number of rows.", _NDJSON),
    Operation("/ogi/{query}.json", "Rows of a ready query, by pages: total, returned, next.", _JSON, ("_size", "_next")),
    Operation("/ogi/{query}.csv", "All rows of a ready query.", _CSV),
    Operation("/ogi/sql.json", "A visitor's own SQL, read-only; truncated says whether there are more rows.", _JSON, ("sql", "_shape", "_size")),
    Operation("/ogi/sql.csv", "All rows of a visitor's own SQL, or an error.", _CSV, ("sql",)),
    Operation("/search.json", "Hits of a search: how many, facets, a page of them with passages.", _JSON, _SEARCH),
    Operation("/search.csv", "All hits of a search.", _CSV, _SEARCH),
    Operation("/search.atom", "The newest hits of a search.", _ATOM, _SEARCH),
    Operation("/stats/{chart}.json", "An indicator by year with definition, N and coverage.", _JSON, (*_SELECTION, "all")),
    Operation("/stats/{chart}.csv", "The same as CSV.", _CSV, (*_SELECTION, "all")),
    Operation("/stats/{chart}.svg", "A chart as a file.", "image/svg+xml", (*_SELECTION, "figure")),
    Operation("/stats/{code}/rows.csv", "The reports behind a number: which count, and why not.", _CSV, (*_SELECTION, "state")),
    Operation("/stats/{code}/places.csv", "The places within a place.", _CSV, _SELECTION),
    Operation("/region/{place}.json", "A place: places within it, what is owed there, all totals of all bases and years.", _JSON),
    Operation("/region/{place}.csv", "All totals of a place.", _CSV),
    Operation("/agency/{agency}/panel.csv", "An agency's indicators, a row a year and indicator.", _CSV),
    Operation("/compare.csv", "An indicator of up to six agencies.", _CSV, ("indicator", "agency")),
    Operation("/r/{report}.json", "A report's current version: identity, figures with what speaks against them, text, findings.", _JSON),
    Operation("/r/{report}@{version}.json", "A version, permanent.", _JSON),
    Operation("/r/{report}@{version}.csv", "The figures of a version.", _CSV),
    Operation("/proof/published/{report}@{version}.json", "The evidence that a version was published.", _JSON),
    Operation("/missing.json", "What is owed, a row an agency and year: total, returned, rows.", _JSON, ("region", "kind", "year", "status")),
    Operation("/missing.csv", "The same.", _CSV, ("region", "kind", "year", "status")),
    Operation("/portals/{portal}.atom", "When a portal could be read again, or no longer; /portals.atom of all.", _ATOM),
    Operation("/portals.json", "The portals, as they were read last.", _JSON),
    Operation("/releases/latest.json", "The newest release: files with bytes, rows, SHA-256 in hex.", _JSON),
    Operation("/feeds/changes.atom", "What was published, revised, withdrawn.", _ATOM),
    Operation("/feeds/region/{place}.atom", "The same of a region.", _ATOM),
    Operation("/timemap/json/{url}", "All captures of an address (RFC 7089).", _JSON),
)  # fmt: skip


def _parameter(name: str, where: str) -> dict[str, object]:
    schema = {"type": "string", **_PATTERNS.get(name, {})}
    return {"name": name, "in": where, "required": where == "path", "schema": schema}


def _described(operation: Operation) -> dict[str, object]:
    names = [part.partition("}")[0] for part in operation.path.split("{")[1:]]
    parameters = [_parameter(name, "path") for name in names]
    parameters += [_parameter(name, "query") for name in operation.arguments]
    answers: dict[str, object] = {"200": {"description": operation.says, "content": {operation.media: {}}}}
    answers["404"] = {"description": "There is no such thing, or it is withheld."}
    return {"get": {"summary": operation.says, "parameters": parameters, "responses": answers}}


async def openapi(datasette: Any, request: Any) -> Any:
    """The addresses of data."""
    from datasette import Response

    content = {
        "openapi": "3.1.0",
        "info": {
            "title": Translator(language_of(request))("site.name"),
            "version": "1",
            "description": "Read-only; no key is needed. Figures carry unsure (reader), disputed and findings (audit).",
            "license": {"name": "CC BY 4.0", "url": "https://creativecommons.org/licenses/by/4.0/"},
        },
        "servers": [{"url": site_url(datasette)}],
        "paths": {operation.path: _described(operation) for operation in OPERATIONS},
    }
    return Response.json(content)


async def catalog(datasette: Any, request: Any) -> Any:
    """The data set with its tables and releases, as a catalogue."""
    from datasette import Response

    base, translate = site_url(datasette), Translator(language_of(request))
    live = [
        {
            "@type": "dcat:Distribution",
            "dct:title": table,
            "dcat:downloadURL": {"@id": f"{base}/data/{table}.csv"},
            "dcat:mediaType": _CSV,
        }
        for table in PUBLIC_TABLES
    ]
    content = {
        "@context": {
            "dcat": "http://www.w3.org/ns/dcat#",
            "dct": "http://purl.org/dc/terms/",
            "spdx": "http://spdx.org/rdf/terms#",
        },
        "@id": f"{base}/catalog.jsonld",
        "@type": "dcat:Catalog",
        "dct:title": translate("site.name"),
        "dct:license": {"@id": "https://creativecommons.org/licenses/by/4.0/"},
        "dcat:dataset": [
            {
                "@id": f"{base}/releases/",
                "@type": "dcat:DatasetSeries",
                "dct:title": translate("data.releases"),
                "dct:description": translate("data.release_note"),
            },
            {
                "@id": f"{base}/data",
                "@type": "dcat:Dataset",
                "dct:title": translate("site.name"),
                "dct:description": translate("data.lead"),
                "dcat:distribution": live,
            },
            *(
                _release(base, one, is_newest=not place)
                for place, one in enumerate(releases(archive_of(datasette).exports_dir))
            ),
        ],
    }
    return Response(json.dumps(content, ensure_ascii=False), content_type="application/ld+json; charset=utf-8")


def _media_of(path: str) -> str:
    """The media type of a file of a release, of what is in it where it is packed."""
    return media_type(path.removesuffix(".gz"))


def _release(base: str, release: FrozenRelease, *, is_newest: bool) -> dict[str, object]:
    """A release as a data set; of older ones the manifest has the files."""
    folder = f"{base}/releases/{release.folder.name}"
    return {
        "@id": f"{folder}/manifest.json",
        "@type": "dcat:Dataset",
        "dct:title": release.name,
        "dct:issued": release.made_at,
        "dcat:inSeries": {"@id": f"{base}/releases/"},
        "dcat:distribution": [
            {
                "@type": "dcat:Distribution",
                "dct:title": path,
                "dcat:downloadURL": {"@id": f"{folder}/{path}"},
                "dcat:mediaType": _media_of(path),
                **({"dcat:compressFormat": "application/gzip"} if path.endswith(".gz") else {}),
                "dcat:byteSize": file["bytes"],
                "spdx:checksum": {
                    "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
                    "spdx:checksumValue": file["sha256"],
                },
            }
            for path, file in (release.files.items() if is_newest else ())
        ],
    }


ROUTES = (
    (r"^/openapi\.json$", openapi),
    (r"^/catalog\.jsonld$", catalog),
)
