"""Families whose lists are plain links in HTML, paged by files or by links: they differ in their signs and in their articles."""

from __future__ import annotations

import json
import re
from urllib.parse import quote, urlencode, urljoin, urlsplit

from crawler.families.family import ArticleRules, Detail, Family, OpenReader, Sign
from crawler.lists.html_list import open_html
from crawler.pages import markup
from crawler.pages.exchange import NextRequest

_FORM = (("Content-Type", "application/x-www-form-urlencoded"), ("X-Requested-With", "XMLHttpRequest"))
_GUID = re.compile(r"[?&]infoGuid=([0-9A-Za-z-]+)", re.IGNORECASE)
_EPOINT_SHELL = re.compile(r"webBuilderCommon|info_spnContent|getGovInfoDetail|siteInfo")
_FENGXIAN_ARTICLE = re.compile(r"/art/info/[^/]+/([\w-]+)")
#: Below so many characters an article of Fengxian is its shell.
_SHELL_TEXT = 400


def _reader(name: str) -> OpenReader:
    return lambda text, page, column: open_html(name)


def _epoint_detail(text: str, url: str) -> Detail | None:
    """The call for an Epoint article's text (field guide §8)."""
    guid = _GUID.search(url)
    if guid is None or not _EPOINT_SHELL.search(text):
        return None
    site = re.search(r"siteGuid['\"]?\s*[:=]\s*['\"]([0-9A-Za-z-]+)", text, re.IGNORECASE)
    project = re.search(r"projectName['\"]?\s*[:=]\s*['\"]([^'\"]*)['\"]", text)
    action = re.search(r"rest/([\w-]+)/getGovInfoDetail", text)
    if site is None:
        return Detail(None, "the shell names no siteGuid")
    if action is None:
        return Detail(
            None,
            "the shell names no action for getGovInfoDetail; the names differ from site to site and are not guessed",
        )
    name = project.group(1).strip("/") if project else ""
    parts = urlsplit(url)
    folder = f"/{quote(name)}" if name else ""
    address = f"{parts.scheme}://{parts.netloc}{folder}/rest/{action.group(1)}/getGovInfoDetail"
    question = json.dumps({"siteGuid": site.group(1), "infoGuid": guid.group(1)}, separators=(",", ":"))
    body = urlencode({"params": question}).encode("ascii")
    return Detail(NextRequest(address, "POST", (*_FORM, ("Referer", url)), body))


def _fengxian_detail(text: str, url: str) -> Detail | None:
    """The call for the text of an article of Fengxian's single-page application."""
    article = _FENGXIAN_ARTICLE.search(urlsplit(url).path)
    if article is None or len(markup.visible_text(text)) >= _SHELL_TEXT:
        return None
    body = urlencode({"id": article.group(1)}).encode("ascii")
    return Detail(NextRequest(urljoin(url, "/html/info/detail"), "POST", (*_FORM, ("Referer", url)), body))


TRS = Family(
    "trs",
    _reader("trs"),
    about="TRS WCM and look-alikes",
    lists="static pages, `createPageHTML` in all signatures",
    ends="404, stub, refresh or repetition; fewer pages than counted is incomplete",
    aliases=("trs-wcm",),
    signs=(
        Sign(240, "articles t<date>_<id>", r"/t\d{4,8}_\d+\.s?html?|[\"']t\d{4,8}_\d+\.s?html?"),
        Sign(250, "pager createPageHTML", r"createPage(?:HTML)?\(\s*\d+\s*,\s*\d+"),
        Sign(260, "editor marks of TRS", r"TRS_(?:Editor|UEDITOR)|trs_editor_view"),
    ),
)
NFCMS = Family(
    "nfcms",
    _reader("nfcms"),
    about="Guangdong NFCMS",
    lists="static pages",
    ends="as `trs`",
    signs=(Sign(230, "NFCMS globals or post addresses", r"NFCMS_(?:SITE|POST)_ID|/content/m?post_\d+\.html"),),
)
VSB = Family(
    "vsb",
    _reader("vsb"),
    about="Boda VSB",
    lists="static pages whose numbers count down, `list.jsp`",
    ends="last next link",
    aliases=("boda",),
    signs=(
        Sign(
            210,
            "marks of SiteBuilder",
            r"_showDynClicks\(|id=[\"']vsb_content|v_news_content|/system/_content/download\.jsp|class=[\"']p_pages",
        ),
        Sign(220, "list.jsp of SiteBuilder", r"urltype=(?:tree\.TreeTempUrl|news\.NewsContentUrl)"),
        Sign(270, "articles /info/<tree>/<id>.htm", r"/info/\d+/\d+\.htm\b"),
    ),
)
EPOINT = Family(
    "epoint",
    _reader("epoint"),
    about="Epoint 新点 WebBuilder",
    lists="static lists; the article's text by a JSON call",
    ends="as `static`",
    signs=(
        Sign(190, "marks of WebBuilder", r"webBuilderCommon|info_spnContent|getGovInfoDetail"),
        Sign(200, "articles showinfo.html?infoGuid=…", r"showinfo\.html\?infoGuid="),
    ),
    article=ArticleRules(shell_address=r"[?&]infoGuid=[0-9A-Za-z-]", detail=_epoint_detail),
)
FENGXIAN = Family(
    "fengxian",
    _reader("fengxian"),
    about="Fengxian's single-page application",
    lists="static lists; the article's text by a JSON call",
    ends="as `static`",
    signs=(
        Sign(170, "detail service /html/info/detail", r"/html/info/detail"),
        Sign(180, "articles /art/info/<column>/i<day>-<id>", r"/art/info/[\w-]+/i\d{8}-"),
    ),
    article=ArticleRules(shell_address=r"/art/info/[^/?]+/[\w-]", detail=_fengxian_detail),
)
STATIC = Family(
    "static",
    _reader("static"),
    about="every other list of plain links",
    lists="next links, numbered links, base64 and `onclick` pagers, names of page 2",
    ends="as `trs`",
    aliases=("generic",),
)
