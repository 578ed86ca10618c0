"""Parts of portal pages by the names of their elements: which may hold the report, and which are the page around it.

The names are data (`page_parts.toml`; field guide §11). The readers keep their own rules of what to do with them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

from extract.lexicon.toml_data import read_toml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from extract.lexicon.toml_data import TomlTable

#: What the chrome is around: the rows of a list, an article, a report that fills its page.
Inside = Literal["list", "article", "container"]
#: Elements whose content is never shown as text (HTML standard, rendering; `noscript` where scripts run).
NO_TEXT = ("script", "style", "noscript", "template")
#: Landmarks of the site around a page's own content, by their tags.
SITE_TAGS = frozenset({"nav", "header", "footer"})


@dataclass(frozen=True, slots=True)
class _Parts:
    """What `page_parts.toml` says."""

    weak_by_name: Mapping[str, bool]
    prefixes: tuple[str, ...]
    weak_by_tag: Mapping[str, bool]
    article_ids: tuple[str, ...]
    article_classes: tuple[str, ...]
    chrome: Mapping[Inside, re.Pattern[str]]
    noise: re.Pattern[str]


def container_name(name: str) -> bool | None:
    """Whether an id or class name (lower case) that may hold a report says nothing on its own; `None`: it holds none."""
    parts = _parts()
    weak = parts.weak_by_name.get(name)
    return False if weak is None and name.startswith(parts.prefixes) else weak


def container_tag(tag: str) -> bool | None:
    """As `container_name`, for the tag of an element."""
    return _parts().weak_by_tag.get(tag)


def article_ids() -> tuple[str, ...]:
    """Beginnings of the ids of elements that hold an article, lower case, the surest first."""
    return _parts().article_ids


def article_classes() -> tuple[str, ...]:
    """Class names of elements that hold an article, lower case, the surest first."""
    return _parts().article_classes


def is_chrome(names: str, inside: Inside) -> bool:
    """Whether an element's class and id (in one text) name it as a part of the page around something."""
    return _parts().chrome[inside].search(names) is not None


def is_noise_name(names: str) -> bool:
    """Whether an element's class and id (in one text) name it as a button, a counter or a neighbour inside an article."""
    return _parts().noise.search(names) is not None


@cache
def _parts() -> _Parts:
    return parse_page_parts(read_toml("page_parts.toml"))


@dataclass(frozen=True, slots=True)
class _Container:
    name: str
    is_weak: bool
    is_prefix: bool
    is_tag: bool
    id_rank: int
    class_rank: int


def parse_page_parts(data: TomlTable) -> _Parts:
    """The names of a file in the shape of `page_parts.toml`.

    Raises:
        LexiconError: A key is unknown, missing or mistyped.
    """
    containers = [_container(record) for record in data.records("container")]
    words: dict[Inside, list[str]] = {"list": [], "article": [], "container": []}
    for record in data.records("chrome"):
        word = record.text("word")
        for inside, found in words.items():
            if record.flag(inside):
                found.append(word)
        record.done()
    alone = r"(?:\A|[\s_-])(?:{})(?:\Z|[\s_-])"
    noise = data.record("noise")
    parts = _Parts(
        weak_by_name={one.name: one.is_weak for one in containers if not (one.is_prefix or one.is_tag)},
        prefixes=tuple(one.name for one in containers if one.is_prefix),
        weak_by_tag={one.name: one.is_weak for one in containers if one.is_tag},
        article_ids=_ranked((one.id_rank, one.name) for one in containers),
        article_classes=_ranked((one.class_rank, one.name) for one in containers),
        chrome={
            "list": re.compile(alone.format("|".join(words["list"])), re.IGNORECASE),
            "article": re.compile(alone.format("|".join(words["article"])), re.IGNORECASE),
            "container": re.compile("|".join(words["container"]), re.IGNORECASE),
        },
        noise=noise.pattern("pattern", re.IGNORECASE),
    )
    noise.done()
    data.done()
    return parts


def _ranked(names: Iterable[tuple[int, str]]) -> tuple[str, ...]:
    return tuple(name for _, name in sorted((rank, name) for rank, name in names if rank))


def _container(record: TomlTable) -> _Container:
    found = _Container(
        record.text("name"),
        record.flag("weak"),
        record.flag("prefix"),
        record.flag("tag"),
        record.number("id", 0),
        record.number("class", 0),
    )
    record.done()
    return found
