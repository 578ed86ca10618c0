"""Lists that stand beside a list and may hold more of it: 往年年报, 更多 under the list's own heading, a frame, a link of unknown meaning."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from crawler.lists.marks import (
    Mark,
    Pressable,
    Scene,
    does_something_else,
    is_elsewhere,
    is_of_another_block,
    is_off,
    is_within_row,
    quote_of,
)
from crawler.lists.reader import SubList
from crawler.lists.vocabulary import label_of, names_something_else, vocabulary
from crawler.pages.markup import text_of
from extract.lexicon.addresses import canonical, is_article, is_file, join, names_image, same_host
from extract.lexicon.organs import is_organ
from extract.lexicon.titles import Judgement, is_year_label, judge_title, label_rank, normalise

if TYPE_CHECKING:
    from collections.abc import Iterator, Set

    from crawler.lists.beside import Near
    from crawler.pages.markup import Element

_WORDS = 40  # of a sentence that speaks of further rows
_LABEL = 24
_MOST_MAYBE = 8  # links of unknown meaning that are asked for, a list
_MOST_LINKS = 60  # of one block beside the list


def further_lists(scene: Scene, near: Near, pressed: Set[Element] = frozenset()) -> Iterator[SubList]:
    """Lists that stand beside this one and may hold more of it: 往年年报, 更多 under the list's own heading, a frame, a link of unknown meaning.

    Args:
        pressed: Links that are known to lead to the list's own further pages.
    """
    said = [link for link in _links(near) if _speaks_of_more(link)]
    maybe = [link for link in maybe_links(scene, near, pressed) if link not in said]
    for link in (*said, *maybe[:_MOST_MAYBE]):
        url = _target(link.get("href"), scene)
        if url is not None and not is_within_row(link, scene.rows):
            yield SubList(url, text_of(link), is_sure=False, is_maybe=link not in said)
    yield from _frames(scene, near)
    yield from _options(scene)


def left_links(scene: Scene, near: Near, pressed: Set[Element]) -> Iterator[Mark]:
    """A mark where more links of unknown meaning stand beside the list than are asked for."""
    left = maybe_links(scene, near, pressed)[_MOST_MAYBE:]
    if left:
        yield Mark("promise", quote_of(left[0]))


def maybe_links(scene: Scene, near: Near, pressed: Set[Element]) -> list[Element]:
    """Links beside the list of which nothing says that they lead to something else, each address once."""
    found: dict[str, Element] = {}
    for link in _links(near):
        url = _target(link.get("href"), scene)
        is_free = url is not None and link not in pressed and not is_within_row(link, scene.rows)
        if url is not None and is_free and _may_continue(link, scene, url):
            found.setdefault(canonical(url), link)
    return list(found.values())


def _links(near: Near) -> Iterator[Element]:
    for top in (*near.before, *near.after):
        yield from islice(top.iter("a", "area"), _MOST_LINKS)


def _frames(scene: Scene, near: Near) -> Iterator[SubList]:
    for top in (*near.before, *near.after):
        for frame in top.iter("iframe", "frame", "object", "embed", "turbo-frame"):
            url = _target(frame.get("src") or frame.get("data"), scene)
            if url is not None and not is_off(frame):
                yield SubList(url, frame.get("title") or frame.get("name") or "", is_sure=False)


def _options(scene: Scene) -> Iterator[SubList]:
    """What a list to choose from leads to: years and units, each with a list of its own."""
    for option in islice(scene.root.iter("option"), _MOST_LINKS):
        value = option.get("value") or ""
        url = _target(value, scene) if re.search(r"[/.?]", value) else None
        label = text_of(option)
        is_year = is_year_label(normalise(label))
        is_part = is_year or is_organ(label, "row")
        if url is not None and is_part and not is_article(url) and not is_off(option):
            yield SubList(url, label, is_sure=False, is_maybe=not is_year)


def off_site_marks(scene: Scene, near: Near) -> Iterator[Mark]:
    """Marks of further reports on another host, where nobody follows: 2020年以前的年报请到旧网站查阅."""
    for link in _links(near):
        url = join(scene.base, link.get("href") or "")
        if url is not None and not same_host(url, scene.url) and not is_file(url) and _speaks_of_more(link):
            yield Mark("promise", quote_of(link), is_off_site=True)


def _may_continue(link: Element, scene: Scene, url: str) -> bool:
    """Whether a link beside the list may go on with it: nothing says that it leads to something else."""
    if is_article(url) or names_image(url) or is_off(link) or is_elsewhere(link):
        return False
    seen = Pressable(link, scene, is_below=True)
    if seen.is_elsewhere_by_name or is_of_another_block(seen):
        return False
    label = label_of(seen.text)
    if does_something_else(label) or vocabulary().is_label("jump", label) or names_something_else(label):
        return False
    around = link.getparent()
    return around is None or not vocabulary().speaks_of_neighbour(label_of(text_of(around)))


def _target(written: str | None, scene: Scene) -> str | None:
    """The other page of this host that an address leads to."""
    if (written or "").lower().strip().startswith(("#", "javascript:")):
        return None
    url = join(scene.base, written or "")
    is_other = url is not None and same_host(url, scene.url) and canonical(url) != canonical(scene.url)
    return url if url is not None and is_other and not is_file(url) else None


def _speaks_of_more(link: Element) -> bool:
    """Whether a link, with the words around it, promises more reports of the same kind."""
    words = vocabulary()
    label = label_of(text_of(link) or link.get("title") or "")
    if len(label) > _LABEL or is_year_label(label) or judge_title(label).judgement is Judgement.REJECT:
        return False
    around = label
    for one in islice(link.iterancestors(), 2):
        said = label_of(text_of(one))
        if len(said) <= _WORDS:
            around = said
    is_more = words.is_label("more", label) or words.speaks_of("earlier", around)
    rest = around.replace(label, "", 1)
    is_about = words.speaks_of("reports", around) or label_rank(rest) == 0
    return is_more and is_about
