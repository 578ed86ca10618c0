"""TRS WCM: static folders, pages counted from 0 in a script, files beside the pages (field guide §1).

Variants: `records-first`, `plain-pager` and `no-script` are other ways to say how many pages there are; `year-folders` puts each year's reports
into a folder of its own; `old-name` gives one article a channel number instead of a date; `all-in-one` puts all rows into one page.
"""

from __future__ import annotations

import posixpath

from crawler.replica.families.base import Row, Site, View, stable_hex
from crawler.replica.http import Answer, Request, html
from crawler.replica.world import WITH_FILE, Publication, Shown

_HOME_FOLDER = "/zfxxgk/"


class Trs(Site):
    """A TRS site. The portal's `column` is the folder's name under `/zfxxgk/`."""

    family = "trs"
    counters = ("/wcm/visitcount",)

    def column_path(self, view: View) -> str:
        """`/zfxxgk/<folder>/`; a moved column has a random suffix (field guide §1.1)."""
        return f"{_HOME_FOLDER}{self._folder(view)}/"

    def article_path(self, view: View, publication: Publication) -> str:
        """`<column>/<YYYYMM>/t<YYYYMMDD>_<docid>.html`; the folder stays when the column moves."""
        day = publication.address_date
        name = f"t{day:%Y%m%d}_{publication.serial}.html"
        if "old-name" in self._variant and publication.serial % 5 == 0:
            name = f"t0035_{publication.serial}.html"
        return f"{self._home(publication)}{day:%Y%m}/{name}"

    def file_path(self, view: View, publication: Publication) -> str:
        """`./P0` and 20 digits in the article's folder; pictures have `W0`."""
        day = publication.address_date
        kind = WITH_FILE[publication.carrier]
        digits = int(stable_hex(publication.key)[:12], 16) % 10**12
        letter = "W0" if kind == "jpg" else "P0"
        return f"{self._home(publication)}{day:%Y%m}/{letter}{day:%Y%m%d}{digits:012d}.{kind}"

    def list_answer(self, request: Request, view: View) -> Answer | None:
        """The column's pages, the year folders, and the shell in front of the column."""
        if request.path == _HOME_FOLDER:
            return html(
                f'<html><head><title></title></head><body>\n<script>location.replace("./{self._folder(view)}/");</script></body></html>'
            )
        column = self.column_path(view)
        if not request.path.startswith(column):
            return None
        rest = request.path[len(column) :]
        years = self._years(view)
        folder = rest.split("/")[0]
        if folder in years:
            return self._page(request, rest[len(folder) + 1 :], view, self._of_year(view, years[folder]), [])
        folders = [(f"./{name}/", f"{year}年") for name, year in years.items()]
        rows = [] if years else self.rows(view)
        return self._page(request, rest, view, rows, folders)

    @property
    def _variant(self) -> frozenset[str]:
        return self.portal.traits.variant

    def _folder(self, view: View) -> str:
        return self.portal.column + view.state.column_suffix

    def _home(self, publication: Publication) -> str:
        return f"{_HOME_FOLDER}{self.portal.column}/"

    def _years(self, view: View) -> dict[str, int]:
        if "year-folders" not in self._variant:
            return {}
        years = {self._year(shown) for shown in view.state.listed()}
        return {f"nb_{year}n": year for year in sorted(years, reverse=True)}

    @staticmethod
    def _year(shown: Shown) -> int:
        return shown.report.year if shown.report else shown.publication.printed_on.year

    def _of_year(self, view: View, year: int) -> list[Row]:
        return self.rows(view, [shown for shown in view.state.listed() if self._year(shown) == year])

    def _page(
        self, request: Request, name: str, view: View, rows: list[Row], folders: list[tuple[str, str]]
    ) -> Answer | None:
        """A list page by its file name; past the end comes a refresh to the column, with status 200."""
        number = _page_number(name, first=2 if "no-script" in self._variant else 1)
        if number is None:
            return None
        size = len(rows) or 1 if "all-in-one" in self._variant else view.portal.traits.page_size
        pages = max(1, -(-len(rows) // size))
        if number >= pages:
            return html('<html><head><meta http-equiv="refresh" content="0;url=./"></head><body></body></html>')
        chosen = [
            Row(_relative(row.href, request.path.rpartition("/")[0]), row.title, row.text, row.date, row.publication)
            for row in rows[number * size : (number + 1) * size]
        ]
        return self.page(
            view,
            "trs/column.html",
            title="政府信息公开年报",
            rows=chosen,
            folders=folders,
            pager=self._pager(pages, number, len(rows)),
        )

    def _pager(self, pages: int, number: int, total: int) -> str:
        if "no-script" in self._variant:
            return ""
        if "records-first" in self._variant:
            return f'createPageHTML({total}, {pages}, {number}, "index", "html", "black2");'
        if "plain-pager" in self._variant:
            return f"Pager({{size:{pages}, current:{number}, prefix:'index', suffix:'html'}});"
        if "create-page" in self._variant:
            return f'createPage({pages}, {number}, "index", "html");'
        return f'createPageHTML({pages}, {number}, "index", "html");'


def _page_number(name: str, *, first: int) -> int | None:
    """Number of a list page from 0: the column itself, `index.html`, then `index_<first>.html` and so on."""
    if name in ("", "index.html"):
        return 0
    if name.startswith("index_") and name.endswith(".html") and name[6:-5].isdigit():
        number = int(name[6:-5]) - first + 1
        return number if number > 0 else None
    return None


def _relative(path: str, folder: str) -> str:
    """A path as the page in a folder links to it: `./…` below, `../…` beside; another host's address stays whole."""
    if "://" in path:
        return path
    relative = posixpath.relpath(path, folder)
    return relative if relative.startswith("..") else f"./{relative}"
