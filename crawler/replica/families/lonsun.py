"""Lonsun 龙讯 of Anhui: a list fragment for each unit, and one report in several shapes (field guide §6).

Variants: `catalogue` (the reports hang on `type=4&catId=…`), `old-theme` (`.xxgk_navli` blocks), `under-path` (the site lives under `/zwgk`).
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

from crawler.replica.families.base import Row, Site, View, cut, environment, stable_hex
from crawler.replica.http import Answer, Request, html, text
from crawler.replica.world import WITH_FILE, Agency, Publication, Shown

_THEME = "/xxgk/publicInfoList_newest2020"
_NOTHING = "暂无相关信息"
_FIRST_ORGAN = 6_600_001


class Lonsun(Site):
    """An Anhui site; every agency has an organ id and a list of its own."""

    family = "lonsun"
    counters = ("/site/hit/", "/site/label/hit")

    def start_paths(self, view: View) -> list[str]:
        """The report list of each unit."""
        return [self._unit_path(view, agency) for agency in self.portal.agencies]

    def column_path(self, view: View) -> str:
        """The report list of the first unit."""
        return self._unit_path(view, self.portal.agencies[0])

    def article_path(self, view: View, publication: Publication) -> str:
        """`/public/<organ>/<content id>.html`."""
        return f"{self._root}/public/{self._organ(self._owner(publication))}/{publication.serial}.html"

    def file_path(self, view: View, publication: Publication) -> str:
        """A FastDFS path."""
        digest = stable_hex(f"{self.portal.id}/{publication.key}")
        name = f"wKgB{digest[4:24].upper()}"
        return f"/group6/M00/{digest[:2].upper()}/{digest[2:4].upper()}/{name}.{WITH_FILE[publication.carrier]}"

    def list_answer(self, request: Request, view: View) -> Answer | None:
        """Unit pages and the list fragment."""
        for agency in self.portal.agencies:
            if request.path == f"{self._root}/public/column/{self._organ(agency)}":
                return self._unit_page(request, view, agency)
        if request.path == f"{self._root}/site/label/8888":
            return self._fragment(request, view)
        return None

    def article_context(self, view: View, shown: Shown) -> dict[str, Any]:
        """Adds the site's number."""
        return super().article_context(view, shown) | {"site_id": self._site_id}

    @property
    def _variant(self) -> frozenset[str]:
        return self.portal.traits.variant

    @property
    def _root(self) -> str:
        return "/zwgk" if "under-path" in self._variant else ""

    @property
    def _site_id(self) -> int:
        return 6_790_000 + len(self.portal.id)

    def _type(self) -> str:
        return "4" if "catalogue" in self._variant else "3"

    def _category(self, view: View) -> str:
        return (
            f"{int(stable_hex(self.portal.id)[:6], 16)}{view.state.column_suffix}"
            if "catalogue" in self._variant
            else ""
        )

    def _unit_path(self, view: View, agency: Agency) -> str:
        category = self._category(view)
        tail = f"&catId={category}" if category else ""
        return f"{self._root}/public/column/{self._organ(agency)}?type={self._type()}&action=list{tail}"

    def _organ(self, agency: Agency) -> int:
        return _FIRST_ORGAN + self.portal.agencies.index(agency)

    def _owner(self, publication: Publication) -> Agency:
        return self.unit(publication.agency) or self.portal.agencies[0]

    def _unit_page(self, request: Request, view: View, agency: Agency) -> Answer:
        kind = request.query.get("type", "4")
        rows = self._rows(view, agency) if kind == self._type() else []
        size = self.portal.traits.page_size
        return self.page(
            view,
            "lonsun/unit.html",
            title=f"{agency.name}政府信息公开",
            agency=agency,
            organ=self._organ(agency),
            units=[(self._unit_path(view, other), other.name) for other in self.portal.agencies],
            own=self._unit_path(view, agency),
            root=self._root,
            kind=kind,
            category=self._category(view),
            site_id=self._site_id,
            size=size,
            page_count=max(1, -(-len(rows) // size)),
            theme=_THEME,
        )

    def _rows(self, view: View, agency: Agency) -> list[Row]:
        return self.rows(view, [shown for shown in view.state.listed() if self._owner(shown.publication) == agency])

    def _fragment(self, request: Request, view: View) -> Answer:
        """The list as HTML. Without the theme's `file` the system answers with the text for nothing found."""
        values = request.values
        by_organ = {str(self._organ(agency)): agency for agency in self.portal.agencies}
        agency = by_organ.get(values.get("organId", ""))
        nothing = values.get("result") or _NOTHING
        if agency is None or values.get("labelName") != "publicInfoList" or values.get("file") != _THEME:
            return html(nothing)
        if values.get("siteId") != str(self._site_id) or values.get("type") != self._type():
            return html(nothing)
        size = int(values["pageSize"]) if values.get("pageSize", "").isdigit() else self.portal.traits.page_size
        page = int(values["pageIndex"]) if values.get("pageIndex", "").isdigit() else 1
        length = int(values["length"]) if values.get("length", "").isdigit() else 80
        rows = [
            Row(urljoin(view.base, row.href), row.title, cut(row.title, length // 4), row.date, row.publication)
            for row in self._rows(view, agency)[(page - 1) * size : page * size]
        ]
        if not rows:
            return html(nothing)
        template = "lonsun/rows_old.html" if "old-theme" in self._variant else "lonsun/rows.html"
        return text(environment().get_template(template).render(rows=rows), "text/html")
