"""Marks of further pages: whatever on a list's page says, or may say, that the list goes on.

A mark is a claim that must be followed or disproved before a list counts as read to its end. So everything that acts and is not understood
as something else is a mark, and each keeps its quote.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from lxml import etree

from crawler.lists.anchors import effective_url
from crawler.lists.explicit import is_explicit
from crawler.lists.vocabulary import key_of, label_of, names_something_else, vocabulary
from crawler.pages.markup import collapse, text_of
from extract.lexicon.addresses import canonical, join, same_host
from extract.lexicon.page_parts import NO_TEXT, SITE_TAGS
from extract.lexicon.titles import label_rank

if TYPE_CHECKING:
    from collections.abc import Set

    from crawler.pages.markup import Element

#: A pager is short: longer elements are the page around it, whatever they are called.
_PAGER_TEXT = 240
_LABEL = 16
_QUOTE = 90
_LEAF = 6
_MAX_PAGE = 999
_ACTS = frozenset({"a", "button", "input", "area", "el-button", "el-pagination"})
#: Attributes of what can be pressed, besides handlers.
_HANDLED = frozenset({"data-page", "data-href", "data-url", "data-toggle", "data-target", "aria-controls", "tabindex"})
#: Values of these attributes that only show words beside the pointer.
_HINTS = frozenset({"tooltip", "popover"})
_INERT_HREF = re.compile(r"\A(?:#.*|javascript:.*|void\(.*|)\Z", re.IGNORECASE | re.DOTALL)
_NUMBER = re.compile(r"(?:第?-?)([1-9]\d{0,2})(?:-?页?)")
_SKIPPED = frozenset({*NO_TEXT, "head", "title", "meta", "link", "html", "body"})


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark of a further page.

    Attributes:
        kind: `next`, `number`, `last`, `more`, `total`, `pages`, `form`, `plugin` or `service`.
        quote: What stands in the page, for people.
        number: The page, or how many rows or pages are counted.
        leads_here: It leads to the very page it stands on: how many systems write the end.
        is_off_site: It leads to another host, where nobody follows.
    """

    kind: str
    quote: str
    number: int | None = None
    leads_here: bool = False
    is_off_site: bool = False


@dataclass(frozen=True, slots=True)
class Control:
    """A mark that is an element of the page: what may be pressed."""

    mark: Mark
    element: Element


@dataclass(frozen=True, slots=True)
class Scene:
    """What the search for marks must know of a page.

    Attributes:
        root: Its tree; `roots` has trees of hidden pagers besides.
        url: Its address; links refer to `base`.
        number: Which page of the list it is, counted from 1.
        rows: The elements of the list's rows: nothing in them is a mark.
        has_scripts: Whether anything on the page could give a plain element a meaning.
    """

    root: Element
    url: str
    base: str
    number: int
    rows: Set[Element]
    has_scripts: bool


def quote_of(element: Element) -> str:
    """The element's markup, shortened."""
    markup = collapse(etree.tostring(element, encoding="unicode", with_tail=False))
    return markup if len(markup) <= _QUOTE else markup[: _QUOTE - 1] + "…"


def names_of(element: Element) -> str:
    """Class and id."""
    return f"{element.get('class') or ''} {element.get('id') or ''}"


def find_controls(scene: Scene) -> Iterator[Control]:
    """Elements that lead to further pages, in the order of the page."""
    for link in scene.root.iter("link"):
        if is_next_by_rel(link) and link.get("href"):
            yield Control(Pressable(link, scene, is_below=False).mark("next"), link)
    is_below = False  # pagers without names stand below the list's first row
    for element in scene.root.iter():
        if element in scene.rows:
            is_below = True
        elif _may_be_control(element, scene.rows):
            mark = _mark_of(Pressable(element, scene, is_below=is_below))
            if mark is not None:
                yield Control(mark, element)


def _may_be_control(element: Element, rows: Set[Element]) -> bool:
    if not isinstance(element.tag, str) or element.tag in _SKIPPED or not is_leaf(element):
        return False
    return not is_within_row(element, rows) and not is_off(element)


def _mark_of(seen: Pressable) -> Mark | None:
    words = vocabulary()
    if words.is_label("neighbour", seen.label) or words.speaks_of("end", seen.label) or seen.is_elsewhere_by_name:
        return None
    return next((mark for mark in (kind(seen) for kind in _KINDS) if mark is not None), None)


def is_leaf(element: Element) -> bool:
    """Whether an element is small enough to be one thing to press, and holds no other."""
    inside = list(islice(element.iter(), _LEAF + 1))
    if len(inside) > _LEAF:
        return False
    return element.tag in ("a", "button", "el-pagination") or not any(
        child.tag in ("a", "button", "input", "select", "li") for child in inside[1:]
    )


def is_within_row(element: Element, rows: Set[Element]) -> bool:
    """Whether an element stands inside of a row."""
    return any(ancestor in rows for ancestor in islice(element.iterancestors(), 6))


def is_off(element: Element) -> bool:
    """Whether a thing to press is switched off: how many systems write the end."""
    if element.tag == "input" and (element.get("type") or "text").lower() not in ("button", "submit", "image"):
        return True
    parent = element.getparent()
    for one in (element, parent) if parent is not None else (element,):
        is_named = vocabulary().has_name("off", one.get("class") or "")
        if is_named or one.get("disabled") is not None or (one.get("aria-disabled") or "").lower() == "true":
            return True
    return _is_hidden(element)


def _is_hidden(element: Element) -> bool:
    style = (element.get("style") or "").replace(" ", "").lower()
    return "display:none" in style or element.get("hidden") is not None


class Pressable:
    """An element, and what is asked about it."""

    def __init__(self, element: Element, scene: Scene, *, is_below: bool) -> None:
        self.element = element
        self.scene = scene
        self.is_below = is_below
        self.names = names_of(element)
        self.text = _text_of_control(element)
        self.label = label_of(self.text) if len(self.text) <= 3 * _LABEL else ""
        self.around = [element, *islice(element.iterancestors(), 3)]
        self.href = (element.get("href") or "").strip()

    @property
    def is_elsewhere_by_name(self) -> bool:
        """Part of a slider, a calendar, a row of tabs; or the pager's word that there is nothing more."""
        words = vocabulary()
        is_part = any(words.has_name("no_pager", names_of(one)) for one in self.around)
        return words.has_name("nowhere", self.names) or (is_part and not is_explicit(self.element))

    @property
    def in_pager(self) -> bool:
        """Inside something short that is called a pager."""
        return any(
            one.tag not in ("body", "html") and vocabulary().has_name("pager", names_of(one)) and is_short(one)
            for one in self.around
        )

    @property
    def has_handler(self) -> bool:
        """Pressing it does something by a script."""
        return self.element.get("role") == "button" or any(
            name.startswith(("on", "@", "v-on", "ng-click", "wx:")) or (name in _HANDLED and value not in _HINTS)
            for name, value in self.element.attrib.items()
        )

    @property
    def acts(self) -> bool:
        """Whether pressing it may do anything: not if it is plain text on a page without scripts."""
        if self.has_handler or (self.element.tag == "a" and not _INERT_HREF.match(self.href)):
            return True
        if self.element.tag in ("input", "button"):  # there to be pressed; what presses mean may stand in any script
            return True
        if _INERT_HREF.match(self.href) and self.href.lower().startswith("javascript:") and "void" not in self.href:
            return True
        return self.scene.has_scripts and (self.element.tag in _ACTS or self.in_pager or self.is_named_control)

    @property
    def is_named_control(self) -> bool:
        """Called next or more by its class or id."""
        words = vocabulary()
        return words.has_name("next", self.names) or words.has_name("more", self.names)

    @property
    def target(self) -> str | None:
        """The address that it leads to."""
        link = self.element
        if link.tag != "a":
            link = next((one for one in self.around if one.tag == "a"), link)
        return effective_url(link, self.scene.base)

    def mark(self, kind: str, number: int | None = None) -> Mark:
        """The mark that this element is."""
        target = self.target
        return Mark(
            kind,
            quote_of(self.element),
            number,
            leads_here=target is not None and canonical(target) == canonical(self.scene.url),
            is_off_site=target is not None and not same_host(target, self.scene.url),
        )


def _text_of_control(element: Element) -> str:
    """The words on a thing to press; of a picture its alternative text."""
    text = text_of(element)
    if text:
        return text
    if element.tag in ("input", "button") and element.get("value"):
        return element.get("value") or ""
    image = next(iter(element.iter("img")), None)
    others = [element.get("title"), element.get("aria-label")]
    others += [image.get("alt"), image.get("title")] if image is not None else []
    others += [element.get("alt")] if element.tag in ("area", "input") else []
    return collapse(next((other for other in others if other), ""))


def is_short(element: Element) -> bool:
    """Whether an element has few words: a pager, not the page around it."""
    length = 0
    for text in element.itertext():
        length += len(text.strip())
        if length > _PAGER_TEXT:
            return False
    return True


_KNOWN_TO_DO = ("previous", "first", "neighbour", "harmless")


def does_something_else(label: str) -> bool:
    """Whether a label, in the form of `label_of`, says what pressing does, and that is nothing that brings rows."""
    words = vocabulary()
    return words.speaks_of("end", label) or any(words.is_label(kind, label) for kind in _KNOWN_TO_DO)


def is_elsewhere(element: Element) -> bool:
    """Whether an element is, by name, a part of something that belongs to no list: sharing, searching, breadcrumbs."""
    names = " ".join(names_of(one) for one in (element, *islice(element.iterancestors(), 3)))
    is_named = vocabulary().has_name("elsewhere", names) and not is_explicit(element)
    return is_named or _is_explained(element) or _is_in_search(element)


def _is_explained(element: Element) -> bool:
    """Whether the words that it stands behind or between say that it brings no rows: 分享到：, 字号：, 2041年3月."""
    parent = element.getparent()
    if parent is None:
        return False
    own = "".join([parent.text or "", *(child.tail or "" for child in islice(parent, _LEAF))])
    words = [own, *(text_of(one) for one in islice(element.itersiblings(preceding=True), _LEAF) if is_leaf(one))]
    labels = (label_of(text).strip(":：") for text in words if len(text) <= 2 * _LABEL)
    return any(vocabulary().is_label("harmless", label) for label in labels if len(label) > 2)


def _is_in_search(element: Element) -> bool:
    """Whether a form around it has a field for words, not for the number of a page."""
    form = next((one for one in islice(element.iterancestors(), 6) if one.tag == "form"), None)
    fields = (one for one in form.iter("input")) if form is not None else ()
    texts = [one for one in fields if (one.get("type") or "text").lower() in ("text", "search")]
    return any(key_of(one.get("name") or one.get("id") or "page") not in vocabulary().keys.page for one in texts)


def is_next_by_rel(element: Element) -> bool:
    """Whether a link says by `rel` that it leads to the next page."""
    return "next" in (element.get("rel") or "").lower().split()


# kinds of things to press, tried in this order


def _next(seen: Pressable) -> Mark | None:
    """下一页 in any wording; an arrow; a thing that is called next."""
    words = vocabulary()
    if is_next_by_rel(seen.element):
        return seen.mark("next")
    if words.is_label("next", seen.label):
        return seen.mark("next") if seen.acts else None
    if words.is_label("arrow", seen.label) and not _is_explained(seen.element):
        return seen.mark("next") if _is_arrow_control(seen) else None
    if _is_previous(seen) or len(seen.text) > _LABEL:
        return None
    if words.has_name("next", seen.names) and seen.acts and (seen.in_pager or seen.is_below):
        return seen.mark("next")
    return seen.mark("next") if not seen.label and seen.acts and _is_next_picture(seen) else None


def _is_arrow_control(seen: Pressable) -> bool:
    """Whether an arrow can be pressed, and stands where pagers do."""
    is_control = seen.element.tag in _ACTS or seen.has_handler or seen.in_pager
    return seen.acts and is_control and (seen.in_pager or seen.is_below)


def _is_previous(seen: Pressable) -> bool:
    words = vocabulary()
    return words.is_label("previous", seen.label) or words.is_label("first", seen.label)


def _is_next_picture(seen: Pressable) -> bool:
    """A picture or an icon without words: next.gif, icon-right, fa-angle-right."""
    words = vocabulary()
    parts = [seen.names]
    for inside in seen.element.iter():
        parts += [names_of(inside), (inside.get("src") or "").rpartition("/")[2]] if isinstance(inside.tag, str) else []
    look = " ".join(parts)
    if words.has_name("next_picture", look):
        return seen.in_pager or seen.is_below
    if not words.has_name("towards", look) or words.has_name("back", look):
        return False
    return seen.in_pager or (seen.is_below and _has_counterpart(seen.element))


def _has_counterpart(element: Element) -> bool:
    """Whether a picture that points right stands beside one that points left."""
    parent = element.getparent()
    if parent is None:
        return False
    around = parent if len(parent) > 1 else parent.getparent()
    if around is None:
        return False
    looks = " ".join(
        f"{names_of(inside)} {(inside.get('src') or '').rpartition('/')[2]}"
        for inside in islice(around.iter(), 40)
        if isinstance(inside.tag, str)
    )
    return vocabulary().has_name("back", looks)


def _last(seen: Pressable) -> Mark | None:
    if not vocabulary().is_label("last", seen.label) or not seen.acts:
        return None
    target = seen.target
    return seen.mark("last", page_number_of(target, seen.scene.url) if target is not None else None)


def _more(seen: Pressable) -> Mark | None:
    """加载更多: something that stays on the page. A link 更多 to another page is a menu's."""
    words = vocabulary()
    is_named = words.has_name("more", seen.names) and 0 < len(seen.text) <= _LABEL
    says_so = seen.is_below and words.is_label("load", seen.label)
    if not says_so and not _may_be_more(seen, is_named=is_named):
        return None
    stays = seen.element.tag != "a" or _INERT_HREF.match(seen.href) is not None
    target = seen.target
    if stays and target is None:
        return seen.mark("more") if says_so or words.is_label("more", seen.label) or seen.is_below else None
    return seen.mark("more") if target is not None and page_number_of(target, seen.scene.url) is not None else None


def _may_be_more(seen: Pressable, *, is_named: bool) -> bool:
    is_called_so = is_named or vocabulary().is_label("more", seen.label)
    return is_called_so and seen.acts and not is_of_another_block(seen)


def is_of_another_block(seen: Pressable) -> bool:
    """更多 in a menu, or under a heading of its own that doesn't name reports."""
    for around in islice(seen.element.iterancestors(), 4):
        if around.tag in ("body", "html") or any(inside in seen.scene.rows for inside in around.iter()):
            return False
        if around.tag in SITE_TAGS or vocabulary().has_name("elsewhere", names_of(around)):
            return not is_explicit(seen.element)
        heading = next(iter(around.iter("h1", "h2", "h3", "h4", "h5", "h6")), None)
        if heading is not None:
            title = label_of(text_of(heading)).replace(seen.label, "")
            return names_something_else(title) and label_rank(title) is None
    return False


def _number(seen: Pressable) -> Mark | None:
    """A page's number: in a pager, or by the address or the script behind it."""
    given = _page_attribute(seen.element)
    if given is not None:
        return seen.mark("number", given) if given != seen.scene.number else None
    found = _NUMBER.fullmatch(seen.label)
    number = int(found.group(1)) if found else None
    target = seen.target
    by_address = page_number_of(target, seen.scene.url) if target is not None else None
    if number is None or number < 2:
        return seen.mark("number") if number is None and target is not None and _is_twin(seen, target) else None
    if number == seen.scene.number:
        return None
    is_script = seen.has_handler or "dopostback" in seen.href.lower() or seen.href.lower().startswith("javascript:")
    is_linked = by_address is not None and by_address in (number, number - 1)
    if is_linked or (seen.acts and (seen.in_pager or (is_script and seen.is_below) or _is_in_sequence(seen, number))):
        return seen.mark("number", number)
    return None


def _is_twin(seen: Pressable, target: str) -> bool:
    """Whether a link, whatever it is called, leads to the next page: its address is the page's own but for that number."""
    by_address = page_number_of(target, seen.scene.url)
    if by_address is None or _is_previous(seen) or canonical(target) == canonical(seen.scene.url):
        return False
    own = own_number(seen.scene.url)
    return by_address in (own, own + 1) and _BARE_NUMBER.search(urlsplit(target).path) is None


def _is_in_sequence(seen: Pressable, number: int) -> bool:
    """Whether the numbers beside it count up by one from 1, below the list."""
    if not seen.is_below or seen.element.tag in ("td", "th"):
        return False
    for around in seen.around[1:]:
        labels = [label_of(text_of(one)) for one in islice(around, 30)]
        if str(number) in labels and str(number - 1) in labels and "1" in labels:
            return True
    return False


def _page_attribute(element: Element) -> int | None:
    """The page that an attribute names: `data-page="2"`, `data-ci-pagination-page="2"`."""
    for name, value in element.attrib.items():
        if not name.startswith(("data-", ":", "page")) or not re.fullmatch(r"[1-9]\d{0,2}", value):
            continue
        key = key_of(name)
        if key in vocabulary().keys.page or re.search(r"page(?:no|num|number|index|id)?\Z", key):
            return int(value)
    return None


_KINDS = (_next, _last, _more, _number)


def option_marks(scene: Scene) -> Iterator[Control]:
    """Pages that a list to choose from leads to: options with addresses, or with the numbers of pages."""
    for select in scene.root.iter("select"):
        options = list(select.iter("option"))
        if any(
            vocabulary().has_name("no_pager", names_of(one)) for one in [select, *islice(select.iterancestors(), 2)]
        ):
            continue
        labels = [_option_number(option) for option in options]
        is_pages = labels[:2] == [1, 2] or (len(labels) == 1 and labels[0] == 1)
        for option, number in zip(options, labels, strict=True):
            url = join(scene.base, option.get("value") or "")
            by_address = page_number_of(url, scene.url) if url is not None else None
            if number is None or number == scene.number or number < 2:
                continue
            if is_pages or (by_address is not None and by_address in (number, number - 1)):
                here = url is not None and canonical(url) == canonical(scene.url)
                yield Control(Mark("number", quote_of(option), number, leads_here=here), option)


def _option_number(option: Element) -> int | None:
    found = re.fullmatch(r"第?([1-9]\d{0,2})(?:页|/\d{1,3}页?)?", label_of(text_of(option)))
    return int(found.group(1)) if found else None


def form_marks(scene: Scene) -> Iterator[Control]:
    """Fields named like the number of a page, in a form that asks for the list itself."""
    for form in scene.root.iter("form"):
        action = join(scene.base, form.get("action") or "") or scene.url
        if action is None or urlsplit(action).path != urlsplit(scene.url).path:
            continue
        for field in form.iter("input", "select"):
            key = key_of(field.get("name") or field.get("id") or "")
            value = field.get("value") or ""
            if key in vocabulary().keys.page and re.fullmatch(r"\d{0,3}", value):
                yield Control(Mark("form", quote_of(field)), field)
                break


def attribute_marks(scene: Scene) -> Iterator[Mark]:
    """Counts that stand in attributes and hidden fields: `data-total="18"`, `<input type="hidden" id="totalPage" value="3">`."""
    for element in scene.root.iter():
        for key, value in _told(element) if isinstance(element.tag, str) else ():
            if re.fullmatch(r"[1-9]\d{0,5}", value):
                is_own = element.tag == "el-pagination" or Pressable(element, scene, is_below=True).in_pager
                kind = _counted(key, is_more=int(value) > len(scene.rows) > 0, is_own=is_own)
                if kind:
                    yield Mark(kind, f'{key}="{value}"', int(value))


def _counted(key: str, *, is_more: bool, is_own: bool) -> str:
    """What a name counts, in a pager (`is_own`) or elsewhere: `total`, `pages`, or nothing."""
    keys = vocabulary().keys
    if key in ("total", "pages", "items", "count") and not is_own:  # words that other things are called, too
        return ""
    if key in keys.total or (is_own and is_more and key in keys.either):
        return "total"
    return "pages" if key in keys.pages else ""


def _told(element: Element) -> list[tuple[str, str]]:
    """Names and values that an element brings: attributes, a field's value, the number that stands in it."""
    if element.tag == "input":
        value = element.get("value") or ""
        return [(key_of(element.get(name) or ""), value) for name in ("id", "name")]
    pairs = [(key_of(name), value) for name, value in element.attrib.items()]
    pairs += [(key_of(name), value) for name, value in _PROPERTY.findall((element.get("style") or "")[:500])]
    said = (element.text or "").strip()
    if not len(element) and said.isascii():
        pairs += [(key_of(element.get("id") or ""), said), (key_of(str(element.tag)), said)]
    return pairs


#: A number that an element gives its style sheet: `style="--total:18"`.
_PROPERTY = re.compile(r"--([\w-]{1,40})\s{0,3}:\s{0,3}(\d{1,6})\s{0,3}(?=;|\Z)")


def own_number(url: str) -> int:
    """The page that an address says of itself, 1 if it says none."""
    number = _number_in(url)
    return number if number is not None else 1


def _number_in(url: str) -> int | None:
    parts = urlsplit(url)
    for key, value in parse_qsl(parts.query):
        if key_of(key) in vocabulary().keys.page and re.fullmatch(r"\d{1,3}", value):
            return int(value)
    found = _FILE_NUMBER.search(parts.path)
    return int(next(filter(None, found.groups()))) if found else None


#: Where an address carries the number of a page: index_2.html, list-2.htm, p2.html, page/2, list/2/.
_FILE_NUMBER = re.compile(
    r"[_-](\d{1,3})(?=\.\w{2,5}\Z)|/(?:p|page|index|list)[_-]?(\d{1,3})(?=(?:\.\w{2,5})?/?\Z)|/(\d{1,2})(?=(?:\.\w{2,5})?/?\Z)",
    re.IGNORECASE,
)


#: A folder or file that is nothing but a number: of a page, or of an article.
_BARE_NUMBER = re.compile(r"/\d{1,3}(?:\.\w{2,5})?/?\Z")


def page_number_of(url: str, own: str) -> int | None:
    """The page of the same list that an address leads to: it is the page's own but for one number. `None` if it isn't."""
    one, other = urlsplit(url), urlsplit(own)
    if not same_host(url, own):
        return None
    if one.path == other.path:
        fields, own_fields = _fields(one.query), _fields(other.query)
        differing = [key for key in fields.keys() | own_fields.keys() if fields.get(key) != own_fields.get(key)]
        values = [fields.get(key) or "" for key in differing]
        if len(differing) == 1 and re.fullmatch(r"\d{1,3}", values[0]):
            is_page = key_of(differing[0]) in vocabulary().keys.page or differing[0] not in own_fields
            return int(values[0]) if is_page and int(values[0]) <= _MAX_PAGE else None
        return None
    if one.query != other.query:
        return None
    number = _FILE_NUMBER.search(one.path)
    if number is None or _stem(one.path) != _stem(other.path):
        return None
    return int(next(filter(None, number.groups())))


def _fields(query: str) -> Mapping[str, str]:
    return dict(parse_qsl(query, keep_blank_values=True))


def _stem(path: str) -> str:
    """A path without the number of a page: /nb/, /nb/index.html, /nb/index_2.html and /nb/2.html are one."""
    bare = _FILE_NUMBER.sub("/" if path[:1] else "", path) if _FILE_NUMBER.search(path) else path
    bare = re.sub(r"\.\w{2,5}\Z", "", bare).rstrip("/")
    return re.sub(r"/(?:index|list|default|page|p)?\Z", "", bare, flags=re.IGNORECASE).rstrip("/_-")
