"""Families of publishing systems: one pure module each; `model` says what they share, `open_walk` begins a column."""

from __future__ import annotations

from crawler.families.detect import detect_text, has_signs_of
from crawler.families.gkmlpt import GkmlptReader
from crawler.families.jcms import open_jcms
from crawler.families.jpaas import JpaasReader
from crawler.families.lonsun import open_lonsun
from crawler.families.shells import FrontApiReader, JiangxiReader
from crawler.families.static import open_static
from crawler.families.ucap import open_ucap
from crawler.lists.model import ListWalk, Step
from crawler.lists.reader import ListReader, text_of_page
from crawler.lists.walk import Walk
from crawler.pages.exchange import NextRequest, PageBytes

#: Families that a definition may name, besides `auto`.
FAMILIES = (
    "trs",
    "jcms",
    "jpaas",
    "gkmlpt",
    "nfcms",
    "ucap",
    "lonsun",
    "vsb",
    "epoint",
    "front-api",
    "fengxian",
    "jiangxi",
    "static",
)

__all__ = ["FAMILIES", "ListWalk", "NextRequest", "PageBytes", "Step", "open_reader", "open_walk"]


def open_walk(family: str, column_url: str, first: PageBytes | None = None) -> Walk:
    """Begin the walk over an annual-report column.

    Args:
        family: A family's name, or `auto`: then each list page is recognised by itself.
        column_url: The column page; for gkmlpt its fragment may name the category (`…/gkmlpt/annualreport#2629`).
        first: The column page, if it is there already; it only helps to recognise the family.
    """
    if family == "auto" and first is not None:
        family = detect_text(text_of_page(first), first.url).family
    return Walk(column_url, family, lambda name, page: open_reader(name, column_url, page))


def open_reader(family: str, column_url: str, page: PageBytes) -> ListReader:
    """The reader for one list page.

    A named family is believed as long as the page shows any sign of it or no sign of another: sites are rebuilt with other systems, and
    mix them.
    """
    text = text_of_page(page)
    detected = detect_text(text, page.url).family
    if family in ("auto", "") or (detected != "static" and not has_signs_of(family, text, page.url)):
        family = detected
    match family:
        case "gkmlpt":
            return GkmlptReader(column_url if _same_page(column_url, page) else page.request.url)
        case "jpaas":
            return JpaasReader()
        case "jcms":
            return open_jcms(text)
        case "lonsun":
            return open_lonsun(text, page.url)
        case "ucap":
            return open_ucap(text)
        case "front-api":
            return FrontApiReader()
        case "jiangxi":
            return JiangxiReader()
        case _:
            return open_static(family)


def _same_page(column_url: str, page: PageBytes) -> bool:
    return column_url.partition("#")[0] == page.request.url.partition("#")[0]
