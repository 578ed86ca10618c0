"""Pages around a report as the publishing families make them (field guide §§1-9), each with every kind of noise of the page."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from bench.history.noise import Noise

_BANNERS = (
    "热烈庆祝中国共产党成立100周年",
    "国家反诈中心提醒您谨防电信网络诈骗",
    "防汛防台工作专题",
    "欢迎访问示例市人民政府门户网站",
)
_NEWS = (
    "区领导赴基层开展调研活动",
    "关于做好春季安全生产工作的通知",
    "一图读懂惠企政策",
    "便民服务热线开通公告",
    "全区植树造林活动启动",
)
_LUNAR = ("正月初一", "二月十五", "冬月廿三", "腊月初八")


@dataclass(frozen=True, slots=True)
class Page:
    """What a look prints: the report's body as HTML, and what the publishing system knows of it."""

    key: int
    title: str
    agency: str
    published: str
    body: str
    file: str = ""
    file_title: str = ""
    viewer: bool = False


def render(look: str, page: Page, noise: Noise) -> str:
    """A page in a look."""
    return _around(page, noise, LOOKS[look](page, noise))


def file_query(page_key: int, noise: Noise) -> str:
    """The query that some systems hang on the addresses of files."""
    random = noise.random("attachment-query", page_key)
    return random.choice(
        (
            "",
            f"?v={random.randint(1, 10**6)}",
            f"?_={random.random()}",
            f"?timestamp={random.randint(10**12, 2 * 10**12)}",
        )
    )


def _around(page: Page, noise: Noise, inner: str) -> str:
    """Head, header, side and footer of the site."""

    def of(kind: str) -> Random:
        return noise.random(kind, page.key)

    clock, token, news = of("clock"), of("token"), of("related")
    grey = of("grey").choice(("", ' style="filter:grayscale(100%)"'))
    waf = of("waf-meta")
    # on a page with little text this mark is the challenge itself, and the harvester takes it for that
    waf_meta = (
        "" if len(page.body) < 2000 else waf.choice(("", f'<meta id="{_word(waf)}" content="{_word(waf, 40)}" r="m">'))
    )
    floater = of("floater").choice(
        ("", '<div id="floatAd" class="piaochuang"><a href="/zt/"><img src="/images/p.gif" alt="飘窗"></a></div>')
    )
    comment = of("comments").randint(1, 10**9)
    items = "".join(
        f'<li><a href="/news/{news.randint(1, 999)}.html">{title}</a><span>2021-0{news.randint(1, 9)}-1{news.randint(0, 9)}</span></li>'
        for title in news.sample(_NEWS, 3)
    )
    return f"""<!DOCTYPE html><html{grey}><head><meta charset="utf-8"><title>{page.title}_示例市示范区人民政府</title>{waf_meta}
<meta name="SiteName" content="示例市示范区人民政府"><meta name="ArticleTitle" content="{page.title}"><meta name="PubDate" content="{page.published} 10:19">
<meta name="ContentSource" content="{page.agency}"><meta name="_token" content="{_word(token, 32)}">
<script src="/js/jquery.js?v={of("cache-breaker").random()}"></script><link rel="stylesheet" href="/css/a.css?_={of("cache-breaker").randint(1, 10**9)}"></head>
<body><!-- generated {comment} -->
<div class="header"><div class="date">今天是{2020 + clock.randint(1, 5)}年{clock.randint(1, 12)}月{clock.randint(1, 28)}日 星期{clock.choice("一二三四五六日")} 农历{clock.choice(_LUNAR)}</div>
<div class="weather">多云 {of("weather").randint(-5, 35)}℃</div><a href="/login;jsessionid={_word(of("session-id"), 32)}">登录</a>
<div class="wza"><a href="#">无障碍</a> <a href="#">长者版</a></div><div class="banner"><a href="/zt/">{of("banner").choice(_BANNERS)}</a></div>
<ul class="nav"><li><a href="/;jsessionid={_word(of("session-id"), 32)}">首页</a></li><li><a href="/zwgk/">政务公开</a></li></ul></div>
<form action="/search"><input type="hidden" name="csrf" value="{_word(token, 32)}"><input name="q"></form>{floater}
<div class="crumb">您当前的位置：<a href="/">首页</a> &gt; 政府信息公开年报</div>
{inner}
<div class="related"><h4>相关信息</h4><ul>{items}</ul></div>
<div class="footer"><p>主办单位：示例市示范区人民政府办公室 网站标识码：330304{of("footer").randint(1000, 9999)}</p>
<p>备案号：示例ICP备{of("footer").randint(10**7, 10**8)}号 版权所有 © {of("footer").randint(2019, 2026)} 您是第<span>{of("counter").randint(1, 10**6)}</span>位访客</p></div>
<script>var t="{_word(token, 16)}";_hits({of("counter").randint(1, 99)});</script></body></html>"""


def _word(random: Random, length: int = 8) -> str:
    return "".join(random.choices("0123456789ABCDEF", k=length))


class _Parts:
    """Pieces that every look has somewhere."""

    def __init__(self, page: Page, noise: Noise) -> None:
        self.hits = noise.random("counter", page.key).randint(1, 99999)
        self.id = noise.random("random-id", page.key).randint(1, 9999)
        share = noise.random("share", page.key)
        self.share = f'<div class="share bdsharebuttonbox" data-tag="{share.randint(1, 99)}">分享到：<a href="#">微信</a> <a href="#">{share.choice(("微博", "QQ空间", "朋友圈"))}</a></div>'
        self.code = f'<div class="ewm"><img src="/images/ewm_{noise.random("qr-code", page.key).randint(1, 9999)}.png" alt="扫一扫在手机打开当前页"></div>'
        near = noise.random("neighbours", page.key)
        agencies = near.sample(("财政局", "教育局", "水利局", "民政局", "司法局"), 2)
        year = near.randint(2012, 2024)
        words = near.choice((("上一篇", "下一篇"), ("上一条", "下一条")))
        older = f'<p>{words[1]}：<a href="/old.html">示例市示范区{agencies[1]}{year}年政府信息公开工作年度报告</a></p>'
        self.near = f'<div class="sxt"><p>{words[0]}：<a href="/new.html">示例市示范区{agencies[0]}{year}年政府信息公开工作年度报告</a></p>{near.choice(("", older))}</div>'
        self.downloads = noise.random("downloads", page.key).randint(0, 9999)
        self.buttons = '<div class="print">【字体：<a href="#">大</a> <a href="#">中</a> <a href="#">小</a>】 【<a href="#">打印</a>】 【<a href="#">关闭</a>】</div>'
        self.file = page.file + file_query(page.key, noise) if page.file else ""

    def link(self, page: Page, text: str = '<p>附件：<a href="{file}" title="{title}">{title}</a></p>') -> str:
        return text.format(file=self.file, title=page.file_title, downloads=self.downloads) if self.file else ""


def _trs(page: Page, noise: Noise) -> str:
    part = _Parts(page, noise)
    link = part.link(
        page,
        '<p><a href="{file}" appendix="true" needdownload="true" title="{title}" download="{title}">{title}</a></p>',
    )
    return f"""<div class="xl"><h1>{page.title}</h1><div class="info"><span>发布时间：{page.published}</span><span>来源：{page.agency}</span>
<span>浏览次数：<em>{part.hits}</em></span><span>字号：[大 中 小]</span></div><div class="TRS_Editor" id="zoom{part.id}"><div class="Custom_UnionStyle">{page.body}{link}</div></div>
{part.code}{part.share}{part.near}</div>"""


def _jcms(page: Page, noise: Noise) -> str:
    part = _Parts(page, noise)
    return f"""<table class="xxgk_table" width="100%"><tbody><tr><td>索引号</td><td>11330304/2021-00012</td><td>分类</td><td>政府信息公开年报</td></tr>
<tr><td>发布机构</td><td>{page.agency}</td><td>发文日期</td><td>{page.published}</td></tr></tbody></table><div class="article" id="c">
<!--begin--><h1 class="sp_title">{page.title}</h1><!--end--><p class="sp_time"><span>发布日期:{page.published}</span> <span>访问次数: <span id="hits">{part.hits}</span></span> <span>来源:{page.agency}</span></p>
<div class="main-txt article-content" id="zoom"><!--ZJEG_RSS.content.begin-->{page.body}{part.link(page)}<!--ZJEG_RSS.content.end--></div>
{part.share}{part.near}</div><iframe src="/module/visitcount/visit.jsp?type=3&amp;i={part.id}" style="display:none"></iframe>"""


def _jpaas(page: Page, noise: Noise) -> str:
    part = _Parts(page, noise)
    return f"""<div class="con" id="con_con"><h1 class="title">{page.title}</h1><div class="ly"><span>发布时间：{page.published} 10:19</span>
<span>信息来源：{page.agency}</span> <span>阅读次数：{part.hits}次</span></div><div class="ccontent pages_content" id="zoom">{page.body}{part.link(page)}</div>
{part.buttons}</div><div class="sxp">{part.near}</div>{part.share}"""


def _gkmlpt(page: Page, noise: Noise) -> str:
    part = _Parts(page, noise)
    content = (
        json.dumps(page.body + part.link(page), ensure_ascii=False).replace("<", "\\u003C").replace(">", "\\u003E")
    )
    return f"""<div class="content"><table class="classify"><tbody><tr><td>索引号：</td><td>11440000MB2C/2021-0001</td><td>分类：</td><td>年报</td></tr>
<tr><td>发布机构：</td><td>{page.agency}</td><td>成文日期：</td><td>{page.published}</td></tr><tr><td>名称：</td><td colspan="3">{page.title}</td></tr></tbody></table>
<h1 class="title document-number">{page.title}</h1><div class="date">发布日期：{page.published}　浏览次数：<span>{part.hits}</span></div>
<div class="article-content"></div></div>{part.near}
<script>window._CONFIG = {{ SID: '758019', DETAIL: {{"id": {part.id}, "content": {content}}}, }}</script>"""


def _ucap(page: Page, noise: Noise) -> str:
    part = _Parts(page, noise)
    return f"""<div class="detail"><h1><UCAPTITLE>{page.title}</UCAPTITLE></h1><div class="info">发布时间：<PUBLISHTIME>{page.published}</PUBLISHTIME>
来源：{page.agency} 访问量：<span id="hits">{part.hits}</span></div><UCAPCONTENT>{page.body}{part.link(page)}</UCAPCONTENT></div>{part.share}{part.near}"""


def _lonsun(page: Page, noise: Noise) -> str:
    part = _Parts(page, noise)
    return f"""<div class="xxgk_wenzhang"><ul class="xxgk_info"><li>索 引 号：<span>00301/202101-00012</span></li><li>发布日期：<span>{page.published}</span></li></ul>
<h1 class="newstitle">{page.title}</h1><div class="wzbjxx">作者： 来源：{page.agency} 浏览次数：<span id="hits">{part.hits}</span></div>
<div class="j-fontContent newscontnet wzcon" id="zoom">{page.body}{part.link(page)}</div>{part.buttons}<p class="wzpn">{part.near}</p></div>{part.share}"""


def _vsb(page: Page, noise: Noise) -> str:
    part = _Parts(page, noise)
    link = part.link(
        page,
        '<p>附件【<a href="{file}" target="_blank">{title}</a>】已下载<span id="nattach9">{downloads}</span>次</p>',
    )
    return f"""<form name="_newscontent_fromname"><div class="nr"><h1>{page.title}</h1><p class="fbsj">发布日期：{page.published} 来源：{page.agency}
点击数：<span id="dynclicks_wbnews_2_{part.id}">{part.hits}</span><script>_showDynClicks("wbnews", 1, 2)</script></p>
<div id="vsb_content_{part.id}"><div class="v_news_content">{page.body}</div></div>{link}</div></form>{part.near}"""


def _static(page: Page, noise: Noise) -> str:
    part = _Parts(page, noise)
    return f"""<div class="article"><h1>{page.title}</h1><p class="info">发布时间：{page.published} 来源：{page.agency} 浏览次数：{part.hits}</p>
<div class="article-content content" id="x{part.id}">{page.body}{part.link(page)}</div>{part.code}</div>{part.near}"""


def _hexday(page: Page, noise: Noise) -> str:
    part = _Parts(page, noise)
    return f"""<h2 id="ivs_title">{page.title}<small>（{page.published}）</small></h2><div id="ivs_content">{page.body}{part.link(page)}</div>
<p>浏览次数：{part.hits}</p>{part.share}{part.near}"""


def _tables(page: Page, noise: Noise) -> str:
    part = _Parts(page, noise)
    return f"""<table width="960"><tr><td width="200"><table><tr><td><a href="/a">政府信息公开指南</a></td></tr><tr><td><a href="/b">政府信息公开年报</a></td></tr></table></td><td>
<table><tr><td align="center"><h1>{page.title}</h1></td></tr><tr><td>发布时间：{page.published} 浏览次数：<span id="hits">{part.hits}</span></td></tr>
<tr><td>{page.body}{part.link(page)}</td></tr><tr><td>{part.near}</td></tr></table></td></tr></table>"""


def _plain(page: Page, noise: Noise) -> str:
    part = _Parts(page, noise)
    return f"""<div id="x{part.id}"><h1>{page.title}</h1><p>发布日期：{page.published}　来源：{page.agency}　点击：{part.hits}</p>
<div id="y{part.id}">{page.body}{part.link(page)}</div>{part.near}</div>"""


LOOKS: dict[str, Callable[[Page, Noise], str]] = {
    "trs": _trs,
    "jcms": _jcms,
    "jpaas": _jpaas,
    "gkmlpt": _gkmlpt,
    "ucap": _ucap,
    "lonsun": _lonsun,
    "vsb": _vsb,
    "static": _static,
    "hexday": _hexday,
    "tables": _tables,
    "plain": _plain,
}

_TEXT = re.compile(r">([^<>]+)<")


def dress(body: str, random: Random) -> str:
    """The same body in other markup: spans, entities, spaces and line ends around texts, attributes, letters of tags."""
    way = random.randrange(6)

    def text(found: re.Match[str]) -> str:
        words = found.group(1)
        if not words.strip() or "&" in words:
            return found.group(0)
        if way == 0:
            half = len(words) // 2
            return f'><span style="font-family:仿宋_GB2312;font-size:{random.randint(10, 22)}pt">{words[:half]}</span><span lang="EN-US">{words[half:]}</span><'
        if way == 1:
            return f">&nbsp;&nbsp;\u3000{words}\u200b&#160;<"
        if way == 2:
            return (
                ">" + "".join(f"&#{ord(sign)};" if random.random() < 0.3 else html.escape(sign) for sign in words) + "<"
            )
        if way == 3:
            return f'><font face="宋体"><strong>{words}</strong></font><'
        if way == 4:
            return f"><!-- {random.randint(1, 10**6)} --><span>{words}</span><script>var a={random.randint(1, 99)};</script><"
        return f">\n      {words}\r\n   <"

    dressed = _TEXT.sub(text, f">{body}<")[1:-1]
    return (
        re.sub(r"<(/?)(p|td|tr|table|tbody)\b", lambda found: f"<{found[1]}{found[2].upper()}", dressed)
        if way == 5
        else dressed
    )
