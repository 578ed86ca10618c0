"""Where a page leads on to: another page at once, a page in a frame, a file. In one place, for lists, reports and files alike.

The question is the browser's: which addresses would be asked for as the page loads, and which documents could be opened from it. Any attribute
and any text of a script may hold one; no script is run. Whether a lead is the report is for its content to say.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

from crawler.pages import markup
from crawler.pages.coded import text_of_base64
from crawler.pages.markup import text_of
from crawler.pages.script import read_scripts
from crawler.pages.script_values import HOLE_BEGIN
from extract.lexicon.addresses import is_counter, is_file, join, names_image, report_extensions
from extract.model import Link

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crawler.pages.markup import Element

#: The address of a refresh: `0;url=…`, `0, …`, `3 '…'` (HTML standard, shared declarative refresh steps).
_REFRESH = re.compile(r"\s*[\d.]*\s*[;,\s]\s*(?:url\s*=\s*)?['\"]?([^'\"]*)", re.IGNORECASE)
_QUOTED = re.compile(r"""(['"])([^'"<>\n]{2,500})\1""")
_PLAIN = re.compile(r"[^'\"<>(){}\n]{2,500}")
#: Attributes that name or dress an element and never hold an address.
_NO_ADDRESS = frozenset({"class", "id", "style", "alt", "title", "name", "type", "content", "rel", "download", "lang"})
_FRAMES = ("frame", "iframe", "embed", "object", "fencedframe", "portal")
_SOURCES = ("src", "data", "data-src", "data-original", "data-url")
_VIEWER = re.compile(r"view|pdf|read|show|online|\.s?html?\Z", re.IGNORECASE)
_VIEWED_KEY = re.compile(r"file|url|src|path|pdf|doc|target|link", re.IGNORECASE)
_MARKUP_DEPTH = 2
_MOST_FRAMES = 6


def jumps_of(root: Element, url: str, headers: tuple[tuple[str, str], ...] = ()) -> Iterator[str]:
    """Addresses for which a page is left as it loads: by a `Refresh` header, a refresh in `<meta>`, a script.

    Args:
        url: The page's address.
        headers: The answer's headers.
    """
    base = markup.base_of(root, url)
    targets = [_refreshed(value) for name, value in headers if name.lower() == "refresh"]
    for element in root.iter("meta"):
        is_refresh = (element.get("http-equiv") or "").strip().lower() == "refresh"
        if is_refresh and not any(ancestor.tag == "noscript" for ancestor in element.iterancestors()):
            targets.append(_refreshed(element.get("content") or ""))
    targets += _left_by_script(root)
    for target in targets:
        found = join(base, target) if target else None
        if found is not None and found != url.partition("#")[0] and not is_counter(found):
            yield found


def leads_on(text: str, url: str, headers: tuple[tuple[str, str], ...] = ()) -> bool:
    """Whether a page shows another one in its place: it is left as it loads, or holds frames."""
    root = markup.parse(text)
    if root is None:
        return False
    base = markup.base_of(root, url)
    return any(True for _ in jumps_of(root, url, headers)) or any(
        True for _ in frames_of(root, base, lambda element: False)
    )


def _refreshed(value: str) -> str:
    found = _REFRESH.match(value)
    return found.group(1).strip() if found else ""


def _left_by_script(root: Element) -> Iterator[str]:
    sources = [element.text or "" for element in root.iter("script")]
    sources += [element.get("onload") or "" for element in root.iter("body", "frameset")]
    for script in read_scripts(source for source in sources if "location" in source or ".open(" in source):
        for call in script.calls:
            if call.kind in ("location", "open") and call.is_loading and HOLE_BEGIN not in call.url:
                yield call.url
        delayed = [text for text in script.texts if "location" in text and HOLE_BEGIN not in text]
        for inner in read_scripts(delayed):  # setTimeout("location.href='…'", 3000)
            for call in inner.calls:
                if call.kind == "location" and HOLE_BEGIN not in call.url:
                    yield call.url


def frames_of(root: Element, base: str, is_foreign: Callable[[Element], bool]) -> Iterator[str]:
    """Pages that stand inside a page, those that are files left out.

    Args:
        is_foreign: Whether an element belongs to the site around the page's own content.
    """
    found = 0
    for element in root.iter(*_FRAMES):
        if is_foreign(element):
            continue
        for value in filter(None, (element.get(name) for name in _SOURCES)):
            url = join(base, value)
            if url is None or file_at(value, base) is not None or is_counter(url) or names_image(urlsplit(url).path):
                continue
            found += 1
            if found > _MOST_FRAMES:
                return
            yield url


def files_of(
    root: Element,
    base: str,
    is_foreign: Callable[[Element], bool],
    of_link: Callable[[Element], Link | None],
    depth: int = 0,
) -> Iterator[Link]:
    """Files that a page names, in its order; those that only scripts name at the end.

    Args:
        is_foreign: Whether an element belongs to the site around the page's own content.
        of_link: The file of a plain link.
    """
    for element in root.iter():
        linked = of_link(element) if element.tag in ("a", "area") else None
        if linked is not None:
            yield linked
        if (
            not isinstance(element.tag, str)
            or element.tag in ("script", "style", "link", "base")
            or is_foreign(element)
        ):
            continue
        for name, value in element.attrib.items():
            if name in _NO_ADDRESS or (name == "href" and not value.lower().lstrip().startswith("javascript:")):
                continue
            for url in _files_in(value, base):
                yield Link(url, _label_of(element), is_attachment=True)
            if name == "srcdoc" and depth < _MARKUP_DEPTH:
                yield from _files_in_markup(value, base, depth)
    yield from _files_in_scripts(root, base, depth)


def _files_in(value: str, base: str) -> Iterator[str]:
    """Files named by the value of an attribute: as a whole, or in quotes inside it."""
    if "." not in value and "=" not in value:
        return
    cleaned = value.replace("\\/", "/").strip()
    candidates = [cleaned] if _PLAIN.fullmatch(cleaned) else [found.group(2) for found in _QUOTED.finditer(cleaned)]
    for candidate in candidates:
        url = file_at(candidate, base)
        if url is not None:
            yield url


def _label_of(element: Element) -> str:
    shown = "" if element.tag in _FRAMES else text_of(element)[:200]
    return shown or markup.collapse(element.get("title") or element.get("alt") or "")


def _files_in_scripts(root: Element, base: str, depth: int) -> Iterator[Link]:
    """Files in the texts of scripts, put together where they are; markup that a script writes is read as markup."""
    endings = tuple(f".{extension}" for extension in report_extensions())
    sources = [element.text or "" for element in root.iter("script")]
    sources = [source for source in sources if any(ending in source.lower() for ending in endings)]
    for script in read_scripts(sources):
        for text in dict.fromkeys(script.texts):
            if HOLE_BEGIN in text:
                continue
            if "<" in text and depth < _MARKUP_DEPTH:
                yield from _files_in_markup(text, base, depth)
            elif _PLAIN.fullmatch(text):
                url = file_at(text, base)
                if url is not None:
                    yield Link(url, "", is_attachment=True)


def _files_in_markup(text: str, base: str, depth: int) -> Iterator[Link]:
    root = markup.parse(text)
    if root is None:
        return

    def of_link(element: Element) -> Link | None:
        url = file_at(element.get("href") or "", base)
        return Link(url, _label_of(element), is_attachment=True) if url is not None else None

    yield from files_of(root, base, lambda element: False, of_link, depth + 1)


def file_at(address: str, base: str) -> str | None:
    """The file that an address is of, or that it names for a viewer; pictures are none."""
    if " " in address.strip() and not re.match(r"\s*(?:https?:|/|\.)", address):
        return None  # words that end like a file's name
    url = join(base, address)
    if url is None:
        return None
    viewed = viewed_file(url, address.partition("#")[2])
    if viewed is not None:
        return viewed
    path = urlsplit(url).path
    return url if is_file(url) and not names_image(path) and _is_file_name(path, url) else None


def _is_file_name(path: str, url: str) -> bool:
    """Not just an ending: `.pdf` alone, as scripts compare with it, is no file."""
    name = unquote(path).rpartition("/")[2]
    return bool(name.rpartition(".")[0]) or "?" in url or "." not in name


def viewed_file(url: str, fragment: str = "") -> str | None:
    """The file that a viewer's page shows: any parameter of its query or fragment names it, plainly or in base64 (kkFileView).

    A script of the server that hands out the file itself (`download.jsp?file=/a.pdf`) is no viewer: its address is the file's.
    """
    parts = urlsplit(url)
    if not _VIEWER.search(parts.path):
        return None
    for key, value in parse_qsl(parts.query) + parse_qsl(fragment):
        for said in (value, unquote(value), _from_base64(value)):
            is_address = "/" in said or _VIEWED_KEY.search(key) is not None
            target = join(url, said) if is_address and _names_document(said) else None
            if target is not None:
                return target
    return None


def _names_document(value: str) -> bool:
    """Whether a text is the address of a file that is no picture."""
    path = value.partition("#")[0].partition("?")[0]
    return is_file(f"http://x/{path.lstrip('/')}") and not names_image(path)


def _from_base64(value: str) -> str:
    if len(value) < 8 or len(value) % 4:
        return ""
    return text_of_base64(value.replace(" ", "+")) or ""
