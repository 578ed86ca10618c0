"""Boda 博达 VSB: plain lists whose page numbers count down, downloads that want a Referer (field guide §7).

Variants: `dynamic` (`list.jsp` pages), `captcha-always` (downloads are always a captcha), `content-jsp` (articles under `content.jsp`).
"""

from __future__ import annotations

from typing import Any

from crawler.replica.families.base import Row, Site, View, stable_hex
from crawler.replica.http import Answer, Request, html
from crawler.replica.world import WITH_FILE, Publication, Shown

_CAPTCHA = (
    "<html><head><title>附件下载</title></head><body><form method='post'>请输入验证码："
    "<input name='codeValue'><img src='/system/resource/js/filedownload/createimage.jsp'></form></body></html>"
)
_DOWNLOAD = "/system/_content/download.jsp"


class Vsb(Site):
    """A VSB site. The portal's `column` is the list's name under `/zfxxgk/`."""

    family = "vsb"
    counters = ("/system/resource/code/news/click/",)

    def column_path(self, view: View) -> str:
        """`/zfxxgk/<name>.htm`."""
        return f"/zfxxgk/{self.portal.column}{view.state.column_suffix}.htm"

    def article_path(self, view: View, publication: Publication) -> str:
        """`/info/<tree>/<news>.htm`."""
        if "content-jsp" in self._variant:
            return f"/content.jsp?urltype=news.NewsContentUrl&wbtreeid={self._tree}&wbnewsid={publication.serial}"
        return f"/info/{self._tree}/{publication.serial}.htm"

    def file_path(self, view: View, publication: Publication) -> str:
        """`download.jsp` with the file's number; pictures are plain files."""
        number = 16_730_000 + publication.serial % 10_000
        if WITH_FILE[publication.carrier] == "jpg":
            return f"/__local/{stable_hex(publication.key)[:6].upper()}.jpg"
        return f"{_DOWNLOAD}?urltype=news.DownloadAttachUrl&owner={self._owner}&wbfileid={number}"

    def _route_query(self, request: Request) -> str:
        query = request.query
        if request.path == _DOWNLOAD:
            return (
                f"?urltype=news.DownloadAttachUrl&owner={query.get('owner', '')}&wbfileid={query.get('wbfileid', '')}"
            )
        if request.path == "/content.jsp":
            names = ("wbtreeid", "wbnewsid")
            return "?urltype=news.NewsContentUrl&" + "&".join(f"{name}={query.get(name, '')}" for name in names)
        return ""

    def file_answer(self, request: Request, view: View, shown: Shown) -> Answer:
        """The file, or a captcha with status 200 for who comes without a Referer."""
        if "captcha-always" in self._variant or not request.headers.get("referer"):
            return html(_CAPTCHA)
        return super().file_answer(request, view, shown)

    def list_answer(self, request: Request, view: View) -> Answer | None:
        """List pages."""
        column = self.column_path(view)
        pages = self._pages(view)
        if request.path == column:
            return self._page(view, 1)
        folder = column[: -len(".htm")] + "/"
        if request.path.startswith(folder) and request.path.endswith(".htm"):
            name = request.path[len(folder) : -len(".htm")]
            # The newest page is the column itself; of the older ones the highest number comes next.
            return self._page(view, pages - int(name) + 1) if name.isdigit() and 0 < int(name) < pages else None
        if request.path == "/list.jsp" and request.query.get("wbtreeid") == str(self._tree):
            number = request.query.get("PAGENUM", "1")
            return self._page(view, int(number)) if number.isdigit() and 0 < int(number) <= pages else None
        return None

    def article_context(self, view: View, shown: Shown) -> dict[str, Any]:
        """Adds what the counters and the download link print."""
        return super().article_context(view, shown) | {
            "owner": self._owner,
            "tree": self._tree,
            "downloads": view.hits * 3 + 146,
            "file_number": 16_730_000 + shown.publication.serial % 10_000,
        }

    @property
    def _variant(self) -> frozenset[str]:
        return self.portal.traits.variant

    @property
    def _tree(self) -> int:
        return 1000 + int(stable_hex(self.portal.id)[:2], 16)

    @property
    def _owner(self) -> int:
        return 1_744_900_000 + len(self.portal.id)

    def _pages(self, view: View) -> int:
        return max(1, -(-len(view.state.listed()) // self.portal.traits.page_size))

    def _page(self, view: View, number: int) -> Answer:
        pages = self._pages(view)
        size = self.portal.traits.page_size
        rows: list[Row] = self.rows(view)[(number - 1) * size : number * size]
        links = [(step, self._address(view, step, pages)) for step in range(1, pages + 1)]
        return self.page(
            view, "vsb/column.html", title="政府信息公开年报", rows=rows, links=links, number=number, tree=self._tree
        )

    def _address(self, view: View, step: int, pages: int) -> str:
        if "dynamic" in self._variant:
            return f"/list.jsp?urltype=tree.TreeTempUrl&wbtreeid={self._tree}&PAGENUM={step}&totalpage={pages}"
        column = self.column_path(view)
        return column if step == 1 else f"{column[: -len('.htm')]}/{pages - step + 1}.htm"
