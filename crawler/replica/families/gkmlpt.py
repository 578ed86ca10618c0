"""Guangdong gkmlpt, the disclosure directory with a base of its own for each unit, and NFCMS pages beside it (field guide §4).

Variants: `page-two-404` (the second page of the interface is always 404 although the count says more), `script-body` (the article's body stands in
the script's string alone), `nfcms` (the same posts under their second address, linked from an ordinary
list), `honest-count` (the count is what the interface gives; without it, it promises more, as seen).
"""

from __future__ import annotations

import json
from datetime import datetime, time
from typing import Any

from archive.clock import SHANGHAI
from crawler.replica.families.base import Site, View, stable_hex
from crawler.replica.http import Answer, Request, text
from crawler.replica.world import WITH_FILE, Agency, Publication, Shown

_SHORT_OF = 5  # how many posts the count promises beyond what the interface gives
_MILLION, _THOUSAND = 1_000_000, 1_000


class Gkmlpt(Site):
    """A Guangdong host. Agencies are distinguished by their `path`; the first one without a path lives at the root."""

    family = "gkmlpt"
    counters = ("/visit/post", "/statistics/")

    def start_paths(self, view: View) -> list[str]:
        """The annual-report tab of each unit, a fixed route."""
        return [
            f"{_base(agency)}/gkmlpt/annualreport{view.state.column_suffix}#{self._category(agency)}"
            for agency in self.portal.agencies
        ]

    def column_path(self, view: View) -> str:
        """The tab of the first unit."""
        return self.start_paths(view)[0]

    def article_path(self, view: View, publication: Publication) -> str:
        """`/gkmlpt/content/<id ÷ 10⁶>/<id ÷ 10³>/post_<id>.html` under the unit's base."""
        serial = publication.serial
        folder = f"{serial // _MILLION}/{serial // _THOUSAND}"
        return f"{_base(self._owner(publication))}/gkmlpt/content/{folder}/post_{serial}.html"

    def post_path(self, publication: Publication) -> str:
        """The post's second address, in the news system."""
        return f"{_base(self._owner(publication))}/content/post_{publication.serial}.html"

    def file_path(self, view: View, publication: Publication) -> str:
        """`/attachment/<fid ÷ 10⁶>/<fid ÷ 10³>/<fid>/<post id>.<ext>`."""
        number = self._file_number(publication)
        kind = WITH_FILE[publication.carrier]
        return f"/attachment/{number // _MILLION}/{number // _THOUSAND}/{number}/{publication.serial}.{kind}"

    def list_answer(self, request: Request, view: View) -> Answer | None:
        """The shells of the tabs, the interface, and the second addresses of posts."""
        for agency in self.portal.agencies:
            base = _base(agency)
            if not request.path.startswith(f"{base}/"):
                continue
            rest = request.path[len(base) :]
            tabs = (
                "/gkmlpt/index",
                "/gkmlpt/policy",
                "/gkmlpt/guide",
                f"/gkmlpt/annualreport{view.state.column_suffix}",
            )
            if rest in tabs:
                return self._shell(view, agency, rest)
            if rest.startswith("/gkmlpt/api/all/"):
                return self._interface(request, view, agency, rest.rpartition("/")[2])
            if rest == "/zfxxgk/zfxxgknb/index.html" and "nfcms" in self.portal.traits.variant:
                return self._news_list(view, agency)
        return self._post(request, view)

    def _post(self, request: Request, view: View) -> Answer | None:
        for shown in view.state.shown.values():
            if request.path == self.post_path(shown.publication):
                if shown.withdrawn:
                    return self.gone(view, shown, is_file=False)
                return self.page(view, "gkmlpt/post.html", **self.article_context(view, shown))
        return None

    def article_context(self, view: View, shown: Shown) -> dict[str, Any]:
        """Adds the unit, and the body as the script's escaped string."""
        context = super().article_context(view, shown)
        publication = shown.publication
        owner = self._owner(publication)
        body = str(context["body"])
        if publication.carrier in WITH_FILE:
            number = self._file_number(publication)
            body += (
                f'\n<p><a class="nfw-cms-attachment" attachment-id="{number}" href="{view.base}{context["file"]}" '
                f'alt="{context["file_title"]}">{context["file_title"]}</a></p>'
            )
        detail = {
            "id": publication.serial,
            "title": publication.title,
            "content": body,
            "publisher": publication.source,
        }
        return context | {
            "full_body": body,
            "detail": _script_json(detail),
            "sid": self._sid(owner),
            "script_body": "script-body" in self.portal.traits.variant,
        }

    @property
    def _short_of(self) -> int:
        return 0 if "honest-count" in self.portal.traits.variant else _SHORT_OF

    def _owner(self, publication: Publication) -> Agency:
        return self.unit(publication.agency) or self.portal.agencies[0]

    def _sid(self, agency: Agency) -> str:
        return str(755001 + self.portal.agencies.index(agency))

    def _category(self, agency: Agency) -> int:
        return 2629 + self.portal.agencies.index(agency)

    def _file_number(self, publication: Publication) -> int:
        return 306_000 + publication.serial % 100_000

    def _entries(self, view: View, agency: Agency) -> list[Shown]:
        return [shown for shown in view.state.listed() if self._owner(shown.publication) == agency]

    def _shell(self, view: View, agency: Agency, route: str) -> Answer:
        category = self._category(agency)
        count = len(self._entries(view, agency)) + self._short_of
        tree = [
            {"id": category + 1000, "name": "机构职能", "parent": 0, "post_count": 3, "jump_url": "", "children": []},
            {
                "id": category,
                "name": "政府信息公开年报",
                "parent": 0,
                "post_count": count,
                "jump_url": "",
                "children": [],
            },
            {
                "id": category + 2000,
                "name": "政府网站工作年度报表",
                "parent": 0,
                "post_count": 1,
                "jump_url": f"{view.base}/wzndbb/",
                "children": [],
            },
        ]
        return self.page(
            view,
            "gkmlpt/shell.html",
            title=f"{agency.name}政府信息公开",
            route=route,
            agency=agency,
            base=_base(agency),
            units=[(f"{_base(other)}/gkmlpt/index", other.name) for other in self.portal.agencies if other != agency],
            category=category,
            sid=self._sid(agency),
            tree=json.dumps(tree, ensure_ascii=False),
        )

    def _interface(self, request: Request, view: View, agency: Agency, category: str) -> Answer:
        """Pages 0 and 1 are the same; the count promises more than there is."""
        query = request.query
        if query.get("sid") != self._sid(agency):
            return text('{"message":"sid error"}', "application/json", status=404)
        entries = self._entries(view, agency) if category in ("0", str(self._category(agency))) else []
        size = self.portal.traits.page_size
        page = max(1, int(query["page"]) if query.get("page", "").isdigit() else 1)
        if page > 1 and "page-two-404" in self.portal.traits.variant:
            return text('{"message":"Not Found"}', "application/json", status=404)
        number = int(category) if category.isdigit() else 0
        document = {
            "classify": {
                "id": number,
                "name": "政府信息公开年报",
                "parent": 0,
                "post_count": len(entries) + self._short_of,
                "theme_count": 0,
            },
            "total": len(entries) + self._short_of,
            "articles": [
                self._article(view, shown.publication, number) for shown in entries[(page - 1) * size : page * size]
            ],
        }
        return text(json.dumps(document, ensure_ascii=False), "application/json")

    def _article(self, view: View, publication: Publication, category: int) -> dict[str, Any]:
        moment = int(datetime.combine(publication.printed_on, time(10, 30), SHANGHAI).timestamp())
        attachment = []
        if publication.carrier in WITH_FILE:
            kind = WITH_FILE[publication.carrier]
            attachment.append(
                {
                    "id": self._file_number(publication),
                    "name": f"{publication.title}.{kind}",
                    "type": kind,
                    "mime": f"application/{kind}",
                    "size": "266240",
                    "url": view.base + self.file_path(view, publication),
                }
            )
        return {
            "id": publication.serial,
            "title": publication.title,
            "document_number": "",
            "identifier": f"11440000{stable_hex(publication.source)[:10].upper()}/{publication.printed_on.year}-00012",
            "publisher": publication.source,
            "keywords": "",
            "abstract": "",
            "date": moment - 86400,
            "created_at": f"{publication.printed_on.isoformat()} 10:30:00",
            "create_time": moment,
            "first_publish_time": moment,
            "display_publish_time": moment,
            "classify_main": category,
            "classify_main_name": "政府信息公开年报",
            "classify_genre_name": "",
            "classify_theme_name": "",
            "is_expired": 0,
            "is_abolished": 0,
            "relation": "[]",
            "url": view.base + self.article_path(view, publication),
            "post_url": view.base + self.post_path(publication),
            "attachment": attachment,
        }

    def _news_list(self, view: View, agency: Agency) -> Answer:
        rows = self.rows(view, self._entries(view, agency))
        links = [(self.post_path(row.publication), row) for row in rows]
        return self.page(view, "gkmlpt/news.html", title="政府信息公开年报", links=links)


def _base(agency: Agency) -> str:
    return f"/{agency.path}" if agency.path else ""


def _script_json(document: dict[str, Any]) -> str:
    """JSON inside a script: `<`, `>`, `&` and quotes as `\\u003C` and so on, as the platform prints them."""
    plain = json.dumps(document, ensure_ascii=False)
    for char, escape in (("<", "\\u003C"), (">", "\\u003E"), ("&", "\\u0026"), ('\\"', "\\u0022")):
        plain = plain.replace(char, escape)
    return plain
