"""`ogi probe`: what a portal is made of and where its annual reports are, as a definition with a comment for every guess.

Everything that was seen can be saved as one file, which a test or another machine replays without the portal.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from archive.warc.coding import unpack
from archive.work.helper import directly
from crawler.discovery.asking import NotFetched
from crawler.discovery.search import Discovery, SearchLimits
from crawler.discovery.trial import FoundColumn
from crawler.families.detect import detect
from crawler.families.reading import feed_apart
from crawler.pages.classify import classify
from crawler.pages.exchange import NextRequest, PageBytes
from crawler.portals.definitions import PortalDefinition, parse_definition, to_json
from extract.document.notations import parse_json
from extract.errors import OgiError
from extract.lexicon.organs import kind_of
from extract.lexicon.regions import named_regions
from extract.lexicon.titles import judge_title

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = "ogi-probe/1"

#: Pages of one search that are kept for its report, together: a hundred times what real ones have.
_MOST_KEPT = 256 << 20
_NOT_KEPT = f"read, and not kept: the pages of this search have more than {_MOST_KEPT >> 20} MiB"

Fetch = Callable[[NextRequest], PageBytes]
Watch = Callable[[str], None]

#: What a site's name has behind that of its organ.
_PORTAL_WORDS = ("门户网站", "门户", "网站", "官网", "公众网", "首页")
_SITE_WORDS = (*_PORTAL_WORDS, "信息网", "政务网", "欢迎您", *"-_—|·")


class BadReport(OgiError):
    """Raised when a file is no saved probe, by `replay`."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One exchange of a probe: an answer, or why there is none."""

    request: NextRequest
    page: PageBytes | None
    failure: str = ""

    def to_json(self) -> dict[str, Any]:
        """A JSON object with the page's verdict and family as they are judged now; cookies are left out."""
        asked: dict[str, Any] = {"url": self.request.url, "method": self.request.method}
        if self.request.body is not None:
            asked["body"] = base64.b64encode(self.request.body).decode("ascii")
        if self.page is None:
            return {"request": asked, "failure": self.failure}
        page = self.page
        verdict = classify(page.status, page.headers, page.body, page.url, self.request.url)
        detection = detect(page.body, page.url, page.headers)
        return {
            "request": asked,
            "url": page.url,
            "status": page.status,
            "headers": [
                [name, value] for name, value in page.headers if name.lower() not in ("set-cookie", "set-cookie2")
            ],
            "body": base64.b64encode(gzip.compress(page.body, mtime=0)).decode("ascii"),
            "verdict": verdict.verdict,
            "evidence": verdict.evidence,
            "family": detection.family,
            "family_evidence": detection.evidence,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Seen:
        """The inverse of `to_json`; verdicts and families are judged anew when they are asked for."""
        asked = data["request"]
        body = base64.b64decode(asked["body"]) if "body" in asked else None
        request = NextRequest(asked["url"], asked.get("method", "GET"), (), body)
        if "failure" in data:
            return cls(request, None, data["failure"])
        content = unpack(base64.b64decode(data["body"]), "gzip").content
        headers = tuple((name, value) for name, value in data["headers"])
        return cls(request, PageBytes(data["url"], data["status"], headers, content, request))


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What a probe found.

    Attributes:
        url: Where it began.
        site_name: The site's own name, empty if it gives none.
        columns: Columns of annual reports, the portal's own first.
        problems: What kept the search from being whole.
        notes: What it met and did not take.
        definition: A portal definition as TOML.
        seen: Every exchange.
    """

    url: str
    site_name: str
    columns: tuple[FoundColumn, ...]
    problems: tuple[str, ...]
    notes: tuple[str, ...]
    definition: str
    seen: tuple[Seen, ...] = field(repr=False, default=())

    @property
    def portal(self) -> PortalDefinition:
        """The printed definition, read back."""
        return parse_definition(self.definition, "probe")

    def to_json(self) -> dict[str, Any]:
        """A JSON document without the pages."""
        described = to_json(self.portal)
        del described["source"]
        return {
            "url": self.url,
            "site": self.site_name,
            "platform": self.portal.platform,
            "columns": [
                {
                    "url": column.url,
                    "family": column.family,
                    "label": column.label,
                    "unit": column.unit,
                    "evidence": column.evidence,
                    "guess": column.is_guess,
                    "rows": [entry.to_json() for entry in column.entries],
                }
                for column in self.columns
            ],
            "problems": list(self.problems),
            "notes": list(self.notes),
            "requests": len(self.seen),
            "definition": described,
            "toml": self.definition,
        }


def probe(
    url: str,
    fetch: Fetch,
    *,
    limits: SearchLimits | None = None,
    watch: Watch | None = None,
    apart: Callable[..., Any] = directly,
) -> ProbeResult:
    """Search a portal from any of its pages.

    Args:
        url: Where to begin.
        fetch: Gives the answer to a request, or raises `NotFetched`.
        limits: How far to go.
        watch: Told each address before it is asked for.
        apart: Calls a function with what a stranger wrote, where that can't cost this process (`archive.work.helper.Helper`).
    """
    search = Discovery.for_url(url, limits)
    seen: list[Seen] = []
    kept = 0
    queue = list(search.start())
    while queue:
        request = queue.pop(0)
        if watch is not None:
            watch(request.url)
        try:
            page = fetch(request)
        except NotFetched as error:
            seen.append(Seen(request, None, str(error)))
            step = search.fail(request, str(error))
        else:
            kept += len(page.body)
            seen.append(Seen(request, page) if kept <= _MOST_KEPT else Seen(request, None, _NOT_KEPT))
            search, step = feed_apart(apart, search, page)
        queue.extend(step.next)
    columns = tuple(sorted(search.found, key=lambda column: (column.unit != "", column.is_guess)))
    problems = list(search.problems)
    if not columns:
        problems.append("no column of annual reports was found")
    name = search.site_name or search.home_title
    definition = write_definition(url, name, columns, tuple(problems), tuple(search.notes))
    return ProbeResult(url, name, columns, tuple(problems), tuple(search.notes), definition, tuple(seen))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _comment(text: str) -> str:
    return "# " + re.sub(r"[\x00-\x1f\x7f]+", " ", text)


def portal_id(url: str) -> str:
    """An id for a portal from its host: `www.ouhai.gov.cn` → `ouhai`."""
    parts = urlsplit(url)
    labels = [
        label for label in (parts.hostname or "").split(".") if label not in ("www", "gov", "cn", "com", "org", "net")
    ]
    words = labels if labels and not all(label.isdigit() for label in labels) else ["portal", *labels]
    if parts.port not in (None, 80, 443):
        words.append(str(parts.port))
    return re.sub(r"[^a-z0-9]+", "-", "-".join(words).lower()).strip("-") or "portal"


def _publisher(name: str) -> str:
    """The organ that a site's name names: 示例市人民政府门户网站 → 示例市人民政府."""
    first = re.split(r"[-_—|·,，\s]+", name.strip())
    best = next(
        (part for part in first if re.search(r"政府|管委会|管理委员会|[局委厅办]\Z", part)), first[0] if first else ""
    )
    bare = _without_endings(best, _PORTAL_WORDS)
    return (
        bare
        if re.search(r"人民政府\Z|管委会\Z|管理委员会\Z|[局委厅办]\Z", bare)
        else re.sub(r"政府\Z", "人民政府", bare) or _without_endings(name.rstrip(), _SITE_WORDS).removesuffix("政府")
    )


def _without_endings(text: str, endings: tuple[str, ...]) -> str:
    """The text without any of these words at its end, however many."""
    while (found := next((word for word in endings if text.endswith(word)), None)) is not None:
        text = text.removesuffix(found).rstrip()
    return text


def _region(name: str) -> tuple[str, str]:
    """The GB/T 2260 code of the place in a name: (code, why); the code is empty if it can't be determined."""
    found = named_regions(name)
    if len(found) == 1:
        return found[0].code, f"by the name {found[0].name}"
    return "", f"{found[0].name} is the name of {len(found)} regions" if found else ""


def write_definition(
    url: str,
    site_name: str,
    columns: tuple[FoundColumn, ...],
    problems: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
) -> str:
    """A portal definition as TOML. Whatever is not certain carries a comment that says so."""
    parts = urlsplit(url)
    publisher = _publisher(site_name) if site_name else ""
    name = publisher or (parts.hostname or url)
    region, why = _region(name)
    families = sorted({column.family for column in columns})
    platform = families[0] if len(families) == 1 else "auto"
    lines = [_comment(f'Found by `ogi probe {url}`. Lines marked "guess" are to be checked by a person.')]
    lines += [_comment(f"problem: {problem}") for problem in problems]
    lines += ["[portal]", f"id = {_quoted(portal_id(url))}  # guess: from the host's name"]
    lines.append(
        f"name = {_quoted(name)}  # guess: "
        + (_comment(f"from the site's name, {site_name}")[2:] if site_name else "the site gives no name")
    )
    lines.append(
        f"region = {_quoted(region)}  # guess: {why}"
        if region
        else f'region = ""  # GB/T 2260 code; not found{": " + why if why else ""}'
    )
    lines.append(
        f"platform = {_quoted(platform)}"
        + (f"  # {', '.join(families)} on different pages" if len(families) > 1 else "")
    )
    if columns:
        lines.append("start = [")
        for column in columns:
            said = "; ".join(part for part in (column.unit, column.label, column.family, column.evidence) if part)
            lines.append(f"  {_quoted(column.url)},  {_comment(('guess: ' if column.is_guess else '') + said)}")
        lines.append("]")
    else:
        lines.append(_comment("start: no column was found; a harvest will seek again from url"))
    lines += [f"url = {_quoted(f'{parts.scheme}://{parts.netloc}/')}", "delay = 2.0"]
    lines += _agency_lines(publisher, columns)
    lines += [_comment(f"note: {note}") for note in notes]
    return "\n".join(lines) + "\n"


def _agency_lines(publisher: str, columns: tuple[FoundColumn, ...]) -> list[str]:
    own = [column for column in columns if not column.unit]
    years = sorted(
        year for column in own for entry in column.entries if (year := judge_title(entry.title).year) is not None
    )
    lines = []
    if publisher:
        lines += [
            "",
            "[[agency]]",
            f"name = {_quoted(publisher)}  # guess",
            f"kind = {_quoted(kind_of(publisher))}  # guess: from the name",
        ]
        if years:
            lines.append(
                _comment(
                    f"since = {years[0]}  (the first rows of the list name reports from {years[0]} to {years[-1]})"
                )
            )
    for unit in dict.fromkeys(column.unit for column in columns if column.unit):
        if unit != publisher:
            lines += [
                "",
                "[[agency]]",
                f"name = {_quoted(unit)}  # as the menu names it",
                f"kind = {_quoted(kind_of(unit))}  # guess: from the name",
            ]
    return lines


def save_report(result: ProbeResult, path: Path) -> None:
    """Write everything that a probe saw and made of it as one JSON file.

    Raises:
        OSError: If it can't be written.
    """
    document = {"format": FORMAT, **result.to_json(), "exchanges": [seen.to_json() for seen in result.seen]}
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def replay(path: Path, limits: SearchLimits | None = None, apart: Callable[..., Any] = directly) -> ProbeResult:
    """Probe again from a saved report instead of the portal, with today's code; `apart` as for `probe`.

    Raises:
        BadReport: If the file is none.
    """
    try:
        document = parse_json(path.read_text(encoding="utf-8"))
        if document["format"] != FORMAT:
            raise BadReport(f"{path}: written in the format {document['format']!r}, this release reads {FORMAT!r}")
        exchanges = [Seen.from_json(item) for item in document["exchanges"]]
        url = str(document["url"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadReport(f"{path}: is no report of `ogi probe --report` ({type(error).__name__}: {error})") from None
    answers = {seen.request.key: seen for seen in exchanges}

    def fetch(request: NextRequest) -> PageBytes:
        seen = answers.get(request.key)
        if seen is None:
            raise NotFetched("unreachable", f"{request.url} is not in {path.name}")
        if seen.page is None:
            raise NotFetched(seen.failure.partition(":")[0] or "unreachable", seen.failure)
        return PageBytes(seen.page.url, seen.page.status, seen.page.headers, seen.page.body, request)

    return probe(url, fetch, limits=limits, apart=apart)
