"""Lines that belong to the page and not to the report: counters, print buttons, neighbours, the line of date and source.

The kinds are those of the field guide §12. Only whole lines are judged, never words inside a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from extract.document.clean import squeeze
from extract.lexicon.dates import DATE_LABELS, YEAR

_LOOK = r"(?:浏览|访问|点击|阅读|查看|点阅|浏阅|阅览|围观)"
#: What pages count of themselves: looks, and what readers can do; `信息浏览次数`, `累计访问量`, `点赞`.
_COUNTER = (
    r"(?:本文章?|本页面?|此文|该文|文章|信息|稿件|页面|网页)?(?:已被?|被|累计|总|今日|昨日|本月|当前)*"
    rf"(?:{_LOOK}|阅|人气|热度|点赞|收藏|转发|评论|下载|分享|播放)(?:总)?(?:次数|人次|人数|数量|总数|量|数|率|值)?"
)
_NUMBER = r"(?:\d[\d,]*(?:\.\d+)?[万千wWkK]?\+?|-+|加载中\.*|载入中\.*)"
_COUNTED = rf"{_COUNTER}[:：]?[\[(（【]?{_NUMBER}?(?:人次|[次人条个篇遍位])?[\])）】]?"
_BUTTONS = (
    r"打印(?:本页|此页|文章|本文|内容)?|关闭(?:窗口|本页|此页|页面)?|返回(?:顶部|首页|上页|上一页|列表)?|收藏(?:本页)?|分享(?:到|至)?|"
    r"微信|微博|新浪微博|腾讯微博|朋友圈|人人网|QQ(?:空间|好友)?|豆瓣|复制(?:链接|网址)?|大|中|小|默认|特大|超大|加大|字号|字体(?:大小)?|"
    r"我要纠错|纠错|我要评论|评论|点赞|转发|推荐给好友|朗读|播放|暂停|停止|语音播报|繁体|简体|适老化|无障碍(?:浏览|阅读)?|长者模式|"
    r"护眼|保护视力色|杏仁黄|秋叶褐|胭脂红|芥末绿|天蓝|雪青|灰|银河白|白色|T|A[+-]?|下载|"
    r"扫一扫.{0,20}|二维码|手机(?:浏览|查看|版)|用手机.{0,14}|点击(?:查看|此处).{0,4}|收起|展开|更多>*|首页|末页|尾页"
)
_NOISE = re.compile(
    rf"(?>[【\[(（|｜/·・>＞:：]*+(?:{_BUTTONS})[】\])）|｜/·・>＞:：]*+)++"
    rf"|(?:[【\[(（]?{_COUNTED}[】\])）]?[|｜/·,，;；]?)+"
    rf"|(?:您是)?第\d*位(?:访问者|访客|浏览者)|(?:已有|共有|共)?{_NUMBER}(?:人次|[人次位])(?:已)?(?:{_LOOK}|点赞|评论|下载|分享|转发)过?(?:本文|本页)?"
    r"|[【\[<＜]?(?:上一[篇条则页]|下一[篇条则页]|前一篇|后一篇|上篇|下篇)[】\]>＞]?[:：]?.{0,80}"
    r"|(?:您(?:现在|当前)?(?:所在)?的?位置|当前位置|所在位置|现在位置)(?:是)?[:：]?.{0,120}"
    r"|(?:相关|推荐|热点|热门|最新|其他|更多|附近)(?:链接|新闻|阅读|文章|信息|文档|文件|稿件|解读|内容|推荐|资讯|政策)(?:列表|推荐)?[:：]?"
    r"|.{0,30}满意\D{0,4}\d+\D{0,2}不满意.{0,12}|.{0,20}分享[到至]?[:：].{0,40}"
    r"|.{0,8}(?:更新|发布|编辑|发表)(?:于|时间)?[:：]?(?:刚刚|\d{1,4}(?:秒|分钟|小时|天|周|个月|年)前)"
    r"|(?:[Rr]equest|[Tt]race|[Ss]ession)[_-]?[Ii][Dd][:：=#]?[0-9A-Za-z_.-]{6,80}"
    r"|(?:延伸阅读|猜你喜欢|热点推荐|推荐阅读|友情链接|网站链接)[:：]?"
    r"|[(（【\[]?(?:责任编辑|责编|本文编辑|网站编辑|编辑|审核|校对|初审|复审|终审|录入|录入者|发布人|作者)[:：].{0,20}[)）】\]]?"
    r"|(?:今天是|现在是|当前时间|北京时间|系统时间|服务器时间|(?:打印|浏览|访问|查询|查看|下载|导出|页面生成|页面更新|最近访问)(?:时间|日期))[:：]?.{4,40}"
    r"|(?:星期|周)[一二三四五六日天]"
    r"|.{0,60}(?:ICP备|公网安备|网站标识码|版权所有|Copyright).{0,80}"
    r"|(?:主办单位?|承办单位?|技术支持|网站地图|联系我们|关于我们|网站声明)[:：|].{0,80}"
    r"|(?:网站地图|联系我们|关于我们|网站声明|设为首页|加入收藏|隐私声明)(?:[|｜](?:网站地图|联系我们|关于我们|网站声明|设为首页|加入收藏|隐私声明))*"
    r"|[-—–_=~*·.。|｜\s]*"
)
#: Labels of whose document it is, as portals print them beside a title or in the box above a text.
ISSUER_LABELS = ("发布机构", "发布单位", "公开主体", "发文机关", "发文机构", "发文单位", "制发机关")
_LABELS = (
    rf"{'|'.join(DATE_LABELS)}|"
    rf"信息来源|文章来源|稿源|来源|{'|'.join(ISSUER_LABELS)}|信息提供单位|供稿单位|供稿|作者|索引号|索取号|文号|发文字号|"
    r"发布文号|公开方式|公开形式|公开时限|信息分类|主题分类|主题词|关键词|体裁分类|组配分类|分类|名称|标题|有效性|时效性|效力状态|内容概述|"
    r"浏览次数|浏览量|浏览人次|浏览|访问次数|访问量|访问|点击次数|点击数|点击量|点击率|点击|阅读次数|阅读量|阅读人次|阅读数|阅读|字号|字体大小|"
    r"字体|分享到|分享至|分享|打印|保护视力色|责任编辑|编辑"
)
_PAIR = re.compile(rf"(?:[【\[(（|]\s*+|(?<!\s)\s++)?({_LABELS})\s*+[:：]\s*+", re.IGNORECASE)
_ANCHORS = frozenset(
    [
        *DATE_LABELS,
        "信息来源",
        "文章来源",
        "稿源",
        "来源",
        *ISSUER_LABELS,
        "索引号",
        "索取号",
        "浏览次数",
        "浏览量",
        "访问次数",
        "访问量",
        "点击次数",
        "点击数",
        "点击量",
        "阅读次数",
        "阅读量",
        "阅读数",
    ]
)
_SEPARATED = {
    label: re.compile(r"\s*".join(label))
    for label in ("来源", "时间", "日期", "字号", "字体", "作者", "文号", "索引号")
}


BARE_DATE = re.compile(
    rf"[\[【(（]?{YEAR}[-./年]\d{{1,2}}[-./月]\d{{1,2}}日?(?:\s*\d{{1,2}}:\d{{2}}(?::\d{{2}})?)?[\])】）]?(?:星期.)?"
)


def is_noise(line: str) -> bool:
    """Whether a line is a counter, a button, a neighbour, a breadcrumb or part of a footer, and nothing of the report."""
    flat = squeeze(line)
    if len(flat) > 160:
        return False
    return _NOISE.fullmatch(flat) is not None


def information_label(text: str) -> str | None:
    """The label of date, source, issuer or counter that a text is as a whole (`发 布 机 构：`), as `info_pairs` names it."""
    flat = squeeze(text).rstrip(":：")
    return flat if flat in _ANCHORS else None


def info_pairs(line: str) -> Mapping[str, str] | None:
    """The labels and values of a line of date, source and counters (`发布日期:2021-02-20 来源:…`); `None` if it is no such line."""
    if len(line) > 400 or "。" in line or (":" not in line and "：" not in line):
        return None
    text = line.strip(" 【[(（|　")
    for label, pattern in _SEPARATED.items():
        text = pattern.sub(label, text)
    found = list(_PAIR.finditer(text))
    if not found:
        return None
    pairs: dict[str, str] = {}
    if found[0].start() > 0:
        dated = text[: found[0].start()].strip(" 】])）|　\t")
        if not BARE_DATE.fullmatch(dated):
            return None
        pairs["日期"] = dated  # 2023-01-28 16:20 来源：…
    for place, match in enumerate(found):
        end = found[place + 1].start() if place + 1 < len(found) else len(text)
        value = text[match.end() : end].strip(" 】])）|　\t")
        if len(value) > 60:
            return None
        pairs.setdefault(match.group(1), value)
    if not _ANCHORS & pairs.keys():
        return None
    return pairs


_COUNTERS = re.compile(r"浏览|访问|点击|阅读")
_UNDER_THE_TITLE = 14
_NEXT_TO_THE_TITLE = 3


def head_information(line: str) -> Mapping[str, str] | None:
    """As `info_pairs`, for lines under a title: a date alone is the day of publication there."""
    pairs = info_pairs(line)
    if pairs is None and len(line) <= 30 and BARE_DATE.fullmatch(line.strip()):
        return {"日期": line.strip(" []【】()（）")}
    return pairs


def is_information(line: str, place: int) -> bool:
    """Whether a line is the page's line of date and source: among the first lines, or wherever it counts visits.

    Args:
        line: As printed.
        place: How many of the report's own lines came before it.
    """
    if place <= _NEXT_TO_THE_TITLE and head_information(line) is not None:
        return True
    pairs = info_pairs(line)
    return pairs is not None and (place < _UNDER_THE_TITLE or any(_COUNTERS.match(label) for label in pairs))


_PAGE_NUMBER = re.compile(
    r"[-—–－]\s*\d{1,3}\s*[-—–－]|第\s*\d{1,3}\s*页(?:\s*[,，/]?\s*共\s*\d{1,3}\s*页)?|\d{1,3}\s*/\s*\d{1,3}"
)


def is_page_number(line: str) -> bool:
    """Whether a line is the number of a printed page; a bare `-4` is a figure and isn't."""
    return _PAGE_NUMBER.fullmatch(line.strip()) is not None
