"""A portal in memory: reports in their carriers, a list, and what happens to them."""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field, replace
from random import Random
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bench.history.looks import LOOKS, Page, dress, render
from bench.history.noise import Noise
from crawler.http.transport import Answer
from crawler.replica.documents.docx import write_docx
from crawler.replica.documents.html import page_html, table_html, word_html
from crawler.replica.documents.model import Paragraph, Role
from crawler.replica.documents.pdf import write_pdf

if TYPE_CHECKING:
    from crawler.replica.documents.model import Report

#: How a report can hang in a portal: its text on the page, on the page and in a file, or in a file alone.
CARRIERS = ("page", "table", "word", "both-docx", "both-pdf", "docx", "pdf", "viewer", "row-pdf")
WRITERS = {"page": page_html, "table": table_html, "word": word_html}
_COVER = "<p>现将{title}予以公布，全文见附件。本报告由{agency}编制，公众可以下载附件阅读全文，欢迎监督。</p>"
_SOFT_404 = "<html><head><title>提示信息</title></head><body><div>您访问的页面不存在或已过期</div></body></html>"
_HOME = "<html><head><title>示例市示范区人民政府</title></head><body><h1>示例市示范区人民政府</h1>{links}<p>今天是{hits}</p></body></html>"


@dataclass(slots=True)
class Item:
    """One report on the portal.

    Attributes:
        report: What the page or its file says.
        folder: Where its addresses begin.
        is_resaved: Its file was saved again: other bytes, the same report.
        extra: Further files, by name.
        gone: How it is withdrawn: 404, 410, soft, home, script-home, or empty.
        leads_to: The address that its own redirects to.
        title: What list and page call it, if not the report's own title.
    """

    key: int
    report: Report
    carrier: str
    look: str
    folder: str = "art"
    is_listed: bool = True
    gone: str = ""
    leads_to: str = ""
    title: str = ""
    published: str = "2021-01-20"
    is_resaved: bool = False
    extra: dict[str, bytes] = field(default_factory=dict)
    noise: Noise = field(default_factory=Noise)

    @property
    def path(self) -> str:
        """The page's path; for a row that leads to a file, the file's."""
        return self.file if self.carrier == "row-pdf" else f"/{self.folder}/2021/1/20/art_{self.key}.html"

    @property
    def file(self) -> str:
        """The path of the report's file, empty if it has none."""
        kind = self.carrier.rpartition("-")[2]
        kind = {"viewer": "pdf"}.get(kind, kind)
        return f"/{self.folder}/files/{self.key}.{kind}" if kind in ("pdf", "docx") else ""

    @property
    def name(self) -> str:
        """The title as printed and listed."""
        return self.title or self.report.title

    def file_bytes(self) -> bytes:
        """The report as a file."""
        if self.file.endswith("docx"):
            return write_docx(self.report)
        is_resaved = self.is_resaved or (self.carrier == "row-pdf" and "resave" in self.noise.loud)
        return (
            resaved(write_pdf(self.report), 0 if self.is_resaved else self.noise.seed)
            if is_resaved
            else write_pdf(self.report)
        )

    def page_text(self) -> str:
        """The page, with the noise of this visit."""
        look, body = self.look, self._body()
        redesign = self.noise.random("redesign", self.key)
        if "redesign" in self.noise.loud:
            look = redesign.choice(sorted(LOOKS))
        markup = self.noise.random("markup", self.key)
        if "markup" in self.noise.loud:
            body = dress(body, markup)
        body += "".join(f'<p>附件：<a href="/{self.folder}/files/{name}">{name}</a></p>' for name in sorted(self.extra))
        page = Page(
            self.key,
            self.name,
            self.report.agency,
            self.published,
            body,
            self._linked(),
            f"{self.name}.{self.file.rpartition('.')[2]}",
        )
        return render(look, page, self.noise)

    def _linked(self) -> str:
        return "" if self.carrier == "viewer" else self.file

    def _body(self) -> str:
        if self.carrier == "viewer":
            return f'<div id="pdfshow" data-value="{self.file}"></div><iframe src="/pdfjs/web/viewer.html?file={self.file}" width="100%"></iframe>'
        if self.carrier in ("docx", "pdf"):
            return _COVER.format(title=self.name, agency=self.report.agency)
        writer = "table" if self.carrier.startswith("both") else self.carrier
        if "writer" in self.noise.loud:
            writer = self.noise.random("writer", self.key).choice(sorted(WRITERS))
        titled = (
            replace(one, text=self.name) if isinstance(one, Paragraph) and one.role is Role.TITLE else one
            for one in self.report.blocks
        )
        return WRITERS[writer](replace(self.report, blocks=tuple(titled)), title=writer == "word")


class Site:
    """A portal: answers requests by the state of its items."""

    def __init__(self, portal: str, base: str, items: list[Item]) -> None:
        self.portal = portal
        self.base = base
        self.items = items
        self.hits = 0

    @property
    def column(self) -> str:
        """The address of the report column."""
        return f"{self.base}/nb/list.html"

    def url(self, item: Item) -> str:
        """The address of an item's page."""
        return self.base + item.path

    def answer(self, url: str, validators: dict[str, str]) -> Answer:
        """The answer to a request; `validators` are the conditional header fields it came with, by lower-case name."""
        self.hits += 1
        path = urlsplit(url).path
        if url == self.column:
            return _answer(self._list().encode())
        if path in ("/", "/index.html"):
            return _answer(
                _HOME.format(links='<a href="/nb/list.html">政府信息公开年报</a>' * 8, hits=self.hits).encode()
            )
        for item in self.items:
            if path in (item.path, item.file) or (
                path.startswith(f"/{item.folder}/files/") and path.rpartition("/")[2] in item.extra
            ):
                return self._of(item, path, validators)
        return _answer("<html><head><title>404</title></head><body>您访问的页面不存在</body></html>".encode(), 404)

    def _list(self) -> str:
        rows = "".join(
            f'<li><a href="{item.path}" title="{item.name}">{item.name}</a><span>{item.published}</span></li>'
            for item in self.items
            if item.is_listed
        )
        return f'<html><head><meta charset="utf-8"><title>政府信息公开年报</title></head><body><div class="list"><ul>{rows}</ul></div><p>您是第{self.hits}位访客</p></body></html>'

    def _of(self, item: Item, path: str, validators: dict[str, str]) -> Answer:
        if item.leads_to:
            return _answer(b"", 301, [("Location", item.leads_to)])
        if item.gone:
            return _gone(item.gone)
        if "obstacle" in item.noise.loud:
            return _obstacle(item.noise.random("obstacle", item.key))
        if path.rpartition("/")[2] in item.extra:
            return _answer(item.extra[path.rpartition("/")[2]], kind="application/octet-stream")
        if path == item.file:
            return _conditional(item, item.file_bytes(), validators, "application/octet-stream")
        text = item.page_text()
        charset = "gb18030" if item.noise.random("encoding", item.key).random() < 0.5 else "utf-8"
        if charset == "gb18030":
            text = text.replace(
                '<meta charset="utf-8">', '<meta http-equiv="Content-Type" content="text/html; charset=gb2312">'
            )
        return _conditional(item, text.encode(charset), validators, f"text/html; charset={charset}")


def _conditional(item: Item, body: bytes, validators: dict[str, str], kind: str) -> Answer:
    """An answer with validators; 304 where the item is quiet about it and they still hold."""
    tag = f'"{hash(body) & 0xFFFFFFFF:x}-{item.noise.random("headers", item.key).randint(1, 10**6)}"'
    if "not-modified" in item.noise.loud and validators.get("if-none-match"):
        return _answer(b"", 304, [("ETag", validators["if-none-match"])])
    headers = [("ETag", tag), ("X-Request-Id", str(item.noise.random("headers", item.key).randint(1, 10**9)))]
    if item.noise.random("compression", item.key).random() < 0.5 and kind.startswith("text"):
        body = gzip.compress(body, Random(item.key).randint(1, 9), mtime=item.noise.seed)
        headers.append(("Content-Encoding", "gzip"))
    return _answer(body, 200, headers, kind)


def _obstacle(random: Random) -> Answer:
    """What portals send in the place of a page (field guide §13): says nothing of the page."""
    challenge = b"<script>document.cookie=('_')+('_')+('j')+('s')+('l');location.href=location.pathname+location.search</script>"
    waf = "<html><head><title>访问异常页面</title></head><body>您的请求疑似攻击行为，事件ID：12345</body></html>"
    captcha = "<html><head><title>请输入验证码</title></head><body><input name=codeValue></body></html>"
    answers = [
        (challenge, 521),
        (challenge, 200),
        (waf.encode(), 200),
        (waf.encode(), 418),
        (b"<h1>403 Forbidden</h1>", 403),
    ]
    answers += [
        (captcha.encode(), 200),
        (b"", 502),
        (b"Too Many Requests", 429),
        (b"<html><title>x</title></html>", 200),
    ]
    return _answer(*random.choice(answers))


def _gone(how: str) -> Answer:
    if how in ("404", "410"):
        return _answer(
            "<html><head><title>出错了</title></head><body>您访问的页面不存在</body></html>".encode(), int(how)
        )
    if how == "home":
        return _answer(b"", 302, [("Location", "/")])
    if how == "script-home":
        return _answer(b'<html><head><title>404</title></head><body><script>location.href="/";</script></body></html>')
    return _answer(_SOFT_404.encode())


def _answer(
    body: bytes, status: int = 200, headers: list[tuple[str, str]] | None = None, kind: str = "text/html; charset=utf-8"
) -> Answer:
    fields = (("Content-Type", kind), *(headers or ()))
    return Answer(status, "", fields, body, "127.0.0.1", "http/1.1", None, None, (("Host", "portal"),), 0.0)


def resaved(pdf: bytes, number: int) -> bytes:
    """The same PDF saved again: other bytes, nothing that a reader would see."""
    return pdf.rstrip() + f"\n% saved again {number}\n".encode() + pdf[pdf.rindex(b"startxref") :]
