"""What hangs on a report's page: files, pictures that hold the text, and the call that fetches the body of a shell.

field guide §§1.4, 2.5, 3.3, 4.3, 5, 6, 7, 8 and 11.4. Files are found by any of their marks, because each system has its own; whether
a file is the report is for its content to say.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from crawler.families.registry import registry
from crawler.lists.anchors import effective_url
from crawler.pages import leads, markup
from crawler.pages.exchange import NextRequest
from crawler.pages.markup import Element, text_of
from extract.document.notations import parse_json
from extract.lexicon.addresses import canonical, is_column, is_counter, is_file, join, names_image, report_extensions
from extract.lexicon.continued import continuations
from extract.lexicon.page_parts import article_classes, article_ids, is_chrome
from extract.lexicon.report_marks import has_report_marks
from extract.model import Link

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_EXTENSION = rf"\.(?:{'|'.join(report_extensions())})(?=\Z|[?&\s)）】\]])"
_NAMES_FILE = re.compile(_EXTENSION, re.IGNORECASE)
#: How deep values lie within values before they are left; systems nest a JSON string in an object once or twice (field guide §8).
_DEEPEST = 8
_ATTACHMENT_HINTS = ("appendix", "data-appendix", "needdownload", "attachment-id", "download")
_UNPREVIEWABLE = re.compile(
    r"(?:icon|logo|ewm|qrcode|weixin|wechat|dangzheng|gongan|beian|btn|arrow|bg|banner|jiucuo|blue\.png|red\.png)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ArticleLinks:
    """What a report's page leads to.

    Attributes:
        attachments: Files, each address once, in the page's order.
        images: Pictures inside the body: the pages of a scan, or an infographic.
        detail: The call that fetches the body, where the page is an empty shell.
        shell: Name of the shell's system, empty for an ordinary page.
        problem: Why a shell's body can't be asked for.
        onward: Pages that this one leads on to because it holds no report itself: for which it is left, that stand in its frames, or that the few
            links of its body lead to.
        further: Addresses at which the article goes on, by its own pager.
    """

    attachments: tuple[Link, ...] = ()
    images: tuple[Link, ...] = ()
    detail: NextRequest | None = None
    shell: str = ""
    problem: str = ""
    onward: tuple[str, ...] = ()
    further: tuple[str, ...] = ()


#: A body with more links than these is a list.
_MOST_LINKS = 3
_LEADS_ON = re.compile(r"年报|年度报告|附件|下载|全文|正文|点击|预览")

#: A text of fewer characters in a JSON answer is a message or a name, not an article.
_LEAST_TEXT = 80


def is_shell_address(url: str) -> bool:
    """Whether an address is that of an article whose text comes by a call (field guide §8): Epoint's and Fengxian's, and others' by their families."""
    return registry().is_shell_address(url)


def answers_nothing(body: bytes) -> bool:
    """Whether a detail call's JSON answer holds neither text nor file: how shells say that an article is not there."""
    text = markup.decode(body).strip()
    try:
        value = parse_json(text)
    except ValueError:
        return False
    return not any(len(found) >= _LEAST_TEXT for found in _strings(value, 0)) and not _of_json(text, "").attachments


def _strings(value: object, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif depth < 8 and isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _strings(item, depth + 1)


def read_article(body: bytes, url: str, headers: tuple[tuple[str, str], ...] = ()) -> ArticleLinks:
    """Find the files, pictures and the detail call of a report's page, or the files in a detail call's JSON answer.

    Args:
        body: The page, or a JSON answer.
        url: Its address.
        headers: The answer's headers, for the charset.
    """
    text = markup.decode(body, headers)
    url = markup.base_address(url, body, headers)
    if text.lstrip()[:1] in ("{", "["):
        return _of_json(text, url)
    root = markup.parse(text)
    if root is None:
        return ArticleLinks()
    base = markup.base_of(root, url)
    scope = _container(root)
    files = _unique(link for link in _files(root, scope, base, text) if canonical(link.url) != canonical(url))
    images = _unique(_pictures(scope, base)) if scope is not None else ()
    attached = {canonical(link.url) for link in files}
    images = tuple(image for image in images if canonical(image.url) not in attached)
    shell, detail, problem = _detail(text, url, root)
    onward = (
        () if has_report_marks(text) else _onward(root, scope, url, headers, has_more=bool(files or images or detail))
    )
    onward = tuple(page for page in onward if page not in attached)
    return ArticleLinks(files, images, detail, shell, problem, onward, _further(root, base, url))


def _further(root: Element, base: str, url: str) -> tuple[str, ...]:
    links = ((join(base, anchor.get("href") or ""), text_of(anchor)) for anchor in root.iter("a"))
    return tuple(continuations(((target, text) for target, text in links if target is not None), url))


def _onward(
    root: Element, scope: Element | None, url: str, headers: tuple[tuple[str, str], ...], *, has_more: bool
) -> tuple[str, ...]:
    """Pages on which the report may stand that this page does not hold."""
    base, is_foreign = markup.base_of(root, url), _foreign_to(scope)
    found = [*leads.jumps_of(root, url, headers), *leads.frames_of(root, base, is_foreign)]
    if not found and not has_more:
        found = _links_of_body(root, scope, base, is_foreign)
    return tuple(page for page in dict.fromkeys(found) if canonical(page) != canonical(url))


def _links_of_body(root: Element, scope: Element | None, base: str, is_foreign: Callable[[Element], bool]) -> list[str]:
    """The few links that are all that a body holds; without a known body, those called so."""
    found = []
    for anchor in (scope if scope is not None else root).iter("a", "area"):
        url = effective_url(anchor, base)
        if url is None or is_foreign(anchor) or is_counter(url) or is_column(url):
            continue
        if scope is not None or _LEADS_ON.search(text_of(anchor) or anchor.get("title") or ""):
            found.append(url)
    return found if len(found) <= _MOST_LINKS else []


def _container(root: Element) -> Element | None:
    """The element that holds the article's body, `None` if it has no known name."""
    named = [element for element in root.iter() if element.get("id") or element.get("class")]
    for identifier in article_ids():
        for element in named:
            if (element.get("id") or "").lower().startswith(identifier):
                return element
    classes = [(set((element.get("class") or "").lower().split()), element) for element in named]
    for name in (*(name.lower() for name in registry().containers()), *article_classes()):
        for own, element in classes:
            if name in own:
                return element
    return None


def _unique(links: Iterator[Link]) -> tuple[Link, ...]:
    found: dict[str, Link] = {}
    for link in links:
        key = canonical(link.url)
        if not is_counter(link.url) and (key not in found or (link.text and not found[key].text)):
            found[key] = link
    return tuple(found.values())


def _files(root: Element, scope: Element | None, base: str, text: str) -> Iterator[Link]:
    is_foreign = _foreign_to(scope)
    yield from leads.files_of(root, base, is_foreign, lambda element: _file_of_anchor(element, base, scope))
    for name in ("Image", "Description"):
        value = markup.meta_of(text, name)
        if (
            value
            and (is_file(urljoin(base, value)) if "/" in value else False)
            and not names_image(urlsplit(value).path)
        ):
            target = join(base, value)
            if target is not None:
                yield Link(target, "", is_attachment=True)
    yield from _files_in_config(text, base)


def _foreign_to(scope: Element | None) -> Callable[[Element], bool]:
    """Whether an element belongs to the site around an article. Asked of many: what is known of ancestors is kept."""
    known: dict[Element, bool] = {} if scope is None else {scope: False}

    def is_foreign(element: Element) -> bool:
        path = []
        found = False
        for one in (element, *element.iterancestors()):
            if one in known:
                found = known[one]
                break
            path.append(one)
        for one in reversed(path):
            found = found or _is_chrome(one)
            known[one] = found
        return found

    return is_foreign


def _file_of_anchor(element: Element, base: str, scope: Element | None) -> Link | None:
    url = effective_url(element, base)
    if url is None:
        return None
    viewed = leads.viewed_file(url, (element.get("href") or "").partition("#")[2])
    shown = text_of(element)
    label = _label_of(element) or shown
    if viewed is not None:
        return Link(viewed, shown or label, is_attachment=True)
    is_hinted = _is_hinted(element)
    if not (is_file(url) or is_hinted or _names_file(element, shown, url)):
        return None
    is_inside = scope is not None and any(ancestor is scope for ancestor in element.iterancestors())
    is_picture_beside = names_image(urlsplit(url).path) and not is_hinted
    if not is_inside and (is_picture_beside or _in_chrome(element)):
        return None
    return Link(url, shown if _NAMES_FILE.search(shown) else label or shown, is_attachment=True)


def _names_file(element: Element, shown: str, url: str) -> bool:
    """Whether a link whose address says nothing is that of a file by its words."""
    names = (element.get("title") or "", element.get("download") or "", shown)
    return any(map(_NAMES_FILE.search, names)) and not registry().is_article(url)


def _label_of(element: Element) -> str:
    """The name that an anchor's attributes give to what it leads to."""
    return markup.collapse(element.get("download") or "") or markup.collapse(
        element.get("title") or element.get("alt") or ""
    )


def _is_hinted(element: Element) -> bool:
    """Whether the publishing system marked an anchor as that of an attachment."""
    is_marked = any(element.get(name) is not None for name in _ATTACHMENT_HINTS)
    return is_marked or "nfw-cms-attachment" in (element.get("class") or "")


def _in_chrome(element: Element) -> bool:
    return any(_is_chrome(ancestor) for ancestor in element.iterancestors())


def _is_chrome(element: Element) -> bool:
    """Whether an element is a part of the page around an article."""
    if element.tag == "nav" or (element.tag in ("header", "footer") and not _is_of_article(element)):
        return True
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    return element.tag not in ("body", "html") and is_chrome(names, "article")


def _is_of_article(element: Element) -> bool:
    """Whether a header or footer is that of the article, where templates hang its files, and not the page's."""
    return any(ancestor.tag in ("article", "main") for ancestor in element.iterancestors())


def _files_in_config(text: str, base: str) -> Iterator[Link]:
    """Files of an article whose body stands only as an escaped string in the page's script (`_CONFIG.DETAIL`)."""
    found = re.search(r"\bDETAIL['\"]?\s*:\s*(?=\{)", text)
    if found is None:
        return
    try:
        detail, _ = json.JSONDecoder().raw_decode(text, found.end())
    except ValueError:
        return
    if isinstance(detail, dict):
        yield from _files_of_object(detail, base, 0)


def _files_of_object(value: object, base: str, depth: int) -> Iterator[Link]:
    """Files named anywhere in a JSON value: by address, or in HTML inside its strings."""
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        named = _file_named_by(value, base)
        if named is not None:
            yield named
        for item in value.values():
            yield from _files_of_object(item, base, depth + 1)
    elif isinstance(value, list):
        for item in value:
            yield from _files_of_object(item, base, depth + 1)
    elif isinstance(value, str):
        yield from _files_in_string(value, base, depth)


def _file_named_by(value: dict[str, Any], base: str) -> Link | None:
    """The file whose address and name a JSON object gives itself."""
    address = _first_text(value, ("attachurl", "url", "fileUrl", "downloadUrl", "path"))
    label = _first_text(value, ("attachname", "name", "fileName", "title"))
    url = join(base, address) if address else None
    if url is not None and (is_file(url) or (_NAMES_FILE.search(label) and not registry().is_article(url))):
        return Link(url, label, is_attachment=True)
    return None


def _first_text(value: dict[str, Any], names: Iterable[str]) -> str:
    return next((value[name] for name in names if isinstance(value.get(name), str)), "")


def _files_in_string(value: str, base: str, depth: int) -> Iterator[Link]:
    """Files named in a string that holds JSON or HTML of its own."""
    if value.lstrip()[:2] in ("[{", "[]") and depth < _DEEPEST:
        try:
            yield from _files_of_object(parse_json(value), base, depth + 1)
        except ValueError:
            return
    elif "<" in value:
        root = markup.parse(value)
        if root is not None:
            yield from _files(root, root, base, "")


def _pictures(scope: Element, base: str) -> Iterator[Link]:
    for image in scope.iter("img"):
        source = image.get("data-original") or image.get("data-src") or image.get("src") or ""
        url = join(base, source)
        if url is not None and names_image(urlsplit(url).path) and not _UNPREVIEWABLE.search(url):
            yield Link(url, markup.collapse(image.get("alt") or image.get("title") or ""), is_attachment=False)


def _of_json(text: str, url: str) -> ArticleLinks:
    try:
        value = parse_json(text)
    except ValueError:
        return ArticleLinks()
    return ArticleLinks(attachments=_unique(_files_of_object(value, url, 0)))


def _detail(text: str, url: str, root: Element) -> tuple[str, NextRequest | None, str]:
    """The call that fetches the body of a shell: (system, call, problem)."""
    for family in registry().families.values():
        found = family.article.detail(text, url) if family.article.detail is not None else None
        if found is not None:
            return family.name, found.request, found.problem
    is_app = re.search(r"chunk-vendors|id=[\"']app[\"']|Please enable", text) is not None
    if is_app and len(text_of(root)) < 200:
        return "app", None, "the page is built by its script, and the call for its text is not known"
    return "", None, ""
