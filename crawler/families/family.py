"""What a family of publishing systems is: a name, the signs it is recognised by, the reader of its lists, the rules of its articles.

A package of somebody else may add families by the entry point group `ogi_archive.families`; see docs/portals.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from crawler.lists.reader import ListReader
from crawler.pages.exchange import NextRequest, PageBytes

#: Gives the reader of a list: its first page as decoded text, that page, and the column's address.
OpenReader = Callable[[str, PageBytes, str], ListReader]
#: Gives the call that fetches the text of an article's shell: page as text, its address → the call, or why it can't be made.
#: `None` if the page is no shell of this family.
DetailCall = Callable[[str, str], "Detail | None"]


@dataclass(frozen=True, slots=True)
class Sign:
    """A mark by which a family's pages are recognised.

    Attributes:
        rank: Marks that only one system leaves have low ranks: they are looked for first. The built-in signs have ranks from 10 to 270.
        evidence: What the mark is, for people.
        pattern: A regular expression, looked for without regard to case.
        in_address: It stands in the path of the page's address, not in the page.
    """

    rank: int
    evidence: str
    pattern: str
    in_address: bool = False
    compiled: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "compiled", re.compile(self.pattern, re.IGNORECASE))

    def is_in(self, text: str, path: str) -> bool:
        """Whether the mark is there: `text` is the page, `path` that of its address."""
        return self.compiled.search(path if self.in_address else text) is not None


@dataclass(frozen=True, slots=True)
class Detail:
    """The call for the text of a shell, or why there is none."""

    request: NextRequest | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ArticleRules:
    """What is special about a family's articles. What the built-in families share stands in the lexicon.

    Attributes:
        addresses: Further shapes of article addresses: regular expressions that are searched in the path.
        containers: Class names of the element that holds an article's text, the surest first.
        shell_address: The shape of the address of an article whose text comes by a call; a regular expression, empty for none.
        detail: Gives that call.
    """

    addresses: tuple[str, ...] = ()
    containers: tuple[str, ...] = ()
    shell_address: str = ""
    detail: DetailCall | None = None


@dataclass(frozen=True, slots=True)
class Family:
    """A family of publishing systems.

    Attributes:
        name: What a definition says.
        open: Gives the reader of a list.
        about: The system, in a few words.
        lists: How its lists are read, in a few words.
        ends: What proves the end of a list, in a few words.
        aliases: Other names that a definition may say: the vendors'.
        signs: What its pages are recognised by.
        article: What is special about its articles.
    """

    name: str
    open: OpenReader
    about: str = ""
    lists: str = ""
    ends: str = ""
    aliases: tuple[str, ...] = ()
    signs: tuple[Sign, ...] = ()
    article: ArticleRules = ArticleRules()
