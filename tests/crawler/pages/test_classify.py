"""Verdicts on answers: every signal of field guide §13, with its code and with 200, and pages that only mention one."""

from __future__ import annotations

import pytest

from crawler.pages.classify import Fingerprint, classify, classify_failure, take_fingerprint

URL = "http://www.shili.gov.cn/zfxxgk/zfxxgknb/202401/t20240126_998877.html"
COLUMN = "http://www.shili.gov.cn/zfxxgk/zfxxgknb/"
HTML = (("Content-Type", "text/html; charset=utf-8"),)

META = '<meta name="SiteName" content="示例市人民政府"><meta name="ArticleTitle" content="示例部2023年政府信息公开工作年度报告">'
MENU = "".join(f'<a href="/m{n}/">栏目{n}的名称</a>' for n in range(200))
PROSE = "<p>" + "示例部认真贯彻落实条例，主动公开各类信息，回应群众关切，推进制度建设。" * 30 + "</p>"
REPORT = f"<html><head><title>示例部2023年政府信息公开工作年度报告</title>{META}</head><body>{MENU}<p>一、总体情况</p>{PROSE}<p>二、主动公开政府信息情况</p></body></html>"

JSL = "<script>document.cookie=('_')+('_')+('j')+('s')+('l');location.href=location.pathname+location.search</script>"
JSL_2 = '<script>var x=1;go({"bts":["1","2"],"chars":"a","ct":"b","ha":"sha1","tn":"__jsl_clearance_s","vt":"3600","wt":"1500"})</script>'
RUISHU = f'<html><head>{META}<meta id="9DhefwqGPrzGxEp9hPaoag" content="x" r="m"><script>$_ts=window[\'$_ts\'];if(!$_ts)$_ts={{}};$_ts.nsd=1;$_ts.cd="q";</script></head><body></body></html>'
EDGE_ONE = "<script>function a(){};var __tst_status='1';document.cookie='EO_Bot_Ssid=1'</script>"
WAF_418 = "<html><title>418</title><body>您的请求疑似攻击行为！事件ID：123</body></html>"
WAF_200 = (
    "<html><title>访问异常页面</title><body>" + MENU + "您当前的访问行为存在异常，已被网站管理员设置拦截</body></html>"
)
CLOUD = "<html><body><h1>CloudWAF</h1>访问被拦截</body></html>"
CAPTCHA = '<html><title>附件下载</title><body><form><input name="codeValue"><img src="/c.jpg"></form></body></html>'
SLIDER = "<html><title>安全验证</title><body>滑动验证</body></html>"
MISSING = (
    f"<html><title>示例市人民政府</title><body>{MENU}<div>对不起，您访问的页面不存在或已被删除</div></body></html>"
)
MISSING_TITLE = f"<html><title>404 Not Found</title><body>{MENU}</body></html>"


def verdict(body: str | bytes, status: int = 200, url: str = URL, **more: object) -> str:
    data = body.encode() if isinstance(body, str) else body
    requested = str(more.pop("requested", url))
    headers = more.pop("headers", HTML)
    return classify(status, headers, data, url, requested, **more).verdict  # type: ignore[arg-type]


@pytest.mark.parametrize("status", [200, None])
@pytest.mark.parametrize(
    ("body", "own_status", "expected"),
    [
        (JSL, 521, "blocked:js-challenge"),
        (JSL_2, 521, "blocked:js-challenge"),
        (RUISHU, 412, "blocked:js-challenge"),
        (RUISHU, 202, "blocked:js-challenge"),
        (EDGE_ONE, 403, "blocked:js-challenge"),
        (WAF_418, 418, "blocked:waf"),
        (WAF_200, 403, "blocked:waf"),
        (CLOUD, 403, "blocked:waf"),
        (CAPTCHA, 200, "blocked:captcha"),
        (SLIDER, 403, "blocked:captcha"),
    ],
)
def test_obstacles_are_named_with_their_code_and_with_200(
    body: str, own_status: int, expected: str, status: int | None
) -> None:
    assert verdict(body, status or own_status) == expected


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (403, (("Server", "WZWS"),), "blocked:waf"),
        (429, (), "throttled"),
        (503, (("Retry-After", "120"),), "throttled"),
        (503, (), "unreachable"),
        (502, (), "unreachable"),
        (404, (), "gone?"),
        (410, (), "gone?"),
        (304, (), "ok"),
        (302, (("Set-Cookie", "C3VK=abc; path=/"), ("Location", "/")), "blocked:js-challenge"),
        (521, (), "blocked:js-challenge"),
        (412, (), "blocked:js-challenge"),
    ],
)
def test_codes_without_a_body(status: int, headers: tuple[tuple[str, str], ...], expected: str) -> None:
    assert verdict("", status, headers=headers) == expected


@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
def test_words_are_found_in_gbk_pages_without_a_label(charset: str) -> None:
    assert verdict(WAF_200.encode(charset), headers=()) == "blocked:waf"
    assert verdict(MISSING.encode(charset), headers=()) == "gone?"


@pytest.mark.parametrize(
    "mention",
    [
        "网站曾出现页面不存在的情况，已及时整改。",
        "系统升级后登录需请输入验证码，群众反映操作复杂。",
        "去年网站访问被拦截事件已处理，CloudWAF 投入使用。",
        "<meta id='x' content='y' r='m'><script>$_ts=window['$_ts'];$_ts.cd='1'</script>",
        "<form><input name='codeValue' class='captcha'></form>",
        "404",
    ],
)
def test_report_that_only_mentions_an_obstacle_is_ok(mention: str) -> None:
    assert verdict(REPORT.replace("</body>", f"<p>{mention}</p></body>")) == "ok"


@pytest.mark.parametrize("mention", ["页面不存在", "请输入验证码", "访问被拦截"])
def test_old_narrative_report_that_mentions_an_obstacle_is_ok(mention: str) -> None:
    page = f"<html><head><title>示例局2012年政府信息公开工作报告</title></head><body>{MENU}{PROSE}<p>{mention}</p></body></html>"
    assert verdict(page) == "ok"


@pytest.mark.parametrize("body", [MISSING, MISSING_TITLE, "<script>alert('404');location.href='/'</script>"])
def test_soft_404_is_gone(body: str) -> None:
    assert verdict(body) == "gone?"


def test_soft_404_without_words_is_known_by_the_host_s_answer_to_an_impossible_address() -> None:
    def nothing(path: str) -> bytes:
        return f"<html><title>示例市人民政府</title><body>{MENU}<h2>抱歉</h2><p>{path} 2024年1月30日 请返回</p></body></html>".encode()

    control = take_fingerprint(200, HTML, nothing("/no-such-page-1"), "http://www.shili.gov.cn/no-such-page-1")
    assert verdict(nothing("/zfxxgk/zfxxgknb/202401/t20240126_998877.html"), fingerprint=control) == "gone?"
    assert verdict(REPORT, fingerprint=control) == "ok"


def test_fingerprint_survives_json() -> None:
    control = take_fingerprint(200, HTML, MISSING.encode(), URL)
    assert Fingerprint.from_json(control.to_json()) == control


HOME = f"<html><title>示例市人民政府门户网站</title><body>{MENU}<p>今日要闻，领导活动，政务公开，办事服务，互动交流。</p></body></html>"
HOME_PRINT = take_fingerprint(200, HTML, HOME.encode(), "http://www.shili.gov.cn/")


def test_redirect_home_means_moved_for_a_list_and_gone_for_a_report() -> None:
    assert verdict(HOME, url="http://www.shili.gov.cn/", requested=COLUMN, is_list=True) == "moved"
    assert verdict(HOME, url="http://www.shili.gov.cn/index.html", requested=URL, is_list=False) == "gone?"


def test_home_page_in_place_of_an_article_is_throttling() -> None:
    assert verdict(HOME, home=HOME_PRINT, is_list=False) == "throttled"


def test_home_page_in_place_of_an_article_is_gone_where_every_missing_address_gives_it() -> None:
    assert verdict(HOME, home=HOME_PRINT, fingerprint=HOME_PRINT, is_list=False) == "gone?"


def test_shell_of_a_list_service_is_no_error_page_although_every_address_gives_it() -> None:
    shell = "<html><title>示例区</title><body><div id='app'>Please enable JavaScript to continue.</div>{}</body></html>"
    known, unknown = shell.format("<script>post('/front/api/data/affair')</script>"), shell.format("")
    for page, is_list, said in ((known, True, "ok"), (known, False, "gone?"), (unknown, True, "gone?")):
        same = take_fingerprint(200, HTML, page.encode(), URL)
        assert verdict(page, url=COLUMN, fingerprint=same, is_list=is_list) == said


def test_home_page_in_place_of_a_list_has_moved() -> None:
    assert verdict(HOME, url=COLUMN, home=HOME_PRINT, is_list=True) == "moved"


def test_article_under_the_site_s_title_is_no_home_page() -> None:
    page = REPORT.replace(
        "<title>示例部2023年政府信息公开工作年度报告</title>", "<title>示例市人民政府门户网站</title>"
    )
    assert verdict(page, home=HOME_PRINT) == "ok"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", "empty"),
        (b"<html><head><title>x</title></head><body></body></html>", "empty"),
        (b"%PDF-1.4 ...", "ok"),
        (b'{"data":{"results":[]}}', "ok"),
        (b"<datastore><recordset></recordset></datastore>", "ok"),
        ("<ul><li><a href='/public/1/2.html'>示例镇2023年</a></li></ul>".encode(), "ok"),
    ],
)
def test_small_answers(body: bytes, expected: str) -> None:
    assert verdict(body, url="http://www.shili.gov.cn/site/label/8888?x=1") == expected


@pytest.mark.parametrize(
    "url",
    [
        "http://a.gov.cn/zfxxgknb/202401/P020240126500000000001.pdf",
        "http://a.gov.cn/system/_content/download.jsp?wbfileid=1",
        "http://a.gov.cn/module/download/downfile.jsp?filename=a.pdf",
    ],
)
def test_web_page_in_place_of_a_file_is_missing_or_blocked(url: str) -> None:
    assert verdict(f"<html><title>示例市</title><body>{PROSE}</body></html>", url=url) == "gone?"
    assert verdict(CAPTCHA, url=url) == "blocked:captcha"
    assert verdict(b"%PDF-1.7", url=url) == "ok"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ("SSLError: [SSL: DH_KEY_TOO_SMALL] dh key too small", "tls:dh-key-too-small"),
        ("[SSL: UNSAFE_LEGACY_RENEGOTIATION_DISABLED]", "tls:legacy-renegotiation"),
        ("[SSL: BAD_ECPOINT]", "tls:bad-ecpoint"),
        ("[SSL: SSLV3_ALERT_HANDSHAKE_FAILURE]", "tls:handshake-failure"),
        ("certificate verify failed: certificate has expired", "tls:expired"),
        ("certificate verify failed: self-signed certificate", "tls:self-signed"),
        ("certificate verify failed: Hostname mismatch, certificate is not valid for 'a.gov.cn'", "tls:wrong-name"),
        ("certificate verify failed: unable to get local issuer certificate", "tls:untrusted"),
        ("ConnectionResetError: [Errno 104] Connection reset by peer", "unreachable"),
        ("TimeoutError: timed out", "unreachable"),
    ],
)
def test_failures_without_an_answer(error: str, expected: str) -> None:
    assert classify_failure(error).verdict == expected


@pytest.mark.parametrize(
    "body",
    [
        "<script>alert('该信息已下架');history.go(-1)</script>",
        "<html><head><title></title></head><body><script>layer.msg('文章已撤稿');window.close();</script></body></html>",
        "<html><body onload=\"alert('已撤销发布');window.close()\"></body></html>",
    ],
)
def test_what_a_script_says_in_place_of_a_page_is_for_its_reading_to_judge(body: str) -> None:
    found = classify(200, (), body.encode(), "http://a.gov.cn/nb/1.html", "http://a.gov.cn/nb/1.html")
    assert (found.verdict, found.evidence) == ("ok", "a script's words in place of a page")


@pytest.mark.parametrize(
    "body", ["<script>go(1)</script>", "<script>document.title='x';location.reload()</script>", "<html></html>"]
)
def test_a_page_without_words_says_nothing(body: str) -> None:
    found = classify(200, (), body.encode(), "http://a.gov.cn/nb/1.html", "http://a.gov.cn/nb/1.html")
    assert found.verdict != "ok" or not found.evidence.startswith("a script's words")
