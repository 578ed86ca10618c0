"""Where pages lead on: jumps, frames and files in whatever a template writes them, and what is none of them."""

from __future__ import annotations

import base64

import pytest

from crawler.families.article import read_article
from crawler.lists.walk import jump_target
from crawler.pages import leads, markup

URL = "http://www.shili.gov.cn/nb/202301/t20230120_1.html"
SITE = "http://www.shili.gov.cn"
PDF = f"{SITE}/f/1.pdf"
CODED = base64.b64encode(PDF.encode()).decode()

FILES = {
    "embed-call": '<script>PDFObject.embed("/f/1.pdf", "#pdf");</script>',
    "assigned": '<script>document.getElementById("v").src = "/f/1.pdf";</script>',
    "attr-call": "<script>$('#v').attr('src', '/f/1.pdf')</script>",
    "put-together": '<script>var dir = "/f/"; show(dir + "1" + ".pdf");</script>',
    "template": "<script>const d = '/f'; open_(`${d}/1.pdf`)</script>",
    "object": '<script>new Pdfh5("#p", {pdfurl: "/f/1.pdf"})</script>',
    "nested-object": '<script>init({viewer: {files: [{address: "/f/1.pdf"}]}})</script>',
    "escaped": r'<script>var u = "http:\/\/www.shili.gov.cn\/f\/1.pdf";</script>',
    "written": "<script>document.write('<iframe src=\"/f/1.pdf\"></iframe>')</script>",
    "written-link": "<script>x.innerHTML = '<a href=\"/f/1.pdf\">年报</a>'</script>",
    "onclick": "<span onclick=\"openFile('/f/1.pdf')\">2022年报</span>",
    "ondblclick": "<li ondblclick='show(\"/f/1.pdf\", 1)'>年报</li>",
    "area": '<map name="m"><area href="/f/1.pdf" shape="rect" coords="0,0,9,9" alt="年报"></map>',
    "data": '<div data-path="/f/1.pdf"></div>',
    "data-json": """<div data-options='{"src": "/f/1.pdf", "page": 1}'></div>""",
    "own-element": '<pdf-viewer source="/f/1.pdf"></pdf-viewer>',
    "bound": """<vue-pdf :src="'/f/1.pdf'"></vue-pdf>""",
    "option": '<select onchange="location=this.value"><option value="/f/1.pdf">2022年报</option></select>',
    "form": '<form action="/f/1.pdf"><button>下载</button></form>',
    "hidden": '<input type="hidden" id="pdf" value="/f/1.pdf">',
    "param": '<object><param name="movie" value="/f/1.pdf"></object>',
    "lazy-frame": '<iframe data-src="/f/1.pdf"></iframe>',
    "srcdoc": "<iframe srcdoc=\"<embed src='/f/1.pdf'>\"></iframe>",
    "viewer": '<a href="/plugins/pdf/view.html?pdfUrl=/f/1.pdf">在线预览</a>',
    "viewer-fragment": '<a href="/pdf/web/viewer.html#file=/f/1.pdf">预览</a>',
    "viewer-any-key": '<iframe src="/static/read.html?id=7&amp;u=%2Ff%2F1.pdf"></iframe>',
    "viewer-base64": f'<a href="/onlinePreview?url={CODED}">预览</a>',
    "script-link": "<a href=\"javascript:openPdf('/f/1.pdf')\">年报</a>",
    "frame-of-file": '<iframe src="/f/1.pdf"></iframe>',
}
NO_FILES = {
    "ending-compared": '<script>if (name.substr(-4) == ".pdf") { icon("pdf") }</script>',
    "picture": "<span onclick=\"show('/i/1.jpg')\">图</span>",
    "hole": '<script>function open_(id) { location.href = "/f/" + id + ".pdf" }</script>',
    "words": '<p title="见附件 年报.pdf">年报</p>',
    "menu": '<div class="nav"><span onclick="openFile(\'/f/guide.pdf\')">指南</span></div>',
    "style": "<div style=\"background:url('/f/1.pdf')\"></div>",
    "link-element": '<link rel="help" href="/f/help.pdf">',
}
ONWARD = {
    "refresh": '<meta http-equiv="refresh" content="0; url=/real/1.html">',
    "refresh-attributes-turned": "<META content='3;URL=\"/real/1.html\"' HTTP-EQUIV=Refresh>",
    "refresh-comma": '<meta http-equiv="refresh" content="0, /real/1.html">',
    "frameset": '<frameset rows="*"><frame src="/real/1.html"></frameset>',
    "iframe": '<div id="zoom"><iframe src="/real/1.html"></iframe></div>',
    "object": '<object type="text/html" data="/real/1.html"></object>',
    "location": '<script>window.location.href="/real/1.html";</script>',
    "replace": "<script>location.replace('/real/1.html')</script>",
    "top": '<script>top.location = "/real/" + "1.html"</script>',
    "ready": '<script>$(function(){ location.href = "/real/1.html" })</script>',
    "onload": '<script>window.onload = function () { self.location = "/real/1.html" }</script>',
    "named": "<script>function go(){ location.assign('/real/1.html') } go();</script>",
    "timeout": "<script>setTimeout(\"location.href='/real/1.html'\", 3000)</script>",
    "timeout-function": '<script>setTimeout(() => { location.href = "/real/1.html" }, 0)</script>',
    "listener": "<script>window.addEventListener('load', function(){ location.href='/real/1.html' })</script>",
    "body-onload": "<body onload=\"location.href='/real/1.html'\"></body>",
    "only-link": '<div id="zoom"><p>请<a href="/real/1.html">点击此处</a>查看</p></div>',
    "link-without-kind": '<div><p>年报全文：<a href="/real/1.html">查看年报全文</a></p></div>',
}
NOT_ONWARD = {
    "pressed": '<button onclick="back()">返回</button><script>function back(){ location.href="/real/1.html" }</script>',
    "noscript": '<noscript><meta http-equiv="refresh" content="0; url=/real/1.html"></noscript>',
    "counter": '<iframe src="/visitcount/visit.jsp?i=1"></iframe>',
    "itself": '<script>location.href = "t20230120_1.html#top"</script>',
    "menu-frame": '<div class="header"><iframe src="/top.html"></iframe></div>',
    "a-list": '<div id="zoom">' + "".join(f'<a href="/nb/t{n}.html">{n}</a>' for n in range(9)) + "</div>",
}


def page(inside: str) -> bytes:
    return f"<html><head><title>某局2022年政府信息公开工作年度报告</title></head>{inside}</html>".encode()


@pytest.mark.parametrize("name", FILES)
def test_files_are_found_whatever_names_them(name: str) -> None:
    assert PDF in [link.url for link in read_article(page(FILES[name]), URL).attachments]


@pytest.mark.parametrize("name", NO_FILES)
def test_what_is_no_file_is_not_asked_for(name: str) -> None:
    assert not read_article(page(NO_FILES[name]), URL).attachments


@pytest.mark.parametrize("name", ONWARD)
def test_pages_lead_on_as_browsers_follow_them(name: str) -> None:
    assert read_article(page(ONWARD[name]), URL).onward == (f"{SITE}/real/1.html",)


@pytest.mark.parametrize("name", NOT_ONWARD)
def test_what_does_not_lead_on(name: str) -> None:
    assert not read_article(page(NOT_ONWARD[name]), URL).onward


def test_a_page_with_a_report_leads_nowhere() -> None:
    report = "<h2>一、总体情况</h2><h2>二、主动公开政府信息情况</h2><h2>三、收到和处理政府信息公开申请情况</h2>"
    assert not read_article(page(f'{report}<iframe src="/weather.html"></iframe>'), URL).onward


def test_the_header_leads_on_first() -> None:
    root = markup.parse('<html><iframe src="/b.html"></iframe></html>')
    assert list(leads.jumps_of(root, URL, (("refresh", "5;url=../a.html"),))) == [f"{SITE}/nb/a.html"]


def test_a_list_behind_a_shell_is_found_by_the_same_rule() -> None:
    assert jump_target("<meta content='0;url=/x/' http-equiv='refresh'>", URL) == f"{SITE}/x/"
    assert jump_target('<frameset cols="*"><frame src="list.html"></frameset>', URL) == f"{SITE}/nb/202301/list.html"
    assert jump_target("<p>政府信息公开年报</p>", URL) is None


def test_the_file_of_a_script_of_the_server_is_asked_for_as_it_is_written() -> None:
    [link] = read_article(page('<a href="/download.jsp?file=/f/1.pdf">下载</a>'), URL).attachments
    assert link.url == f"{SITE}/download.jsp?file=/f/1.pdf"
