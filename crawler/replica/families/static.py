"""Static lists in the dialects of field guide §9: one list, page addresses of many shapes.

The portal's variant names the dialect: `hexmon`, `hexday`, `slash-hex`, `uuid`, `stamp-dir`, `numeric-dir`, `content`, `ccontent`, `bucket`, `hash-page`,
`auto`. Further: `onclick-rows` (rows without `href`), `onclick-next` (the next page only in an `onclick`), `coded-pager` (the pager in base64).
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime

from archive.clock import SHANGHAI
from crawler.replica.families.base import Site, View, stable_hex
from crawler.replica.http import Answer, Request
from crawler.replica.world import WITH_FILE, Publication, Shown


def _uuid(text: str) -> str:
    digest = stable_hex(text)
    return "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:]))


def _bucket(publication: Publication) -> str:
    """The folder × 100 is the first of the month in epoch seconds, UTC+8; the file begins with epoch milliseconds."""
    day = publication.address_date
    first = int(datetime(day.year, day.month, 1, tzinfo=SHANGHAI).timestamp())
    made = int(datetime(day.year, day.month, day.day, 10, 20, 30, tzinfo=SHANGHAI).timestamp()) * 1000 + 902
    return f"/col/18073_668815/art/{first // 100}/{made}{stable_hex(publication.key)[:7]}.html"


_DIALECTS: dict[str, Callable[[str, Publication], str]] = {
    "hexmon": lambda column, p: f"/{column}/{p.address_date:%Y%m}/{stable_hex(p.key)}.shtml",
    "hexday": lambda column, p: f"/{column}/{p.address_date:%Y%m%d}/{stable_hex(p.key)}.html",
    "slash-hex": lambda column, p: (
        f"/{column}/{p.address_date.year}/{p.address_date.month}/{p.address_date.day}/{stable_hex(p.key)}.shtml"
    ),
    "uuid": lambda column, p: f"/columns/{_uuid(column)}/{p.address_date:%Y%m/%d}/{_uuid(p.key)}.html",
    "stamp-dir": lambda column, p: f"/web/{column}/{p.address_date:%Y%m%d}{p.serial % 10**6:06d}/index.shtml",
    "numeric-dir": lambda column, p: f"/{column}/{p.serial}/index.html",
    "content": lambda column, p: f"/{column}/{p.address_date:%Y-%m/%d}/content_{p.serial}.shtml",
    "ccontent": lambda column, p: f"/n2588035/n2588320/c{p.serial}/content.html",
    "bucket": lambda column, p: _bucket(p),
    "hash-page": lambda column, p: f"/{column}/pnidpv{p.serial}.html",
    "auto": lambda column, p: f"/list/{column}/auto/{p.serial}.html",
}


class Static(Site):
    """A portal of static pages."""

    family = "static"
    counters = ("/tj/hit", "/js/count")

    def column_path(self, view: View) -> str:
        """The column's folder."""
        if "bucket" in self.portal.traits.variant:
            return "/col/18073_668815/index.html"
        return f"/{self.portal.column}{view.state.column_suffix}/index.html"

    def article_path(self, view: View, publication: Publication) -> str:
        """By the dialect; `content` if none is named."""
        dialect = next((name for name in _DIALECTS if name in self.portal.traits.variant), "content")
        return _DIALECTS[dialect](self.portal.column, publication)

    def file_path(self, view: View, publication: Publication) -> str:
        """A folder of files."""
        return f"/files/{publication.address_date:%Y%m}/{stable_hex(publication.key)[:16]}.{WITH_FILE[publication.carrier]}"

    def article_answer(self, request: Request, view: View, shown: Shown) -> Answer:
        """A page."""
        return self.page(view, "shells/static_article.html", **self.article_context(view, shown))

    def list_answer(self, request: Request, view: View) -> Answer | None:
        """`index.html`, then `index_2.html`."""
        size = self.portal.traits.page_size
        rows = self.rows(view)
        pages = max(1, -(-len(rows) // size))
        for number in range(1, pages + 1):
            if request.path != self._address(view, number):
                continue
            following = self._address(view, number + 1) if number < pages else ""
            variant = self.portal.traits.variant
            pager = f'<a href="{following}">下一页</a>' if following else ""
            return self.page(
                view,
                "static/column.html",
                title="政府信息公开年报",
                rows=rows[(number - 1) * size : number * size],
                following=following,
                variant=variant,
                coded=base64.b64encode(pager.encode()).decode(),
            )
        return None

    def _address(self, view: View, number: int) -> str:
        column = self.column_path(view)
        return column if number == 1 else column.replace("index.html", f"index_{number}.html")
