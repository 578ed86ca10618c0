"""Whether a site counts its pages from one or from nought, where this program put the number in: the page before is asked for, too.

A number that a link, an option or a folded call names is the site's own. One that fills a hole (of a function, a form, a script, a guess) is
taken for that of the second page; where the site counts from nought, it is the third one's, and the second was left out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.lists.marks import Mark

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crawler.lists.ways import Way
    from crawler.pages.exchange import NextRequest, PageBytes

#: Kind of a mark (`Mark.kind`) that no page read since settles.
BEFORE = "before"
_NUMBER = re.compile(r"\d++")


def ways_before(way: Way, ways: Iterable[Way]) -> list[Way]:
    """The way to the page before the one that a way has brought; none if its address is the site's own, or nothing leads there.

    Args:
        way: What brought the first further page.
        ways: What the column's page would ask for, were its first page still wanted.
    """
    if way.is_given or way.number != 2:
        return []
    return [one for one in ways if one.via == way.via and not one.is_given and _is_one_less(one, way)][:1]


def _is_one_less(one: Way, way: Way) -> bool:
    """Whether two requests differ by their numbers alone: 1 where the other has 2. A file `_0` beside the first page is nobody's."""
    texts = [_text_of(each.request) for each in (one, way)]
    pairs = zip(*(_NUMBER.findall(text) for text in texts), strict=False)
    apart = {(less, more) for less, more in pairs if less != more}
    return apart == {("1", "2")} and _NUMBER.sub("#", texts[0]) == _NUMBER.sub("#", texts[1])


def _text_of(request: NextRequest) -> str:
    return f"{request.method} {request.url} {(request.body or b'').decode('utf-8', 'replace')}"


def unanswered(page: PageBytes) -> list[Mark]:
    """A mark, if no answer came that says what the page before holds. Answers that refuse it leave the list open themselves: `walk`."""
    if page.status:
        return []
    return [Mark(BEFORE, f"{page.request.method} {page.request.url}")]
