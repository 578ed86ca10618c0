"""What an address alone says: which page or file it stands for, an article or a column, or a counter that must never be asked for.

The words and shapes are data (`addresses.toml`; field guide §§1–9). They rank candidates; whether a page holds a report is for its
body to say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from extract.document.numerals import is_whole
from extract.lexicon.dates import YEAR
from extract.lexicon.resolve import resolve
from extract.lexicon.toml_data import read_toml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from extract.lexicon.toml_data import TomlTable

_Values = Literal["none", "number", "clock", "any"]
_VALUES: Mapping[str, re.Pattern[str]] = {
    "none": re.compile(r"(?!)"),
    "number": re.compile(rf"[0-9.]+|{YEAR}-[01]\d-[0-3]\d"),
    # A clock has nine digits at least since 1973; fractions are what random numbers look like.
    "clock": re.compile(r"\d{9,}(?:\.\d+)?|0?\.\d+"),
    "any": re.compile(r".*", re.DOTALL),
}
_NO_ADDRESS = ("#", "javascript:", "mailto:", "tel:", "data:", "about:", "void(")
_INDEX = re.compile(r"/index\.s?html?\Z")
_POST = re.compile(r"/m?post_(\d+)\.html?\Z")


@dataclass(frozen=True, slots=True)
class _Addresses:
    """What `addresses.toml` says."""

    page_session: re.Pattern[str]
    file_session: re.Pattern[str]
    page_breakers: Mapping[str, re.Pattern[str]]
    file_breakers: Mapping[str, re.Pattern[str]]
    counter: re.Pattern[str]
    download: re.Pattern[str]
    extensions: Mapping[str, str]
    of_reports: tuple[str, ...]
    document: re.Pattern[str]
    articles: tuple[re.Pattern[str], ...]
    article_query: re.Pattern[str]
    columns: tuple[re.Pattern[str], ...]
    numeric_directory: re.Pattern[str]
    slug_long: re.Pattern[str]
    slug_short: re.Pattern[str]
    slug_false: re.Pattern[str]


def join(base: str, href: str) -> str | None:
    """An absolute http(s) address without fragment and session id, `None` for anything that is no address of a page.

    As browsers resolve it (`extract.lexicon.resolve`); the charset is that of `base`, if it is a `Base`.
    """
    cleaned = href.strip().strip("\u3000\u00a0\u200b")
    if not cleaned or cleaned.startswith(_NO_ADDRESS):
        return None
    url = resolve(base, cleaned)
    return None if url is None else _addresses().page_session.sub("", url)


def parts_of(url: str) -> SplitResult:
    """The parts of an address as it is written; none of them where it is impossible (`http://[::1/x`): what is asked of it is then not so."""
    try:
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", "", "", "")


@lru_cache(maxsize=8192)
def canonical(url: str) -> str:
    """What two addresses of one page share: scheme, default port, `index.html`, session ids and cache breakers don't count."""
    known = _addresses()
    parts = parts_of(url)
    path = _INDEX.sub("/", known.page_session.sub("", parts.path) or "/")
    query = _without_breakers(parts.query, known.page_breakers)
    place = _host_and_port(parts)
    post = _POST.search(path)
    if post:  # one platform's two addresses of one report share nothing but this number
        return f"{place}/post_{post.group(1)}"
    return place + path + (f"?{query}" if query else "")


def same_file(url: str) -> str:
    """What two addresses of one file share: neither session ids nor cache breakers nor the fragment count."""
    known = _addresses()
    parts = parts_of(url)
    query = _without_breakers(parts.query, known.file_breakers)
    return parts._replace(path=known.file_session.sub("", parts.path), query=query, fragment="").geturl()


def file_name(url: str) -> str:
    """A file's name from its address: a `filename` parameter, else the last part of the path with its query."""
    known = _addresses()
    parts = parts_of(url)
    for key, value in parse_qsl(parts.query):
        if key.lower() in ("filename", "file", "name") and "." in value:
            return PurePosixPath(value).name
    name = unquote(PurePosixPath(known.file_session.sub("", parts.path)).name) or parts.netloc
    query = _without_breakers(parts.query, known.file_breakers)
    return f"{name}?{query}" if query else name


def same_host(url: str, other: str) -> bool:
    """Whether two addresses have the same host and port, http and https on their usual ports counting as one."""
    return _host_and_port(parts_of(url)) == _host_and_port(parts_of(other))


def same_site(url: str, other: str) -> bool:
    """Whether an address is on another's host, or on a service host of the same site (`api.x.gov.cn` beside `www.x.gov.cn`)."""
    if same_host(url, other):
        return True
    host, own = parts_of(url).hostname or "", parts_of(other).hostname or ""
    base = own.partition(".")[2]
    return base.count(".") >= 2 and not is_whole(base.replace(".", "")) and host.endswith(f".{base}")


def is_counter(url: str) -> bool:
    """Whether an address counts visits or serves their number: asking for it would falsify the portal's statistics."""
    parts = parts_of(url)
    return _addresses().counter.search(f"{parts.netloc}{parts.path}") is not None


def is_file(url: str) -> bool:
    """Whether an address names a file that may be a report or its annex: by its path, or by a file name in its query."""
    parts = parts_of(url)
    if has_extension(unquote(parts.path), report_extensions()) or is_download(url):
        return True
    return any(has_extension(value, report_extensions()) for _, value in parse_qsl(parts.query))


def is_download(url: str) -> bool:
    """Whether an address has the shape of those that hand out files, without naming the file's kind."""
    known = _addresses()
    return known.download.search(known.file_session.sub("", parts_of(url).path)) is not None


def names_file(text: str) -> bool:
    """Whether a path or a file's name ends as files of any kind do, documents and images."""
    return has_extension(text, _addresses().extensions)


def names_document(text: str) -> bool:
    """Whether a path or a file's name ends as documents do; images are none."""
    return _kind_of_file(text) == "document"


def mentions_document(text: str) -> bool:
    """Whether a document's name ends in a text, or before the query of an address in it: `viewer.html?file=/a.pdf&page=1`."""
    return _addresses().document.search(text) is not None


def names_image(text: str) -> bool:
    """Whether a path or a file's name ends as images do."""
    return _kind_of_file(text) == "image"


def report_extensions() -> tuple[str, ...]:
    """Extensions of the files in which reports and their annexes are published, without the dot."""
    return _addresses().of_reports


def has_extension(text: str, extensions: Iterable[str]) -> bool:
    """Whether a path or a file's name ends in one of these extensions; session ids behind it don't count."""
    return _extension(text) in extensions


def _kind_of_file(text: str) -> str | None:
    return _addresses().extensions.get(_extension(text))


def _extension(text: str) -> str:
    return _addresses().file_session.sub("", text.strip()).rpartition(".")[2].lower() if "." in text else ""


def is_article(url: str) -> bool:
    """Whether an address has the shape of an article of any known system."""
    known = _addresses()
    parts = parts_of(url)
    return any(pattern.search(parts.path) for pattern in known.articles) or bool(
        known.article_query.search(parts.query)
    )


def is_column(url: str) -> bool:
    """Whether an address has the shape of a column (a folder, an index page) and not that of an article.

    A folder of five to nine digits may be either: some portals give each article one.
    """
    path = parts_of(url).path
    return any(pattern.search(path) for pattern in _addresses().columns) and not is_article(url)


def is_numeric_directory(url: str) -> bool:
    """Whether the address is a folder named by five to nine digits: an article on some portals, a column on others."""
    return _addresses().numeric_directory.search(parts_of(url).path) is not None


def slug_rank(url: str) -> int | None:
    """How surely the folders of an address name the reports: 0 for long names (`zfxxgknb`), 1 for short (`nb`), `None` if none do."""
    known = _addresses()
    ranks = []
    for part in parts_of(url).path.lower().split("/"):
        slug = part.partition(".")[0]
        if known.slug_false.search(slug):
            return None
        if known.slug_long.fullmatch(slug):
            ranks.append(0)
        elif known.slug_short.fullmatch(slug):
            ranks.append(1)
    return min(ranks, default=None)


def _host_and_port(parts: SplitResult) -> str:
    host = (parts.hostname or "").lower()
    try:
        port = parts.port
    except ValueError:  # http://a:99999/ leads nowhere
        return parts.netloc.lower()
    return host if port in (None, 80, 443) else f"{host}:{port}"


def _without_breakers(query: str, breakers: Mapping[str, re.Pattern[str]]) -> str:
    return "&".join(part for part in query.split("&") if part and not _is_breaker(part, breakers))


def _is_breaker(part: str, breakers: Mapping[str, re.Pattern[str]]) -> bool:
    name, _, value = part.partition("=")
    values = breakers.get(name.lower())
    return values is not None and values.fullmatch(value) is not None


@cache
def _addresses() -> _Addresses:
    return parse_addresses(read_toml("addresses.toml"))


def parse_addresses(data: TomlTable) -> _Addresses:
    """The rules of a file in the shape of `addresses.toml`.

    Raises:
        LexiconError: A key is unknown, missing or mistyped.
    """
    session, counter, download, query, numeric, slug = (
        data.record(key) for key in ("session", "counter", "download", "query", "numeric_directory", "slug")
    )
    breakers = [_breaker(record) for record in data.records("breaker")]
    files = [_files(record) for record in data.records("file")]
    shapes = [_shape(record) for record in data.records("shape")]
    kinds = {extension: kind for extensions, kind, _ in files for extension in extensions}
    documents = "|".join(extension for extension, kind in kinds.items() if kind == "document")
    counters = "|".join((*counter.words("path"), *counter.words("host")))
    known = _Addresses(
        page_session=session.pattern("page", re.IGNORECASE),
        file_session=session.pattern("file", re.IGNORECASE),
        page_breakers=_by_name((names, page) for names, page, _ in breakers),
        file_breakers=_by_name((names, file) for names, _, file in breakers),
        counter=counter.compiled("path", counters, re.IGNORECASE),
        download=download.pattern("path", re.IGNORECASE),
        extensions=kinds,
        of_reports=tuple(chain.from_iterable(extensions for extensions, _, is_report in files if is_report)),
        document=re.compile(rf"\.(?:{documents})(?:\Z|[?#&])", re.IGNORECASE),
        articles=tuple(chain.from_iterable(articles for articles, _ in shapes)),
        article_query=re.compile(rf"(?:\A|&)(?:{'|'.join(query.words('article'))})=", re.IGNORECASE),
        columns=tuple(chain.from_iterable(columns for _, columns in shapes)),
        numeric_directory=numeric.pattern("path", re.IGNORECASE),
        slug_long=slug.compiled("long", rf"(?:{slug.text('long')})(?:[_\d]\w*)?"),
        slug_short=slug.compiled("short", rf"(?:{slug.text('short')})(?:[_\d]\w*)?"),
        slug_false=slug.pattern("false"),
    )
    for record in (session, counter, download, query, numeric, slug, data):
        record.done()
    return known


def _by_name(breakers: Iterable[tuple[tuple[str, ...], _Values]]) -> dict[str, re.Pattern[str]]:
    """The values of each cache breaker by its name."""
    return {name: _VALUES[values] for names, values in breakers for name in names}


def _breaker(record: TomlTable) -> tuple[tuple[str, ...], _Values, _Values]:
    names, page, file = record.words("names"), record.text("page"), record.text("file")
    for key, value in (("page", page), ("file", file)):
        if value not in _VALUES:
            raise record.error(key, f"{value!r} is none of {', '.join(_VALUES)}")
    record.done()
    return names, page, file  # type: ignore[return-value]  # both were compared with the keys of _VALUES


def _files(record: TomlTable) -> tuple[tuple[str, ...], str, bool]:
    kind = record.text("kind")
    if kind not in ("document", "image"):
        raise record.error("kind", f"{kind!r} is neither document nor image")
    found = record.words("extensions"), kind, record.flag("report")
    record.done()
    return found


def _shape(record: TomlTable) -> tuple[tuple[re.Pattern[str], ...], tuple[re.Pattern[str], ...]]:
    record.text("family")
    articles = [record.compiled("article", text, re.IGNORECASE) for text in record.words("article", ())]
    columns = [record.compiled("column", text, re.IGNORECASE) for text in record.words("column", ())]
    record.done()
    return tuple(articles), tuple(columns)
