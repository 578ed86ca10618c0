"""Which family of publishing systems made a page: decided per page, because one site may mix several.

The order is that of field guide §0: marks that only one system leaves come first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler.pages import markup


@dataclass(frozen=True, slots=True)
class Detection:
    """A family's name and what it was recognised by; `static` when nothing better fits."""

    family: str
    evidence: str


@dataclass(frozen=True, slots=True)
class _Sign:
    family: str
    evidence: str
    pattern: re.Pattern[str]
    in_address: bool = False


def _sign(family: str, evidence: str, pattern: str, *, in_address: bool = False) -> _Sign:
    return _Sign(family, evidence, re.compile(pattern, re.IGNORECASE), in_address)


_SIGNS = (
    _sign("gkmlpt", "address /gkmlpt/", r"/gkmlpt/(?:index|annualreport|policy|guide|content|api)", in_address=True),
    _sign(
        "gkmlpt",
        "window._CONFIG with SID and TREE",
        r"_CONFIG\s*=\s*\{(?=[\s\S]{0,20000}\bSID\s*:)(?=[\s\S]*\bTREE\s*:)",
    ),
    _sign("jpaas", "script unitbuild.js with querydata", r"<script[^>]*unitbuild\.js"),
    _sign("jcms", "data store in a script element", r"<datastore[\s>]"),
    _sign("jcms", "dataproxy.jsp or jpage in a script", r"dataproxy\.jsp|/module/web/jpage/"),
    _sign("jcms", "disclosure module /module/xxgk/", r"/module/xxgk/(?:search|tree)\w*\.jsp"),
    _sign("lonsun", "address /public/column/", r"/public/column/\d+", in_address=True),
    _sign("lonsun", "list service /site/label/8888", r"site/label/8888"),
    _sign(
        "jiangxi",
        "queryList with channelId and websiteId",
        r"queryList(?=[\s\S]*websiteId)|websiteId(?=[\s\S]*queryList)",
    ),
    _sign("ucap", "list service common/search or searchList", r"/(?:common/search|searchList)/|getFileListByCodeId"),
    _sign("ucap", "channelId of 32 hexadecimal digits", r"channelId\s*[=:]\s*[\"'][0-9a-f]{32}[\"']"),
    _sign("ucap", "tags <UCAP…>", r"<UCAP(?:TITLE|CONTENT)|id=[\"']UCAP-CONTENT"),
    _sign(
        "ucap",
        "pager createPageHTML('page_div', …)",
        r"createPageHTML\(\s*['\"][\w-]+['\"]\s*,\s*\d+\s*,\s*\d+\s*,\s*['\"]",
    ),
    _sign("front-api", "list service front/api/data", r"front/api/data"),
    _sign("fengxian", "detail service /html/info/detail", r"/html/info/detail"),
    _sign("fengxian", "articles /art/info/<column>/i<day>-<id>", r"/art/info/[\w-]+/i\d{8}-"),
    _sign("epoint", "marks of WebBuilder", r"webBuilderCommon|info_spnContent|getGovInfoDetail"),
    _sign("epoint", "articles showinfo.html?infoGuid=…", r"showinfo\.html\?infoGuid="),
    _sign(
        "vsb",
        "marks of SiteBuilder",
        r"_showDynClicks\(|id=[\"']vsb_content|v_news_content|/system/_content/download\.jsp|class=[\"']p_pages",
    ),
    _sign("vsb", "list.jsp of SiteBuilder", r"urltype=(?:tree\.TreeTempUrl|news\.NewsContentUrl)"),
    _sign("nfcms", "NFCMS globals or post addresses", r"NFCMS_(?:SITE|POST)_ID|/content/m?post_\d+\.html"),
    _sign("trs", "articles t<date>_<id>", r"/t\d{4,8}_\d+\.s?html?|[\"']t\d{4,8}_\d+\.s?html?"),
    _sign("trs", "pager createPageHTML", r"createPage(?:HTML)?\(\s*\d+\s*,\s*\d+"),
    _sign("trs", "editor marks of TRS", r"TRS_(?:Editor|UEDITOR)|trs_editor_view"),
    _sign("vsb", "articles /info/<tree>/<id>.htm", r"/info/\d+/\d+\.htm\b"),
)


def detect(body: bytes, url: str, headers: tuple[tuple[str, str], ...] = ()) -> Detection:
    """The family of a page by its content and address.

    Args:
        body: The page, decoded by its own charset declaration.
        url: Its address.
        headers: The answer's headers, for the charset.
    """
    return detect_text(markup.decode(body, headers), url)


def detect_text(text: str, url: str) -> Detection:
    """As `detect`, for text that is decoded already."""
    path = urlsplit(url).path
    for sign in _SIGNS:
        if sign.pattern.search(path if sign.in_address else text):
            return Detection(sign.family, sign.evidence)
    return Detection("static", "plain links, no system recognised")


def has_signs_of(family: str, text: str, url: str) -> bool:
    """Whether a page shows any sign of a given family."""
    path = urlsplit(url).path
    return any(sign.family == family and sign.pattern.search(path if sign.in_address else text) for sign in _SIGNS)
