"""What an address alone says: an article or a column, a file, or a counter that must never be asked for.

The shapes are those of field guide §§1–9. They rank candidates; whether a page holds a report is for its body to say.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from urllib.parse import parse_qsl, unquote, urlsplit

#: Kinds of file in which reports and their annexes are published.
FILE_EXTENSIONS = (
    "pdf",
    "doc",
    "docx",
    "wps",
    "xls",
    "xlsx",
    "et",
    "ofd",
    "zip",
    "rar",
    "7z",
    "jpg",
    "jpeg",
    "png",
    "rtf",
)

_FILE = re.compile(rf"\.(?:{'|'.join(FILE_EXTENSIONS)})\Z", re.IGNORECASE)
_SESSION = re.compile(r";[^/]*\Z")
_DOWNLOAD = re.compile(
    r"/(?:download|downfile|downloadfile|downattach)\.(?:jsp|do|action|aspx?)\Z|/attachment/\d+/\d+/\d+/", re.IGNORECASE
)

_ARTICLE = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"/t\d{4,8}_\d+\.s?html?\Z",  # TRS WCM; t0035_… has the channel's number in place of the date
        r"/art/\d{4}/\d{1,2}/\d{1,2}/art_\w+\.html?\Z",  # jcms
        r"/art/\d{4}/art_[0-9a-f]{8,}\.html?\Z",  # JPaaS
        r"/m?post_\d+\.html?\Z",  # gkmlpt, NFCMS
        r"/c\d*_\d+\.s?html?\Z|/c\d+/c?\d+/content\.s?html?\Z|/c/\d{4}-\d\d-\d\d/\d+\.s?html?\Z",  # UCAP
        r"/public/\d+/\d+\.html\Z",  # Lonsun
        r"/info/\d+/\d+\.html?\Z",  # VSB
        r"/\d{6}/(?:\d\d/)?[0-9a-f]{32}\.s?html?\Z|/\d{8}/[0-9a-f]{32}\.s?html?\Z|/\d{4}/\d{1,2}/\d{1,2}/[0-9a-f]{32}\.s?html?\Z",
        r"/\d{6}/\d\d/[0-9a-f]{8}-[0-9a-f-]{27}\.html?\Z",  # uuid
        r"/\d{12,}/index\.s?html?\Z|/\d{12,}/\Z",  # stamp dir
        r"/content_\w+\.s?html?\Z|/content/content_\d+\.html?\Z|/content\.html?\Z",  # content, ccontent
        r"/art/(?:[a-z]/)?\d{8}/\w+\.html?\Z",  # bucket
        r"/pnidpv\d+\.html?\Z",  # hash page
        r"/auto/\d+\.html?\Z",
        r"/art/info/\w+/[\w-]+\Z",  # Fengxian
        r"/\d{6,8}/\w{6,}\.s?html?\Z|/\d{4}-?\d\d/\d\d/\w+\.s?html?\Z",
    )
)
_ARTICLE_QUERY = re.compile(r"(?:^|&)(?:infoguid|wbnewsid|newsid|articleid|contentid|artid|infoid)=", re.IGNORECASE)
_NUMERIC_DIRECTORY = re.compile(r"/\d{5,9}/(?:index\.s?html?)?\Z", re.IGNORECASE)
_COLUMN = re.compile(
    r"/\Z|/(?:index|list|common_list|default|more|iframe_list)(?:_?\d+)?\.(?:s?html?|jsp|aspx?|do)\Z|/col/col[\w]+/(?:index\.html?)?\Z"
    r"|/public/column/\d+\Z|/content/column/\d+\Z|/gkmlpt/(?:index|annualreport|policy)\Z|/list\.jsp\Z",
    re.IGNORECASE,
)

_COUNTER = re.compile(
    r"/module/visitcount/|/vc/vc/|/hits?/|/visit(?:count|or)?(?:/|\.jsp|\.do|\.js)|articlehits\.jsp|/dynclicks|/news/click/|/system/resource/code/datainput"
    r"|statistics\.gd\.gov\.cn|/(?:hit|hits|click|clicks|count|counter|clickcount|viewcount|addclick|addhits|updatehits|webstat|stat|pv)"
    r"(?:\.(?:jsp|do|action|aspx?|php|js|ashx)|/?\Z)|/(?:front/)?(?:addVisit|updateVisit|saveVisit|getVisitCount|articleVisit|addPv)"
    r"|(?:hm\.baidu\.com|cnzz\.com|51\.la|google-analytics\.com|analytics\.)|/tongji/|/_?jiathis|/WebStat/|/log/(?:pv|visit)",
    re.IGNORECASE,
)


def is_counter(url: str) -> bool:
    """Whether an address counts visits or serves their number: asking for it would falsify the portal's statistics."""
    parts = urlsplit(url)
    return _COUNTER.search(f"{parts.netloc}{parts.path}") is not None


def is_file(url: str) -> bool:
    """Whether an address names a file that may be a report or its annex: by its path, or by a file name in its query."""
    parts = urlsplit(url)
    path = _SESSION.sub("", parts.path)
    if _FILE.search(unquote(path)) or _DOWNLOAD.search(path):
        return True
    return any(_FILE.search(value.strip()) for _, value in parse_qsl(parts.query))


def is_article(url: str) -> bool:
    """Whether an address has the shape of an article of any known system."""
    parts = urlsplit(url)
    return any(pattern.search(parts.path) for pattern in _ARTICLE) or _ARTICLE_QUERY.search(parts.query) is not None


def is_column(url: str) -> bool:
    """Whether an address has the shape of a column (a folder, an index page) and not that of an article.

    A folder of five to nine digits may be either: some portals give each article one.
    """
    path = urlsplit(url).path
    return _COLUMN.search(path) is not None and not is_article(url)


def is_numeric_directory(url: str) -> bool:
    """Whether the address is a folder named by five to nine digits: an article on some portals, a column on others."""
    return _NUMERIC_DIRECTORY.search(urlsplit(url).path) is not None


#: Slugs of annual-report columns (field guide §10.1), and of those that are mistaken for them.
_SLUG = re.compile(
    r"\A(?:[a-z]{0,6}xxgknb|zfxxgk(?:gz)?nb|gknb|gkndbg|xxgkndbg|zfxxgkndbg|xxgkgzndbg|zfxxgkgzndbg|nb|ndbg|nianbao|annualreport)(?:[_\d]\w*)?\Z"
)
_FALSE_SLUG = re.compile(r"wzndbb|zfwzndbb|zfwzgznb|sydwfrnb|zfgzbg|wznb|qynb|fznb|fzzf")


def slug_rank(url: str) -> int | None:
    """How surely the folders of an address name the reports: 0 for long names (`zfxxgknb`), 1 for short (`nb`), `None` if none do."""
    ranks = []
    for part in urlsplit(url).path.lower().split("/"):
        slug = part.partition(".")[0]
        if _FALSE_SLUG.search(slug):
            return None
        if _SLUG.match(slug):
            ranks.append(1 if re.match(r"(?:nb|ndbg)(?:[_\d]|\Z)", slug) else 0)
    return min(ranks, default=None)


_SESSION = re.compile(r";[^/]*")


#: Parameters that only keep caches from answering: another value is no other file.
_CACHE_BREAKER = re.compile(
    r"(?:_|v|ver|version|t|ts|time|timestamp|r|rnd|rand|random|nocache|jsessionid)(?:=|$)", re.IGNORECASE
)


def file_name(url: str) -> str:
    """A file's name from its address: a `filename` parameter, else the last part of the path with its query."""
    parts = urlsplit(url)
    for key, value in parse_qsl(parts.query):
        if key.lower() in ("filename", "file", "name") and "." in value:
            return PurePosixPath(value).name
    name = unquote(PurePosixPath(_SESSION.sub("", parts.path)).name) or parts.netloc
    query = "&".join(part for part in parts.query.split("&") if part and not _CACHE_BREAKER.match(part))
    return f"{name}?{query}" if query else name


def without_session(url: str) -> str:
    """An address without session ids and cache breakers: two with the same one are the same file, asked for twice."""
    parts = urlsplit(url)
    query = "&".join(part for part in parts.query.split("&") if part and not _CACHE_BREAKER.match(part))
    return parts._replace(path=_SESSION.sub("", parts.path), query=query, fragment="").geturl()
