"""Hanweb jcms: rows as XML in a script element, further groups from `dataproxy.jsp`; the 信息公开 module (field guide §2).

Variants: `xxgk` (the column's rows come from `POST /module/xxgk/search.jsp` alone), `old-proxy` (the path before 2021), `two-stores` (desktop
and mobile copies), `empty-answer` (further groups answer an empty data store of 54 bytes), `table-rows` (records are table rows with split dates).
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from crawler.replica.families.base import Row, Site, View, cut, environment, stable_hex
from crawler.replica.http import Answer, Request, binary, html, text
from crawler.replica.world import WITH_FILE, Publication, Shown

#: Groups hold three pages of the browser's pager (field guide §2.2).
_GROUP = 3
_EMPTY = "<datastore>\r\n<recordset>\r\n</recordset>\r\n</datastore>\r\n"


class Jcms(Site):
    """A jcms site. The portal's `column` is the column's number."""

    family = "jcms"
    counters = ("/module/visitcount/", "/vc/vc/interface/visit.jsp", "/jact/")

    def column_path(self, view: View) -> str:
        """`/col/col<digits>/index.html`; a moved column has another number."""
        query = "?number=10" if "xxgk" in self._variant else ""
        return f"/col/col{self._column(view)}/index.html{query}"

    def article_path(self, view: View, publication: Publication) -> str:
        """`/art/Y/M/D/art_<column>_<article>.html`, month and day not padded."""
        day = publication.address_date
        return f"/art/{day.year}/{day.month}/{day.day}/art_{self.portal.column}_{publication.serial}.html"

    def file_path(self, view: View, publication: Publication) -> str:
        """`downfile.jsp` with a name of 32 hexadecimal digits; the name is the address."""
        kind = WITH_FILE[publication.carrier]
        name = f"{stable_hex(f'{self.portal.id}/{publication.key}')}.{kind}"
        return f"/module/download/downfile.jsp?classid=0&filename={name}"

    def _route_query(self, request: Request) -> str:
        name = request.query.get("filename")
        return f"?classid=0&filename={name}" if name else ""

    def file_answer(self, request: Request, view: View, shown: Shown) -> Answer:
        """The file as `application/octet-stream`: its type is in its first bytes."""
        plain = super().file_answer(request, view, shown)
        name = quote(f"{shown.publication.title}.{WITH_FILE[shown.publication.carrier]}")
        return binary(plain.body, "application/octet-stream").with_headers(
            ("Content-Disposition", f"attachment; filename={name}")
        )

    def list_answer(self, request: Request, view: View) -> Answer | None:
        """Column page, data proxy and the 信息公开 module."""
        if request.path == f"/col/col{self._column(view)}/index.html":
            return self._xxgk_column(view) if "xxgk" in self._variant else self._column_page(view)
        if request.path == self._proxy:
            return self._group(request, view)
        if request.path in ("/module/xxgk/search.jsp", "/module/xxgk/search_custom.jsp") and "xxgk" in self._variant:
            return self._search(request, view)
        return None

    def article_context(self, view: View, shown: Shown) -> dict[str, Any]:
        """Adds the numbers that the counters want."""
        return super().article_context(view, shown) | {"webid": self._webid, "column": self._column(view)}

    @property
    def _variant(self) -> frozenset[str]:
        return self.portal.traits.variant

    @property
    def _webid(self) -> int:
        return 80 + len(self.portal.id)

    @property
    def _proxy(self) -> str:
        return "/module/jpage/dataproxy.jsp" if "old-proxy" in self._variant else "/module/web/jpage/dataproxy.jsp"

    def _column(self, view: View) -> str:
        suffix = view.state.column_suffix
        return suffix or self.portal.column

    def _unit(self, view: View) -> str:
        return str(4_000_000 + int(self._column(view)) % 1_000_000)

    def _column_page(self, view: View) -> Answer:
        rows = self.rows(view)
        group = _GROUP * view.portal.traits.page_size
        unit = self._unit(view)
        stores = [{"unit": unit, "xml": self._store(view, unit, rows[:group], 1 if len(rows) > group else None)}]
        if "two-stores" in self._variant:
            mobile = str(int(unit) + 1)
            stores.append(
                {"unit": mobile, "xml": self._store(view, mobile, rows[:group], 1 if len(rows) > group else None)}
            )
        return self.page(
            view,
            "jcms/column.html",
            title="政府信息公开年报",
            stores=stores,
            proxy=self._proxy,
            webid=self._webid,
            column=self._column(view),
            webname=quote(self.portal.name),
            per_page=view.portal.traits.page_size,
            total=len(rows),
        )

    def _store(self, view: View, unit: str, rows: list[Row], next_page: int | None) -> str:
        """The first group, as it stands in the column page: the link to the next one is whole, `webname` encoded twice."""
        link = ""
        if next_page is not None:
            query = (
                f"page={next_page}&appid=1&appid=1&webid={self._webid}&path=/&columnid={self._column(view)}&unitid={unit}"
                f"&webname={quote(quote(self.portal.name))}&permissiontype=0"
            )
            link = f'<nextgroup><![CDATA[<a href="{self._proxy}?{query}"></a>]]></nextgroup>\n'
        return f"<datastore>\n{link}<recordset>\n{self._records(rows)}\n</recordset></datastore>"

    def _records(self, rows: list[Row]) -> str:
        render = self._table_record if "table-rows" in self._variant else self._list_record
        return "\n".join(f"<record><![CDATA[\n{render(row)}]]></record>" for row in rows)

    @staticmethod
    def _list_record(row: Row) -> str:
        return (
            f'<li class="clearfix"><a target="_blank" href="{row.href}" title="{row.title}">{row.text}</a>'
            f"<b>{row.date}</b></li>"
        )

    @staticmethod
    def _table_record(row: Row) -> str:
        year, month, day = row.date.split("-")
        return (
            f"<tr><td width='20'>·</td><td><a href='{row.href}' title='{row.title}' target='_blank'>{row.text}</a></td>"
            f"<td>{year}-\n{month}-\n{day}</td></tr>"
        )

    def _group(self, request: Request, view: View) -> Answer:
        """A group: by record numbers when posted, else by the number of the group counted from 0."""
        values = request.values
        unit = self._unit(view)
        if values.get("unitid") not in (unit, str(int(unit) + 1)) or values.get("columnid") != self._column(view):
            return text(_EMPTY, "text/xml")
        if "empty-answer" in self._variant:
            return text(_EMPTY, "text/xml")
        rows = self.rows(view)
        size = view.portal.traits.page_size
        pages = -(-len(rows) // size)
        if "startrecord" in values:
            start, end = _number(values["startrecord"], 1), _number(values.get("endrecord", ""), len(rows))
            return text(self._answer(rows[start - 1 : end], len(rows), pages, ""), "text/xml")
        page = _number(values.get("page", ""), 0)
        group = _GROUP * size
        chosen = rows[page * group : (page + 1) * group]
        link = ""
        if (page + 1) * group < len(rows):
            query = urlencode(
                {"page": page + 1, "path": "/", "columnid": self._column(view), "unitid": values["unitid"]}
            )
            link = (
                f'<nextgroup><![CDATA[<a href="./dataproxy.jsp?{query}&webname={quote(quote(self.portal.name))}"></a>]]>'
                "</nextgroup>"
            )
        return text(self._answer(chosen, len(rows), pages, link), "text/xml")

    def _answer(self, rows: list[Row], total: int, pages: int, link: str) -> str:
        return (
            f"<datastore><totalrecord>{total}</totalrecord><totalpage>{pages}</totalpage>\n{link}"
            f"<recordset>{self._records(rows)}</recordset></datastore>"
        )

    def _areas(self) -> list[str]:
        return [agency.path or stable_hex(agency.name)[:18].upper() for agency in self.portal.agencies]

    def _xxgk_column(self, view: View) -> Answer:
        return self.page(
            view,
            "jcms/xxgk.html",
            title="政府信息公开年报",
            divid=f"div{self._column(view)}",
            area=",".join(self._areas()),
            infotype="A0202",
            webid=self._webid,
        )

    def _search(self, request: Request, view: View) -> Answer:
        if request.method != "POST":
            return html("", status=405)
        values = request.values
        wanted = {area for area in values.get("area", "").split(",") if area}
        by_area = dict(zip(self._areas(), self.portal.agencies, strict=True))
        names = {by_area[area].name for area in wanted if area in by_area}
        rows = [row for row in self.rows(view) if row.publication.agency in names or not row.publication.agency]
        size = view.portal.traits.page_size
        pages = -(-len(rows) // size)
        page = _number(values.get("currpage", ""), 1)
        chosen = [
            Row(row.href, row.title, cut(row.title, 30), row.date, row.publication)
            for row in rows[(page - 1) * size : page * size]
        ]
        fragment = environment().get_template("jcms/xxgk_rows.html").render(rows=chosen, pages=pages)
        return text(fragment, "text/html")


def _number(value: str, default: int) -> int:
    return int(value) if value.isdigit() else default
