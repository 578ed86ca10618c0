"""Hanweb JPaaS: the list comes as HTML inside JSON from a gateway (field guide §3).

Variants: `repeat-pages` (the page parameter is ignored), `browser-only` (403 without a Referer), `pinyin` (column and articles under pinyin paths).
"""

from __future__ import annotations

import json
from typing import Any

from crawler.replica.families.base import Site, View, environment, stable_hex
from crawler.replica.http import Answer, Request, html, text
from crawler.replica.world import WITH_FILE, Publication, Shown

_GATEWAY = "/api-gateway/jpaas-publish-server/front/page/build/unit"
_LIST_TAG = "信息列表"
_VIEWER = "/cms_files/demo/pdfjs/web/viewer.html"


class Jpaas(Site):
    """A JPaaS site. The portal's `column` is the column's number."""

    family = "jpaas"
    counters = ("/vc/vc/interface/visit.jsp", "/module/visitcount/")

    def column_path(self, view: View) -> str:
        """`/col/col<digits>/index.html`, or a pinyin path."""
        if "pinyin" in self._variant:
            return f"/zwgk/zfxxgknb{view.state.column_suffix}/index.html"
        return f"/col/col{self._column(view)}/index.html"

    def article_path(self, view: View, publication: Publication) -> str:
        """New articles have 32 hexadecimal digits and no day; migrated ones (odd serials) keep the address of jcms."""
        day = publication.address_date
        if publication.serial % 2:
            return f"/art/{day.year}/{day.month}/{day.day}/art_{self.portal.column}_{publication.serial}.html"
        folder = "/zwgk/zfxxgknb" if "pinyin" in self._variant else f"/col/col{self.portal.column}"
        return f"{folder}/art/{day.year}/art_{stable_hex(f'{self.portal.id}/{publication.key}/page')}.html"

    def file_path(self, view: View, publication: Publication) -> str:
        """Folders are year and month without padding."""
        day = publication.address_date
        kind = WITH_FILE[publication.carrier]
        name = stable_hex(f"{self.portal.id}/{publication.key}/file")
        return f"/cms_files/filemanager/{self._site}/attach/{day.year}{day.month}/{name}.{kind}"

    def list_answer(self, request: Request, view: View) -> Answer | None:
        """Column page, the gateway, the PDF viewer."""
        if request.path == self.column_path(view):
            return self.page(
                view,
                "jpaas/column.html",
                title="政府信息公开年报",
                gateway=_GATEWAY,
                webid=self._webid,
                tplset=self._tplset,
                page_id=self._column(view),
                column=self._column(view),
                tag=_LIST_TAG,
            )
        if request.path == _GATEWAY:
            return self._unit(request, view)
        if request.path == _VIEWER:
            return html("<html><head><title>PDF.js viewer</title></head><body><div id='viewer'></div></body></html>")
        return None

    def article_context(self, view: View, shown: Shown) -> dict[str, Any]:
        """Adds the number that the counter wants."""
        return super().article_context(view, shown) | {"webid": self._webid}

    @property
    def _variant(self) -> frozenset[str]:
        return self.portal.traits.variant

    @property
    def _webid(self) -> int:
        return 2900 + len(self.portal.id)

    @property
    def _site(self) -> int:
        return 2900 + int(stable_hex(self.portal.id)[:3], 16)

    @property
    def _tplset(self) -> str:
        return stable_hex(f"{self.portal.id}/tplset")[:21]

    def _column(self, view: View) -> str:
        return view.state.column_suffix or self.portal.column

    def _unit(self, request: Request, view: View) -> Answer:
        if "browser-only" in self._variant and not request.headers.get("referer"):
            return html("<html><head><title>403 Forbidden</title></head><body>403 Forbidden</body></html>", status=403)
        query = request.query
        if query.get("webId") != str(self._webid) or query.get("tplSetId") != self._tplset:
            return _json({"success": False, "message": "参数错误", "code": "500", "data": None})
        tag = query.get("tagId", "")
        if tag != _LIST_TAG:
            fragment = environment().get_template("jpaas/menu.html").render(tag=tag, menus=self.menus(view))
            return _json({"success": True, "message": "", "code": "200", "data": {"html": fragment}})
        try:
            wanted = json.loads(query.get("paramJson") or "{}")
        except ValueError:
            wanted = {}
        page_no = int(wanted.get("pageNo", 1))
        size = min(int(wanted.get("pageSize", view.portal.traits.page_size)), view.portal.traits.page_size)
        if "repeat-pages" in self._variant:
            page_no = 1
        rows = self.rows(view)
        fragment = (
            environment()
            .get_template("jpaas/rows.html")
            .render(
                rows=rows[(page_no - 1) * size : page_no * size],
                tag=_LIST_TAG,
                page_no=page_no,
                page_size=size,
                total=len(rows),
            )
        )
        return _json({"success": True, "message": "", "code": "200", "data": {"html": fragment}})


def _json(document: dict[str, Any]) -> Answer:
    return text(json.dumps(document, ensure_ascii=False), "application/json")
