"""Script shells whose content comes from an interface: Epoint, the `front/api` system, Fengxian, Jiangxi (field guide §8)."""

from __future__ import annotations

import json
from typing import Any

from crawler.replica.families.base import Row, Site, View, stable_hex
from crawler.replica.http import Answer, Request, text
from crawler.replica.world import WITH_FILE, Carrier, Publication, Shown


class _Shell(Site):
    """Lists and articles are shells; subclasses answer the interface."""

    counters = ("/frontapi/visit", "/rest/visit/", "/front/api/stat")

    def article_answer(self, request: Request, view: View, shown: Shown) -> Answer:
        """The shell: no title, no body."""
        return self.page(view, f"shells/{self.family}_article.html", **self._shell_context(view, shown.publication))

    def _shell_context(self, view: View, publication: Publication) -> dict[str, Any]:
        return {"title": view.portal.name, "publication": publication, "identifier": self.identifier(publication)}

    def identifier(self, publication: Publication) -> str:
        """What the interface wants to know a publication by."""
        return str(publication.serial)

    def _found(self, view: View, identifier: str) -> Shown | None:
        for shown in view.state.shown.values():
            if self.identifier(shown.publication) == identifier and not shown.withdrawn:
                return shown
        return None

    def file_path(self, view: View, publication: Publication) -> str:
        """Under an upload folder."""
        return f"/upload/{publication.address_date:%Y%m}/{stable_hex(publication.key)}.{WITH_FILE[publication.carrier]}"

    def content(self, view: View, shown: Shown) -> str:
        """The body with the link to the file."""
        body = self.body(shown)
        if shown.publication.carrier in WITH_FILE:
            body += (
                f'<p>附件：<a href="{self.file_path(view, shown.publication)}">{shown.publication.title}.pdf</a></p>'
            )
        return body


class Epoint(_Shell):
    """Epoint WebBuilder: `showinfo.html?infoGuid=…` and a posted `params`. A report in a file is answered as `infotype` pdf, without text."""

    family = "epoint"

    def column_path(self, view: View) -> str:
        """`/<folder>/secondpage.html`, a static list."""
        return f"/{self.portal.column}{view.state.column_suffix}/secondpage.html"

    def identifier(self, publication: Publication) -> str:
        """A UUID."""
        digest = stable_hex(f"{self.portal.id}/{publication.key}")
        return "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:]))

    def article_path(self, view: View, publication: Publication) -> str:
        """The shell's address; the UUID is in the query."""
        return f"/{self.portal.column}/showinfo.html?infoGuid={self.identifier(publication)}"

    def _route_query(self, request: Request) -> str:
        guid = request.query.get("infoGuid")
        return f"?infoGuid={guid}" if guid else ""

    def _shell_context(self, view: View, publication: Publication) -> dict[str, Any]:
        return super()._shell_context(view, publication) | {"site_guid": self._site_guid, "project": self._project}

    @property
    def _site_guid(self) -> str:
        return stable_hex(self.portal.id)

    @property
    def _project(self) -> str:
        return f"/{self.portal.id.replace('-', '')}zwgk"

    def list_answer(self, request: Request, view: View) -> Answer | None:
        """The list and the detail interface."""
        column = self.column_path(view)
        size = self.portal.traits.page_size
        rows = self.rows(view)
        pages = max(1, -(-len(rows) // size))
        folder = column.rpartition("/")[0]
        for number in range(1, pages + 1):
            if request.path == (column if number == 1 else f"{folder}/{number}.html"):
                chosen = rows[(number - 1) * size : number * size]
                following = f"{folder}/{number + 1}.html" if number < pages else ""
                return self.page(
                    view, "shells/epoint_list.html", title="政府信息公开年报", rows=chosen, following=following
                )
        if request.path == f"{self._project}/rest/lightfrontaction/getGovInfoDetail":
            return self._detail(request, view)
        return None

    def _detail(self, request: Request, view: View) -> Answer:
        try:
            wanted = json.loads(request.form.get("params", ""))
        except ValueError:
            wanted = {}
        shown = self._found(view, str(wanted.get("infoGuid", "")))
        if request.method != "POST" or shown is None:
            return _json({"custom": {"status": "false", "data": {}}})
        publication = shown.publication
        data: dict[str, Any] = {
            "title": publication.title,
            "infodate": publication.printed_on.isoformat(),
            "infotype": "html",
            "infocontent": self.body(shown),
            "pdflist": [],
        }
        if publication.carrier in WITH_FILE:
            file = {
                "attachname": f"{publication.title}.pdf",
                "attachtype": "pdf",
                "attachurl": self.file_path(view, publication),
            }
            data |= {"infotype": "pdf", "pdflist": [file]}
            if publication.carrier in (Carrier.PDF, Carrier.VIEWER):
                data["infocontent"] = ""
        return _json({"custom": {"status": "true", "data": data}})


class FrontApi(_Shell):
    """The `front/api` system: lists by posted JSON, past the end everything is 0."""

    family = "front-api"

    def column_path(self, view: View) -> str:
        """A shell that names its channel."""
        return f"/{self.portal.column}{view.state.column_suffix}/index.html"

    def article_path(self, view: View, publication: Publication) -> str:
        """Pages are static here."""
        return f"/{self.portal.column}/{publication.address_date:%Y%m%d}/{publication.serial}.html"

    def article_answer(self, request: Request, view: View, shown: Shown) -> Answer:
        """A static page."""
        return self.page(view, "shells/static_article.html", **self.article_context(view, shown))

    def list_answer(self, request: Request, view: View) -> Answer | None:
        """The shell and the list interface."""
        if request.path == self.column_path(view):
            size = self.portal.traits.page_size
            return self.page(view, "shells/front-api_list.html", title="政府信息公开年报", channel="3", size=size)
        if request.path == "/front/api/data/affair":
            return self._affair(request, view)
        return None

    def _affair(self, request: Request, view: View) -> Answer:
        try:
            wanted = json.loads(request.body or b"{}")
        except ValueError:
            wanted = {}
        if request.method != "POST" or wanted.get("channelList") != ["3"]:
            return _json({"data": {"list": [], "pageNo": 0, "totalPage": 0, "totalCount": 0}})
        size = min(int(wanted.get("pageSize", 15)), self.portal.traits.page_size)
        page = int(wanted.get("pageNo", 1))
        rows = self.rows(view)
        pages = -(-len(rows) // size)
        chosen = rows[(page - 1) * size : page * size]
        if not chosen:
            return _json({"data": {"list": [], "pageNo": 0, "totalPage": 0, "totalCount": 0}})
        listed = [
            {
                "id": row.publication.serial,
                "title": row.title,
                "url": row.href,
                "display_date": row.date,
                "channel_id": 3,
                "doc_flag": 1,
            }
            for row in chosen
        ]
        return _json({"data": {"list": listed, "pageNo": page, "totalPage": pages, "totalCount": len(rows)}})


class Fengxian(_Shell):
    """Fengxian: a single-page application; the body by `POST /html/info/detail`."""

    family = "fengxian"

    def column_path(self, view: View) -> str:
        """`/col/<folder>/`, a static list."""
        return f"/col/{self.portal.column}{view.state.column_suffix}/"

    def identifier(self, publication: Publication) -> str:
        """`i<yyyymmdd>-<serial>`."""
        return f"i{publication.address_date:%Y%m%d}-{publication.serial}"

    def article_path(self, view: View, publication: Publication) -> str:
        """`/art/info/<column>/<id>`."""
        return f"/art/info/{self.portal.column}/{self.identifier(publication)}"

    def list_answer(self, request: Request, view: View) -> Answer | None:
        """The list and the detail interface."""
        if request.path == self.column_path(view):
            return self.page(
                view, "shells/epoint_list.html", title="政府信息公开年报", rows=self.rows(view), following=""
            )
        if request.path == "/html/info/detail":
            shown = self._found(view, request.form.get("id", "")) if request.method == "POST" else None
            if shown is None:
                return _json({"success": False, "data": None})
            data = {
                "title": shown.publication.title,
                "dept": shown.publication.source,
                "pubDate": shown.publication.printed_on.isoformat(),
                "body": self.content(view, shown),
            }
            return _json({"success": True, "data": data})
        return None


class Jiangxi(_Shell):
    """Jiangxi: `POST /queryList`; a GET is 404."""

    family = "jiangxi"

    def column_path(self, view: View) -> str:
        """`/<site>/col/<code>/list.shtml`."""
        return f"/{self._site}/{self.portal.column}{view.state.column_suffix}/list.shtml"

    def article_path(self, view: View, publication: Publication) -> str:
        """`/<site>/col/<code>/content/content_<id>.html`."""
        return f"/{self._site}/col/{self.portal.column}/content/content_{publication.serial}.html"

    def article_answer(self, request: Request, view: View, shown: Shown) -> Answer:
        """A static page."""
        return self.page(view, "shells/static_article.html", **self.article_context(view, shown))

    @property
    def _site(self) -> str:
        return self.portal.id.replace("-", "")

    def list_answer(self, request: Request, view: View) -> Answer | None:
        """The shell and the list interface."""
        channel = stable_hex(f"{self.portal.id}/{view.state.column_suffix}/channel")
        if request.path == self.column_path(view):
            return self.page(
                view,
                "shells/jiangxi_list.html",
                title="政府信息公开年报",
                code=self.portal.column,
                size=self.portal.traits.page_size,
                channel=channel,
                website=stable_hex(self.portal.id),
                site_name=self._site,
            )
        if request.path == "/queryList":
            return self._query(request, view, channel)
        return None

    def _query(self, request: Request, view: View, channel: str) -> Answer:
        if request.method != "POST":
            return self.not_found(view)
        form = request.form
        rows: list[Row] = self.rows(view) if form.get("channelId") == channel else []
        size = int(form["pageSize"]) if form.get("pageSize", "").isdigit() else self.portal.traits.page_size
        page = int(form["pageNo"]) if form.get("pageNo", "").isdigit() else 1
        results = [
            {
                "source": {
                    "id": row.publication.serial,
                    "title": row.title,
                    "pubDate": f"{row.date} 09:00:00",
                    "urls": json.dumps({"common": row.href}),
                    "content": {"content": row.title},
                }
            }
            for row in rows[(page - 1) * size : page * size]
        ]
        return _json({"code": "200", "data": {"total": len(rows), "results": results}})


def _json(document: dict[str, Any]) -> Answer:
    return text(json.dumps(document, ensure_ascii=False), "application/json")
