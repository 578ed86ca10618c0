"""UCAP 开普: JSON lists by channel, or static pages counted from 1 (field guide §5).

Variants: `static` (`list_2.shtml` and a script instead of JSON), `deeper` (`POST /getFileListByCodeId`, payload one level deeper), `host-links` (addresses
begin with `//host`), `dated-path` (`/c/2024-01-30/12345.shtml`), `capped` (the server gives ten rows whatever is asked).
"""

from __future__ import annotations

import json
from datetime import datetime, time, timedelta
from typing import Any

from archive.clock import SHANGHAI
from crawler.replica.families.base import Site, View, stable_hex
from crawler.replica.http import Answer, Request, html, text
from crawler.replica.world import WITH_FILE, Publication, Shown

_CAP = 10


class Ucap(Site):
    """A UCAP site. The portal's `column` is the channel's code, such as `c112289`."""

    family = "ucap"
    counters = ("/common/visit", "/hitcount/")

    def column_path(self, view: View) -> str:
        """`/<site>/<channel code>/list.shtml`."""
        return f"/{self._site}/{self.portal.column}{view.state.column_suffix}/list.shtml"

    def article_path(self, view: View, publication: Publication) -> str:
        """Under the channel by month, or by date alone."""
        day = publication.address_date
        if "dated-path" in self._variant:
            return f"/c/{day.isoformat()}/{publication.serial}.shtml"
        if publication.serial % 2:
            return f"/{self._site}/{self.portal.column}/c{publication.serial}/content.shtml"
        return f"/{self._site}/{self.portal.column}/{day:%Y%m}/c01_{publication.serial}.shtml"

    def file_path(self, view: View, publication: Publication) -> str:
        """Beside the article, under `files/`."""
        name = stable_hex(f"{self.portal.id}/{publication.key}/file")
        day = publication.address_date
        return f"/{self._site}/{self.portal.column}/{day:%Y%m}/{publication.serial}/files/{name}.{WITH_FILE[publication.carrier]}"

    def list_answer(self, request: Request, view: View) -> Answer | None:
        """Column pages and the search interface."""
        column = self.column_path(view)
        if request.path == column:
            return self._column(view, 1)
        if "static" in self._variant and request.path.startswith(column[: -len(".shtml")] + "_"):
            number = request.path[len(column) - len("shtml") : -len(".shtml")]
            return self._column(view, int(number)) if number.isdigit() else None
        channel = self._channel(view)
        if request.path in (f"/common/search/{channel}", f"/searchList/{channel}", f"/search/{channel}"):
            return self._search(request.query, view)
        if request.path == "/getFileListByCodeId" and "deeper" in self._variant:
            return self._deeper(request, view)
        return None

    @property
    def _variant(self) -> frozenset[str]:
        return self.portal.traits.variant

    @property
    def _site(self) -> str:
        return self.portal.id.replace("-", "")

    def _channel(self, view: View) -> str:
        return stable_hex(f"{self.portal.id}/{view.state.column_suffix}/channel")

    def _column(self, view: View, number: int) -> Answer | None:
        size = self.portal.traits.page_size
        rows = self.rows(view)
        pages = max(1, -(-len(rows) // size))
        if number > pages:
            return None
        is_static = "static" in self._variant
        return self.page(
            view,
            "ucap/column.html",
            title="政府信息公开年报",
            rows=rows[(number - 1) * size : number * size] if is_static else [],
            pager=f"createPageHTML('page_div', {pages}, {number}, 'list', 'shtml', {len(rows)});" if is_static else "",
            channel=self._channel(view),
            code=self.portal.column,
            size=size,
            mode="static" if is_static else "deeper" if "deeper" in self._variant else "json",
        )

    def _results(self, view: View, page: int, size: int) -> dict[str, Any]:
        entries = view.state.listed()
        chosen = entries[(page - 1) * size : page * size]
        return {
            "page": page,
            "rows": size,
            "total": len(entries),
            "channelId": self._channel(view),
            "results": [self._result(view, shown) for shown in chosen],
        }

    def _search(self, query: dict[str, str], view: View) -> Answer:
        if query.get("_isJson") != "true":
            return html("<html><body>请使用站内检索</body></html>")
        size = _number(query.get("_pageSize", ""), self.portal.traits.page_size)
        if "capped" in self._variant:
            size = min(size, _CAP)
        return _json({"data": self._results(view, _number(query.get("page", ""), 1), size)})

    def _deeper(self, request: Request, view: View) -> Answer:
        values = request.values
        if request.method != "POST" or values.get("channelId") != self._channel(view):
            return _json({"results": {"data": {"total": 0, "results": []}}})
        size = _number(values.get("size", ""), self.portal.traits.page_size)
        return _json({"code": 200, "results": {"data": self._results(view, _number(values.get("page", ""), 1), size)}})

    def _result(self, view: View, shown: Shown) -> dict[str, Any]:
        """One row. The epoch is a day off; the text beside it is right. Missing values are the word `null`."""
        publication = shown.publication
        moment = datetime.combine(publication.printed_on, time(9), SHANGHAI)
        url = self.article_path(view, publication)
        if "host-links" in self._variant:
            url = f"//{view.base.partition('//')[2]}{url}"
        return {
            "manuscriptId": str(publication.serial),
            "title": publication.title.replace("信息公开", "<em>信息公开</em>"),
            "subTitle": "null",
            "url": url,
            "publishedTime": int((moment - timedelta(days=1)).timestamp() * 1000),
            "publishedTimeStr": f"{publication.printed_on.isoformat()} 09:00:00",
            "channelName": "政府信息公开年报",
            "content": publication.title,
            "contentHtml": "",
            "memo": "undefined",
            "domainMetaList": [
                {
                    "domainMetadataName": "信息公开",
                    "resultList": [
                        {"name": "索引号", "key": "indexnumber", "value": f"000014349/{publication.serial}"},
                        {"name": "来源", "key": "source", "value": publication.source},
                    ],
                }
            ],
        }


def _number(value: str, default: int) -> int:
    return int(value) if value.isdigit() and int(value) > 0 else default


def _json(document: dict[str, Any]) -> Answer:
    return text(json.dumps(document, ensure_ascii=False), "application/json")
