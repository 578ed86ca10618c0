"""What an answer of a portal is: the page asked for, or one of the many things that portals send in its place.

Status 200 proves nothing: challenges, block pages, captchas, soft 404s and home pages come with it. Every capture gets one
verdict, and nothing here tries to get past an obstacle: it is named, stored and shown.

Marks are looked for in the bytes first, so that the ordinary page costs a few searches and no tree.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from rapidfuzz import fuzz

from archive.warc.statuses import is_answered, is_not_there, is_redirect
from crawler.pages import markup
from crawler.pages.leads import leads_on
from crawler.pages.markup import title_of, visible_text
from crawler.pages.script import read_scripts
from crawler.pages.script_values import texts_of
from crawler.pages.tags import elements, tags
from extract.lexicon.addresses import canonical, is_download, names_file
from extract.lexicon.report_marks import has_report_marks
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

OK = "ok"
JS_CHALLENGE = "blocked:js-challenge"
WAF = "blocked:waf"
CAPTCHA = "blocked:captcha"
THROTTLED = "throttled"
#: Captures cut at the size limit, or whose coding unpacks beyond all measure: they prove something, but nothing can be read from them.
TRUNCATED = "truncated"
#: Of larger bodies the beginning decides: firewalls, errors and challenges say so at once, and their pages are small.
MOST_JUDGED = 8 << 20
GONE = "gone?"
EMPTY = "empty"
MOVED = "moved"
UNREACHABLE = "unreachable"
ROBOTS = "robots"
TLS = "tls:"

Headers = tuple[tuple[str, str], ...]

_HEAD_BYTES = 64 * 1024
_TEXT_CHARS = 4000
_TINY_BYTES = 512
#: Below so many characters of text outside links a page with an obstacle's mark is the obstacle, not an article that names it.
_OBSTACLE_TEXT = 300
_SOFT_404_TEXT = 400
_SAME_PAGE = 90.0
#: Evidence of a front page in place of an article: too fast, or the article is withdrawn. Only a look at its neighbours can tell.
FRONT_IN_PLACE = localizable("the home page or a list in place of the article")


@dataclass(frozen=True, slots=True)
class Verdict:
    """One of the verdicts of field guide §13, and what it rests on."""

    verdict: str
    evidence: str = ""

    @property
    def is_blocked(self) -> bool:
        """Turned away: nothing can be concluded about the page."""
        return self.verdict.startswith(("blocked:", TLS)) or self.verdict in (THROTTLED, UNREACHABLE, ROBOTS)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """How a page looks, to recognise it elsewhere: a host's answer to an address that cannot exist, or its home page."""

    url: str
    status: int
    title: str
    text: str

    def to_json(self) -> dict[str, Any]:
        """A JSON object; `from_json` is the inverse."""
        return {"url": self.url, "status": self.status, "title": self.title, "text": self.text}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Fingerprint:
        """The inverse of `to_json`."""
        return cls(url=data["url"], status=data["status"], title=data["title"], text=data["text"])

    def looks_like(self, other: Fingerprint) -> bool:
        """Whether both are the same page but for numbers, dates and the address printed in it."""
        if not self.text or not other.text:
            return self.title == other.title and bool(self.title) and not self.text and not other.text
        return fuzz.ratio(self.text, other.text, score_cutoff=_SAME_PAGE) > 0


def take_fingerprint(status: int, headers: Headers, body: bytes, url: str) -> Fingerprint:
    """The fingerprint of an answer. Digits and the address asked for are left out, because error pages print them."""
    text = markup.decode(body[:_HEAD_BYTES], headers) if _is_markup(body) else ""
    seen = visible_text(text)
    path = urlsplit(url).path
    if len(path) > 1:
        seen = seen.replace(path, "")
    return Fingerprint(url=url, status=status, title=title_of(text), text=re.sub(r"\d+", "", seen)[:_TEXT_CHARS])


class _Marks:
    """A pattern of byte strings behind a faster test.

    Hardly a page has any of the marks, and Python's search for one literal is fifty times as fast as its alternation of many. The literals
    must be such that the pattern can't match where none of them stands. Both are written in lower case, and looked for in it.
    """

    def __init__(self, words: str, literals: tuple[bytes, ...], pattern: bytes = b"") -> None:
        forms = {word.encode(charset) for word in words.split("|") if word for charset in ("utf-8", "gb18030")}
        self._literals = (*sorted(form.lower() for form in forms), *literals)
        words_too = [re.escape(form) for form in self._literals[: len(forms)]]
        self._pattern = re.compile(b"|".join([*words_too, *([pattern] if pattern else [])]))

    def search(self, body: bytes, lowered: bytes) -> bytes | None:
        """The first mark as it stands in the body; `lowered` is the body in lower case."""
        if not any(literal in lowered for literal in self._literals):
            return None
        found = self._pattern.search(lowered)
        return None if found is None else body[found.start() : found.end()]


_CHALLENGE = _Marks(
    "",
    (b"__jsl_clearance", b"document.cookie", b"$_ts", b"__tst_status", b"eo_bot_ssid", b"go("),
    rb"__jsl_clearance|document\.cookie\s*=\s*\(\s*'_'\s*\)\s*\+|\$_ts\s*=\s*window|window\[\s*['\"]\$_ts['\"]\s*\]|\$_ts\.(?:nsd|cd)\s*="
    rb"|__tst_status|eo_bot_ssid|;\s*go\(\s*\{\s*\"bts\"",
)


class _MetaMark:
    """A `<meta>` tag that a pattern finds something in."""

    def __init__(self, pattern: str) -> None:
        self._pattern = re.compile(pattern)

    def search(self, body: bytes, lowered: bytes) -> bytes | None:
        """As `_Marks.search`."""
        if b"<meta" not in lowered:
            return None
        found = next(
            (tag for tag in tags(lowered.decode("latin-1"), "meta") if self._pattern.search(tag.attributes)), None
        )
        return None if found is None else body[found.start : found.end]


_META_CHALLENGE = _MetaMark(r"""\br\s*+=\s*+(?:(["'])m\1|m)(?:[\s/]|\Z)""")
_WAF_PAGE = _Marks(
    "疑似攻击行为|访问被拦截|访问异常页面|访问行为存在异常|网站管理员设置拦截|请求被拦截|访问已被拦截|已被防火墙拦截|禁止境外访问|安全拦截",
    (b"cloudwaf", b"geobl", b"wzws", b"waf_block", b"web application firewall"),
    rb"cloudwaf|geobl|wzws|waf_block|web application firewall",
)
_CAPTCHA_PAGE = _Marks(
    "请输入验证码|滑动验证|人机验证|安全验证|图形验证码|请完成验证",
    (b"codevalue", b"captcha"),
    rb"\bcodevalue\b|captcha",
)
_CAPTCHA_TITLE = re.compile(r"附件下载|验证码|滑动验证|人机验证|安全验证|captcha", re.IGNORECASE)
_WAF_TITLE = re.compile(r"访问异常页面|访问被拦截|请求被拦截|访问被拒绝|CloudWAF|安全拦截", re.IGNORECASE)
_THROTTLE = _Marks(
    "访问过于频繁|访问太频繁|操作过于频繁|请求过于频繁|访问频率过快|请稍后再试",
    (b"too many requests",),
    rb"too many requests",
)
_MISSING_WORDS = (
    "页面不存在|页面已过期|页面已被删除|页面已删除|信息不存在|文章不存在|内容不存在|内容已被删除|文章已被删除|信息已被删除|信息已删除"
    "|文件不存在|页面没有找到|页面未找到|找不到页面|找不到该页|找不到您|无法找到该页|页面找不到|页面走丢|页面飞走|您访问的页面|网页不存在|链接已失效"
)
_MISSING = _Marks(
    _MISSING_WORDS,
    (b"page not found", b"404 not found", b"file not found"),
    rb"page not found|404 not found|file not found",
)
_MISSING_TEXT = re.compile(_MISSING_WORDS + r"|page not found|404 not found|file not found", re.IGNORECASE)
_MISSING_TITLE = re.compile(
    r"(?<!\d)404(?!\d)|not found|(?:页面|网页|信息|文章|内容)(?:不存在|未找到|没有找到|已删除|已被删除|走丢)|找不到|错误页|出错|系统错误|访问出错",
    re.IGNORECASE,
)
_HOME_ADDRESS = rb"""['"](?:https?://[^/'"]+)?/(?:index\.s?html?)?['"]"""
_HOME_JUMP = re.compile(
    rb"location(?:\.href)?\s*=\s*" + _HOME_ADDRESS + rb"|location\.replace\(\s*" + _HOME_ADDRESS, re.IGNORECASE
)
_DOCUMENT_MAGIC = (
    b"%PDF",
    b"PK\x03\x04",
    b"\xd0\xcf\x11\xe0",
    b"Rar!",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"7z\xbc\xaf",
    b"{\\rtf",
)
#: Addresses of articles, and what their shells carry, where `families.article` knows how to ask for the text.
_DETAIL_SHELLS = (
    (
        re.compile(r"[?&]infoGuid=", re.IGNORECASE),
        re.compile(r"webBuilderCommon|info_spnContent|getGovInfoDetail|siteInfo"),
    ),
    (re.compile(r"/art/info/[^/]+/[\w-]+"), re.compile(r"<script\b|\bid=[\"']?app\b", re.IGNORECASE)),
)
#: What a shell carries that asks a service for its list (field guide §§2–8): one page for all addresses is right for it.
_LIST_SHELL = re.compile(
    r"front/api/data|unitbuild\.js|queryList|common/search/|searchList/|getFileListByCodeId|gkmlpt"
)
_HAN_WORDS = re.compile(r"[\u4e00-\u9fff]{2}")
_LEADS = re.compile(r"\b(?:href|onclick)\s*+=", re.IGNORECASE)
_FOLDER = re.compile(r"/\Z|/(?:index|list|default)(?:_\d+)?\.\w+\Z|/[^./]+\Z|/col/col\d+/", re.IGNORECASE)

_TLS_REASONS: tuple[tuple[str, str], ...] = (
    (r"dh_key_too_small|dh key too small", "dh-key-too-small"),
    (r"unsafe_legacy_renegotiation|unsafe legacy renegotiation", "legacy-renegotiation"),
    (r"bad_ecpoint|bad ecpoint", "bad-ecpoint"),
    (r"handshake_failure|handshake failure", "handshake-failure"),
    (
        r"unsupported_protocol|unsupported protocol|wrong_version_number|wrong version number|protocol_version|no_protocols",
        "protocol-version",
    ),
    (r"self.signed", "self-signed"),
    (r"certificate.{0,12}expired|has expired|not after", "expired"),
    (
        r"hostname mismatch|doesn't match|does not match|wrong.name|verification.?error.*hostname|is not valid for",
        "wrong-name",
    ),
    (
        r"unable to get local issuer|unknown ca|untrusted|certificate_verify_failed|certificate verify failed",
        "untrusted",
    ),
    (r"ssl|tls|certificate", "error"),
)


def classify(
    status: int,
    headers: Headers,
    body: bytes,
    url: str,
    requested_url: str,
    fingerprint: Fingerprint | None = None,
    home: Fingerprint | None = None,
    *,
    is_list: bool | None = None,
    columns: Sequence[Fingerprint] = (),
) -> Verdict:
    """The verdict on an answer.

    Args:
        status: The HTTP status.
        headers: As received.
        body: Content with encodings removed.
        url: The final address, after redirects.
        requested_url: The address asked for.
        fingerprint: The host's answer to an address that cannot exist.
        home: The host's home page.
        is_list: Whether a list was asked for; `None` lets the address decide. A list that leads home has moved, a report is gone.
        columns: The host's lists, which may come in place of an article as the home page may.
    """
    body = body[:MOST_JUDGED]
    obstacle = _obstacle(status, headers, body)
    if obstacle is not None:
        return obstacle
    by_status = _by_status(status, headers, body)
    if by_status is not None:
        return by_status
    if body.startswith(_DOCUMENT_MAGIC) or b"%PDF-" in body[:1024]:
        return Verdict(OK, "a file")
    wants_list = bool(_FOLDER.search(urlsplit(requested_url).path)) if is_list is None else is_list
    elsewhere = _led_home(headers, body, url, requested_url, fingerprint, home, columns, wants_list)
    if elsewhere is not None:
        return elsewhere
    if not body.strip():
        return Verdict(EMPTY, "no content")
    if not _is_markup(body):
        return Verdict(OK, "no markup")
    if names_file(urlsplit(requested_url).path) or is_download(requested_url):
        return Verdict(GONE, "a web page in place of a file")
    return _of_page(status, headers, body, url, fingerprint, wants_list)


def _is_markup(body: bytes) -> bool:
    head = body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return head.startswith(b"<") and not head.startswith((b"<?xml", b"<datastore"))


def _looks_real(text: str) -> bool:
    """Whether a page with an obstacle's mark is nevertheless an article: its own text, or the report's headings, stand in it."""
    return len(visible_text(text, with_links=False)) >= _OBSTACLE_TEXT or has_report_marks(text)


def _obstacle(status: int, headers: Headers, body: bytes) -> Verdict | None:
    """Challenge, firewall, captcha: tested before anything is parsed, because such pages may carry the real page's meta tags."""
    head = body[:_HEAD_BYTES]
    cookies = " ".join(value for name, value in headers if name.lower() == "set-cookie")
    if not head.startswith(_DOCUMENT_MAGIC):
        lowered = head.lower()
        for pattern, verdict in (
            (_CHALLENGE, JS_CHALLENGE),
            (_META_CHALLENGE, JS_CHALLENGE),
            (_WAF_PAGE, WAF),
            (_CAPTCHA_PAGE, CAPTCHA),
            (_THROTTLE, THROTTLED),
        ):
            found = pattern.search(head, lowered)
            if found is None:
                continue
            text = markup.decode(head, headers)
            title = title_of(text)
            named = (verdict == WAF and _WAF_TITLE.search(title)) or (
                verdict == CAPTCHA and _CAPTCHA_TITLE.search(title)
            )
            if named or not _looks_real(text):
                return Verdict(verdict, f"mark {markup.decode(found)[:40]!r}")
    if status == 521 or (status == 412 and "__jsluid" in cookies):
        return Verdict(JS_CHALLENGE, f"status {status}")
    if status == 412:
        return Verdict(JS_CHALLENGE, "status 412")
    if 300 <= status < 400 and "C3VK" in cookies:
        return Verdict(JS_CHALLENGE, "redirect to itself that sets C3VK")
    return None


def _by_status(status: int, headers: Headers, body: bytes) -> Verdict | None:
    named = {name.lower() for name, _ in headers}
    if status in (401, 403, 418, 451):
        return Verdict(WAF, f"status {status}")
    if status == 429 or (status == 503 and "retry-after" in named):
        return Verdict(THROTTLED, f"status {status}")
    if is_not_there(status):
        return Verdict(
            GONE, f"status {status}" + (", a script leads home" if _HOME_JUMP.search(body[:_HEAD_BYTES]) else "")
        )
    if status == 304:
        return Verdict(OK, "not modified")
    if status >= 400:
        return Verdict(UNREACHABLE, f"status {status}")
    if is_redirect(status):
        return Verdict(UNREACHABLE, f"status {status} that leads nowhere")
    if status in (204, 205):
        return Verdict(EMPTY, f"status {status}")
    return None


def is_home(url: str, home: Fingerprint | None) -> bool:
    """Whether an address is the site's front page: by its path, or where the home page was found."""
    parts = urlsplit(url)
    if home is not None and canonical(url) == canonical(home.url):
        return True
    return re.fullmatch(r"/?(?:index|default|home)?(?:\.\w+)?", parts.path) is not None and not parts.query


def _led_home(
    headers: Headers,
    body: bytes,
    url: str,
    requested_url: str,
    missing: Fingerprint | None,
    home: Fingerprint | None,
    columns: Sequence[Fingerprint],
    wants_list: bool,
) -> Verdict | None:
    """The portal's home in place of the page: a moved column, a report that is gone, or the answer to going too fast."""
    if is_home(requested_url, home):
        return None
    if is_home(url, home) and canonical(url) != canonical(requested_url):
        return Verdict(MOVED if wants_list else GONE, "redirected to the home page")
    fronts = [front for front in (home, *(() if wants_list else columns)) if front is not None]
    fronts = [front for front in fronts if canonical(front.url) != canonical(requested_url)]
    if not _is_markup(body) or not any(_same_title(body, headers, front) for front in fronts):
        return None
    seen = take_fingerprint(200, headers, body, requested_url)
    if not any(front.looks_like(seen) for front in fronts):
        return None
    if missing is not None and missing.looks_like(seen):
        return Verdict(MOVED if wants_list else GONE, "the home page, as for any address that does not exist")
    if wants_list:
        return Verdict(MOVED, "the home page in place of the list")
    return Verdict(THROTTLED, FRONT_IN_PLACE)


def _same_title(body: bytes, headers: Headers, other: Fingerprint) -> bool:
    if b"<title" not in body[:_HEAD_BYTES].lower():
        return not other.title
    return title_of(markup.decode(body[:_HEAD_BYTES], headers)) == other.title


def _of_page(
    status: int, headers: Headers, body: bytes, url: str, missing: Fingerprint | None, wants_list: bool
) -> Verdict:
    """Soft 404 and empty shells among the pages that came with status 200."""
    usable = missing is not None and is_answered(missing.status)
    same = usable and missing is not None and _same_title(body, headers, missing)
    if not (same or len(body) < _TINY_BYTES or _may_be_error(body[:_HEAD_BYTES], headers)):
        return Verdict(OK)
    text = markup.decode(body, headers)
    if has_report_marks(text):
        return Verdict(OK, "the headings of a report")
    if _is_detail_shell(text, url):
        return Verdict(OK, "a shell whose text comes by a call of its own")
    if wants_list and same and _LIST_SHELL.search(text):
        return Verdict(OK, "a shell whose rows come by a call of their own")
    own = visible_text(text, with_links=False)
    if same and missing is not None and missing.looks_like(take_fingerprint(status, headers, body, url)):
        if not own:
            return Verdict(EMPTY, "the shell that the host sends for every address")
        return Verdict(GONE, "equal to the answer for an address that does not exist")
    if _is_error_page(text, own):
        return Verdict(GONE, "an error page with status 200")
    return _of_small_page(headers, body, url, text, own) if len(body) < _TINY_BYTES else Verdict(OK)


def _may_be_error(head: bytes, headers: Headers) -> bool:
    """Whether a page has words of an error page, or a title of one: found in the bytes, most pages need no more decoding."""
    if _MISSING.search(head, head.lower()) is not None:
        return True
    named = next(elements(head.decode("latin-1"), "title"), None)
    return named is not None and bool(_MISSING_TITLE.search(markup.decode(named.content.encode("latin-1"), headers)))


def _is_error_page(text: str, own: str) -> bool:
    """Whether a page is an error page by its title, or by its words if it has few."""
    is_titled = _MISSING_TITLE.search(title_of(text)) is not None and len(own) < 2 * _SOFT_404_TEXT
    if is_titled and not markup.meta_of(text, "ArticleTitle"):
        return True
    return len(own) < _SOFT_404_TEXT and _MISSING_TEXT.search(own) is not None


def _of_small_page(headers: Headers, body: bytes, url: str, text: str, own: str) -> Verdict:
    """A page of some hundred bytes: it leads home, speaks by a script, leads on, or is empty."""
    if _HOME_JUMP.search(body) and urlsplit(url).path not in ("", "/"):
        return Verdict(GONE, "a script leads home")
    if not own and _tells_by_script(text):
        return Verdict(OK, "a script's words in place of a page")
    has_links = any(_LEADS.search(tag.attributes) for tag in tags(text, "a"))
    if len(own) < 100 and not has_links and not leads_on(text, url, headers):
        return Verdict(EMPTY, f"{len(body)} bytes without text or links")
    return Verdict(OK)


def _tells_by_script(text: str) -> bool:
    """Whether a page without words calls a function with words for a reader: `alert("该信息已下架")`. What it says is for its reading to judge."""
    root = markup.parse(text)
    scripts = [one.text or "" for one in root.iter("script")] if root is not None else []
    scripts += [one.get("onload") or "" for one in root.iter("body")] if root is not None else []
    return any(
        _HAN_WORDS.search(said)
        for script in read_scripts(scripts)
        for use in script.uses
        for argument in use.arguments
        for said in texts_of(argument)
    )


def _is_detail_shell(text: str, url: str) -> bool:
    """Whether an empty page is the article of a system that fetches its text by a known call (field guide §8)."""
    return any(address.search(url) and mark.search(text) for address, mark in _DETAIL_SHELLS)


def classify_failure(error: str) -> Verdict:
    """The verdict on a request without an answer, from the text of the network or TLS error."""
    lowered = error.lower()
    for pattern, reason in _TLS_REASONS:
        if re.search(pattern, lowered):
            return Verdict(TLS + reason, error[:200])
    return Verdict(UNREACHABLE, error[:200])
