"""Obstacles of a whole host, after field guide §13: challenges, blocks, captchas, throttling, and ways to send bytes badly.

A fault is named in a `BLOCK` event's detail. The bodies carry the marks that public crawlers report, and nothing that could be solved.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from crawler.replica.http import Answer, html, redirect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.replica.http import Request

_JSL = (
    "<script>document.cookie=('_')+('_')+('j')+('s')+('l')+('_')+('c')+('l')+('e')+('a')+('r')+('a')+('n')+('c')+('e')+('_')+('s')+"
    "('=')+(-~{}+'')+';max-age=3600;path=/';location.href=location.pathname+location.search</script>"
)
_JSL_SECOND = (
    '<html><head><script>;go({"bts":["1614650000.123|0|aBc","DeF"],"chars":"xYzWvUt","ct":"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b","ha":"sha1",'
    '"is":true,"tn":"__jsl_clearance_s","vt":"3600","wt":"1500"})</script></head><body></body></html>'
)
_RUISHU = (
    '<!DOCTYPE html><html><head><meta name="SiteName" content="示例政府网"><meta id="9DhefwqGPrzGxEp9hPaoag" content="0a1b2c3d" r="m">'
    "<script type=\"text/javascript\" r='m'>$_ts=window['$_ts'];if(!$_ts)$_ts={};$_ts.nsd=47239;$_ts.cd=\"qrrxrqGqEqL\";"
    "</script></head><body></body></html>"
)
_EDGEONE = "<html><body><script>var __tst_status='1'; document.cookie='EO_Bot_Ssid=3158310912';</script></body></html>"
_GEO = "<html><head><title>403</title></head><body>WZWS GeoBL: 您的访问被拒绝</body></html>"
_ATTACK = (
    "<html><head><title>访问异常页面</title></head><body><p>很抱歉，您的请求疑似攻击行为！如果您是网站管理员，请登录网站防护平台查看详情</p>"
    "<p>事件ID: 20210302-4f1a-b7</p></body></html>"
)
_INTERCEPT = "<html><head><title>访问被拦截</title></head><body>访问被拦截，网站管理员设置拦截 CloudWAF</body></html>"
_CAPTCHA = (
    "<html><head><title>安全验证</title></head><body><form>请输入验证码 <input name='codeValue'><img src='/captcha.jpg'>"
    "</form></body></html>"
)
_HANG_UP = Answer(delivery="reset")

_ANSWERS: dict[str, Answer] = {
    "jsl-521": html(_JSL, status=521).with_headers(("Set-Cookie", "__jsluid_h=0123456789abcdef; path=/; HttpOnly")),
    "jsl-200": html(_JSL).with_headers(("Set-Cookie", "__jsluid_s=0123456789abcdef; path=/; HttpOnly")),
    "jsl-second": html(_JSL_SECOND, status=521),
    "ruishu-412": html(_RUISHU, status=412).with_headers(("Set-Cookie", "FSSBBIl1UgzbN7N80S=abc; path=/; HttpOnly")),
    "ruishu-202": html(_RUISHU, status=202),
    "ruishu-200": html(_RUISHU),
    "edgeone": html(_EDGEONE),
    "waf-403": html(_GEO, status=403),
    "waf-418": html(_ATTACK, status=418),
    "waf-200": html(_ATTACK),
    "intercept-200": html(_INTERCEPT),
    "captcha-200": html(_CAPTCHA),
    "captcha-403": html(_CAPTCHA, status=403),
    "server-error": html("<html><body><h1>502 Bad Gateway</h1></body></html>", status=502),
    "unavailable": html("<html><body><h1>503</h1></body></html>", status=503).with_headers(("Retry-After", "120")),
    "too-many": html("<html><body>429</body></html>", status=429).with_headers(("Retry-After", "60")),
    "reset": _HANG_UP,
    "shell": html("<html><head><title></title></head><body></body></html>"),
    "maintenance": html("<html><head><title>系统维护</title></head><body>网站正在维护，请稍后访问</body></html>"),
}

#: Faults that depend on the request or on the answer.
_OTHERS = (
    "home-redirect",
    "self-redirect",
    "cookie-check",
    "index-after-burst",
    "drip",
    "gzip",
    "gbk",
    "wrong-type",
    "no-type",
)

FAULTS = (*_ANSWERS, *_OTHERS)

_BURST = 5
_BURST_WINDOW_S = 1.0


def before(fault: str, request: Request, recent: Sequence[float]) -> Answer | None:
    """The answer of a host that doesn't let the request through, `None` if it does."""
    if fault in _ANSWERS:
        return _ANSWERS[fault]
    if fault == "home-redirect" and request.path != "/":
        return redirect("/", 301)
    if fault == "self-redirect":
        return redirect(request.target).with_headers(("Set-Cookie", "C3VK=0a1b2c; path=/; max-age=300"))
    if fault == "cookie-check" and "CT6T=" not in request.headers.get("cookie", ""):
        return redirect(request.target).with_headers(("Set-Cookie", "CT6T=900001; path=/; HttpOnly"))
    return None


def is_burst(recent: Sequence[float]) -> bool:
    """Whether the latest requests came faster than a limiter bears."""
    now = time.monotonic()
    return sum(1 for moment in recent if now - moment < _BURST_WINDOW_S) > _BURST


def after(fault: str, answer: Answer) -> Answer:
    """The same answer, sent badly."""
    if fault == "drip":
        return replace(answer, delivery="drip")
    if fault == "gzip":
        return answer.with_headers(("Content-Encoding", "gzip"))
    is_page = answer.media_type == "text/html"
    if fault == "gbk" and is_page:
        text = answer.body.decode("utf-8", "replace").replace('<meta charset="utf-8">', "")
        return replace(answer, body=text.encode("gb18030"), charset=None)
    if fault == "wrong-type":
        return replace(answer, media_type="text/plain" if is_page else "text/html", charset="ISO-8859-1")
    if fault == "no-type":
        return replace(answer, media_type="", charset=None)
    return answer
