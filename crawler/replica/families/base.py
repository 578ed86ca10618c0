"""What all families share: home page, menus, noise, articles, files, error pages; a family adds its addresses and its list."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, ClassVar

from jinja2 import Environment, PackageLoader, StrictUndefined

from archive.clock import SHANGHAI
from crawler.replica.documents.docx import write_docx
from crawler.replica.documents.html import page_html, table_html, word_html
from crawler.replica.documents.model import Report
from crawler.replica.documents.pdf import write_pdf
from crawler.replica.http import Answer, Request, binary, html, redirect
from crawler.replica.world import WITH_FILE, Agency, Carrier, Portal, PortalState, Publication, Shown

_BANNERS = (
    "热烈庆祝中国共产党成立100周年",
    "国家反诈中心提醒您谨防电信网络诈骗",
    "全国政府网站普查征求意见中",
    "防汛防台工作专题",
)
_NEWS = (
    "区领导赴基层开展调研活动",
    "关于做好春季安全生产工作的通知",
    "我区召开经济形势分析会",
    "一图读懂惠企政策",
    "便民服务热线开通公告",
    "第七次人口普查工作有序推进",
    "全区植树造林活动启动",
)
_FALSE_FRIENDS = (
    ("政府网站工作年度报表", "zfwzndbb"),
    ("事业单位法人年度报告", "sydwfrnb"),
    ("政府工作报告", "zfgzbg"),
    ("法治政府建设年度报告", "fzzfjs"),
)
_MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "jpg": "image/jpeg",
}
#: The smallest JPEG that decoders accept: one grey pixel.
_PIXEL = bytes.fromhex(
    "ffd8ffdb004300030202020202030202020303030304060404040404080606050609080a0a090809090a0c0f0c0a0b0e0b09090d110d0e0f10"
    "1011100a0c12131210130f101010ffc9000b080001000101011100ffcc000600101005ffda0008010100003f00d2cf20ffd9"
)


@dataclass(frozen=True, slots=True)
class View:
    """A portal at the moment of a request. `hits` rises with every request to the portal: counters and tokens come from it."""

    portal: Portal
    state: PortalState
    base: str
    now: datetime
    hits: int

    @property
    def local_now(self) -> datetime:
        """The wall clock of the portal."""
        return self.now.astimezone(SHANGHAI)

    def token(self, salt: str = "") -> str:
        """32 hexadecimal digits that differ on every request."""
        return stable_hex(f"{self.portal.id}/{self.hits}/{salt}")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a list: `text` is what is printed, perhaps cut; `title` is whole."""

    href: str
    title: str
    text: str
    date: str
    publication: Publication


@cache
def environment() -> Environment:
    """The templates, with markup escaped."""
    loader = PackageLoader("crawler.replica", "data/templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def stable_hex(text: str) -> str:
    """32 hexadecimal digits that depend on the text alone: how these systems name files and pages."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def cut(title: str, length: int = 24) -> str:
    """A title as a list prints it when it is too long for its line."""
    return title if len(title) <= length else title[:length] + "..."


class _Held:
    """A report as a cache key: by identity, because its mapping of figures can't be hashed."""

    def __init__(self, report: Report) -> None:
        self.report = report

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and self.report is other.report

    def __hash__(self) -> int:
        return id(self.report)


@lru_cache(maxsize=512)
def _written(held: _Held, kind: str) -> bytes:
    return write_docx(held.report) if kind == "docx" else write_pdf(held.report)


def report_file(report: Report | None, kind: str) -> bytes:
    """The bytes of a report's file; a picture is always the same one."""
    return _PIXEL if kind == "jpg" or report is None else _written(_Held(report), kind)


class Site:
    """One portal. Subclasses give addresses, list pages and templates; everything is computed from the view.

    Attributes:
        family: The family's name, also the folder of its templates.
        counters: Paths of visit counters and statistics, which a harvester must never request.
    """

    family: ClassVar[str]
    counters: ClassVar[tuple[str, ...]] = ()

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self._routes: tuple[int, dict[str, tuple[str, str]]] = (-1, {})

    # --- addresses: the family's part ---

    def column_path(self, view: View) -> str:
        """Path of the report column."""
        raise NotImplementedError

    def article_path(self, view: View, publication: Publication) -> str:
        """Path of a publication's page."""
        raise NotImplementedError

    def file_path(self, view: View, publication: Publication) -> str:
        """Path of a publication's file."""
        raise NotImplementedError

    def list_answer(self, request: Request, view: View) -> Answer | None:
        """The family's list pages and interfaces; `None` for any other address."""
        raise NotImplementedError

    def start_paths(self, view: View) -> list[str]:
        """Addresses of the report columns, for the portal's definition."""
        return [self.column_path(view)]

    # --- answers ---

    def respond(self, request: Request, view: View) -> Answer:
        """The answer to any request, before faults of the host."""
        if request.path in ("/", "/index.html", "/index.shtml"):
            return self.page(view, "home.html", title=view.portal.name, menus=self.menus(view))
        answer = self.list_answer(request, view) or self._published(request, view)
        if answer is not None:
            return answer
        for label, path in self.menus(view):
            if request.path == path:
                return self.page(view, "notice.html", title=label)
        return self.not_found(view)

    def _published(self, request: Request, view: View) -> Answer | None:
        place = self._route(view).get(request.path + self._route_query(request))
        if place is None:
            return None
        what, key = place
        shown = view.state.shown[key]
        if shown.withdrawn:
            return self.gone(view, shown, is_file=what == "file")
        if what == "file":
            return self.file_answer(request, view, shown)
        return self.article_answer(request, view, shown)

    def _route_query(self, request: Request) -> str:
        """The part of the query that belongs to a page's or file's address; empty where paths suffice."""
        return ""

    def _route(self, view: View) -> dict[str, tuple[str, str]]:
        revision, routes = self._routes
        if revision != view.state.revision:
            routes = {}
            for key, shown in view.state.shown.items():
                publication = shown.publication
                if publication.elsewhere:
                    continue
                routes[self.article_path(view, publication)] = ("article", key)
                if publication.carrier in WITH_FILE:
                    routes[self.file_path(view, publication)] = ("file", key)
            self._routes = (view.state.revision, routes)
        return routes

    def article_answer(self, request: Request, view: View, shown: Shown) -> Answer:
        """The page of a publication."""
        return self.page(view, f"{self.family}/article.html", **self.article_context(view, shown))

    def file_answer(self, request: Request, view: View, shown: Shown) -> Answer:
        """The file of a publication; several systems serve it as `application/octet-stream`."""
        kind = WITH_FILE[shown.publication.carrier]
        return binary(report_file(shown.report, kind), _MEDIA_TYPES[kind])

    def article_context(self, view: View, shown: Shown) -> dict[str, Any]:
        """What the article templates print."""
        publication = shown.publication
        neighbours = [entry.publication for entry in view.state.listed() if not entry.withdrawn]
        place = neighbours.index(publication) if publication in neighbours else 0
        return {
            "title": publication.title,
            "publication": publication,
            "shown": shown,
            "body": self.body(shown),
            "published": f"{publication.printed_on.isoformat()} {8 + publication.serial % 9:02d}:{publication.serial % 60:02d}",
            "file": self.file_path(view, publication) if publication.carrier in WITH_FILE else "",
            "file_kind": WITH_FILE.get(publication.carrier, ""),
            "file_title": f"{publication.title}.{WITH_FILE.get(publication.carrier, '')}",
            "carrier": publication.carrier.value,
            "index_number": f"1133{publication.serial % 10**7:07d}/{publication.printed_on.year}-{publication.serial % 10**5:05d}",
            "newer": self._link(view, neighbours, place - 1),
            "older": self._link(view, neighbours, place + 1),
        }

    def _link(self, view: View, publications: Sequence[Publication], place: int) -> tuple[str, str] | None:
        if not 0 <= place < len(publications):
            return None
        return self.article_path(view, publications[place]), publications[place].title

    @staticmethod
    def body(shown: Shown) -> str:
        """The report's or notice's HTML inside the page's container."""
        publication, report = shown.publication, shown.report
        writers = {
            Carrier.PAGE: page_html,
            Carrier.TABLE: table_html,
            Carrier.BOTH: table_html,
            Carrier.WORD: word_html,
        }
        writer = writers.get(publication.carrier)
        if writer is not None and report is not None:
            return writer(report, title=publication.carrier is Carrier.WORD)
        lines = publication.body or ((f"{publication.title}详见附件。",) if publication.carrier in WITH_FILE else ())
        return "\n".join(f"<p>{line}</p>" for line in lines)

    def rows(self, view: View, entries: Iterable[Shown] | None = None) -> list[Row]:
        """The list's lines, newest first."""
        listed = view.state.listed() if entries is None else entries
        rows = []
        for shown in listed:
            publication = shown.publication
            straight = publication.carrier is Carrier.ROW_PDF
            href = self.file_path(view, publication) if straight else self.article_path(view, publication)
            href = publication.elsewhere or href
            text = cut(publication.title) if view.portal.traits.cut_titles else publication.title
            rows.append(Row(href, publication.title, text, publication.printed_on.isoformat(), publication))
        return rows

    def menus(self, view: View) -> list[tuple[str, str]]:
        """Labels and addresses of the disclosure menu; the report column stands between its false friends."""
        column = self.column_path(view)
        own = [
            ("政府信息公开指南", "/zfxxgk/zfxxgkzn/"),
            ("政府信息公开制度", "/zfxxgk/zfxxgkzd/"),
            ("法定主动公开内容", "/zfxxgk/fdzdgknr/"),
            ("政府信息公开年报", column),
            ("依申请公开", "/zfxxgk/ysqgk/"),
        ]
        return own + [(label, f"/zwgk/{slug}/") for label, slug in _FALSE_FRIENDS]

    def gone(self, view: View, shown: Shown, *, is_file: bool) -> Answer:
        """How a withdrawn publication answers: the ways of field guide §13."""
        how = shown.withdrawn
        if how in ("404", "410"):
            return self.page(view, "error.html", status=int(how), title=how, message="您访问的页面不存在或已删除")
        if how == "home":
            return redirect("/")
        if how == "script-home":
            return html(
                '<html><head><title>404</title></head><body><script>location.href="/";</script></body></html>',
                status=404,
            )
        if is_file:
            return self.page(view, "error.html", status=404, title="404", message="您访问的文件不存在")
        return self.page(view, "error.html", title="提示信息", message="您访问的页面不存在或已过期")

    def not_found(self, view: View) -> Answer:
        """The answer to an address that never existed."""
        status = 200 if view.portal.traits.soft_404 else 404
        return self.page(view, "error.html", status=status, title="提示信息", message="您访问的页面不存在或已过期")

    # --- rendering ---

    def page(self, view: View, template: str, *, status: int = 200, **context: Any) -> Answer:
        """A rendered page in the portal's encoding, with the noise of the moment around it."""
        text = environment().get_template(template).render(view=view, site=self, noise=self.noise(view), **context)
        return html(text, status=status, encoding=view.portal.traits.encoding)

    def noise(self, view: View) -> Mapping[str, Any]:
        """What differs between two fetches though nothing was published: field guide §12."""
        level = view.state.noise
        local = view.local_now
        weekday = "一二三四五六日"[local.weekday()]
        news = [_NEWS[(level * 3 + step) % len(_NEWS)] for step in range(4)]
        return {
            "today": f"{local.year}年{local.month}月{local.day}日 星期{weekday} {local:%H:%M:%S}",
            "weather": f"多云 {6 + (level * 5 + local.day) % 20}℃",
            "hits": 1000 + 7 * view.hits,
            "token": view.token("csrf"),
            "session": view.token("session").upper(),
            "random": view.hits * 7919 % 1000,
            "version": f"{local:%Y%m%d}{level}",
            "banner": _BANNERS[level % len(_BANNERS)],
            "grey": level % 4 == 3,
            "news": [(f"/xwzx/{stable_hex(title)[:8]}.html", title) for title in news],
        }

    def unit(self, agency_name: str) -> Agency | None:
        """The portal's agency of that name."""
        return next((agency for agency in self.portal.agencies if agency.name == agency_name), None)
