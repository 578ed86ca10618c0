"""The scripts that a list's page loads: which of them were read, and which could not be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.warc.statuses import is_not_there
from crawler.lists.marks import Mark
from crawler.lists.reader import is_answer, text_of_page
from crawler.lists.sources import SOURCE, is_library
from crawler.pages.exchange import NextRequest
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crawler.pages.exchange import PageBytes

#: Scripts of a list that are read; the answers are shared by all lists of a pass.
_MOST_READ = 6


class OwnScripts:
    """The scripts of one list.

    Attributes:
        texts: Of those that were read.
    """

    def __init__(self, urls: Iterable[str] = ()) -> None:
        self.texts: list[str] = []
        self._left = list(urls)
        self._asked: set[str] = set()
        self._unread: list[str] = []

    def add(self, urls: Iterable[str]) -> None:
        """Scripts that a script loads."""
        self._left += [url for url in urls if url not in self._asked and url not in self._left]

    def ask(self, referer: str) -> tuple[NextRequest, ...]:
        """The request for the next one, if there is one."""
        if not self._left or len(self._asked) >= _MOST_READ:
            return ()
        url = self._left.pop(0)
        self._asked.add(url)
        return (NextRequest(url, headers=(("Referer", referer),), is_script=True),)

    def take(self, page: PageBytes) -> bool:
        """Take an answer; whether it is a script that may say something of the list."""
        if not is_answer(page):
            if not is_not_there(page.status):  # what isn't there is run by nobody
                self._unread.append(page.request.url)
            return False
        text = text_of_page(page)
        if text.lstrip()[:1] == "<" or is_library(text):
            return False
        self.texts.append(text)
        return True

    def marks(self) -> list[Mark]:
        """Marks for scripts that could not be had, and for those that are too many."""
        left = self._left if len(self._asked) >= _MOST_READ else []
        return [Mark(SOURCE, localizable(f"the script {url} was not read")) for url in (*self._unread, *left)]
