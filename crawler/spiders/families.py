"""A spider for each family of publishing systems, and `auto`, which lets the page decide."""

from __future__ import annotations

from crawler.spiders.base import PortalSpider


class AutoSpider(PortalSpider):
    """Any column: the family is told from the page."""

    name = "auto"
    family = "auto"


class TrsSpider(PortalSpider):
    """TRS WCM: static lists, `index_1.html` is page 2."""

    name = "trs"
    family = "trs"


class JcmsSpider(PortalSpider):
    """Hanweb jcms: rows as XML inside a script, more through dataproxy."""

    name = "jcms"
    family = "jcms"


class JpaasSpider(PortalSpider):
    """Hanweb JPaaS: lists from the gateway's unit builder."""

    name = "jpaas"
    family = "jpaas"


class GkmlptSpider(PortalSpider):
    """Guangdong's 政府信息公开目录平台: a JSON list by category."""

    name = "gkmlpt"
    family = "gkmlpt"


class NfcmsSpider(PortalSpider):
    """Guangdong's NFCMS: static lists beside the platform."""

    name = "nfcms"
    family = "nfcms"


class UcapSpider(PortalSpider):
    """UCAP 开普: JSON search by channel, or static lists counted from 1."""

    name = "ucap"
    family = "ucap"


class LonsunSpider(PortalSpider):
    """Lonsun 龙讯: list fragments by organ."""

    name = "lonsun"
    family = "lonsun"


class VsbSpider(PortalSpider):
    """Boda 博达 VSB: `.htm` lists whose page numbers count down."""

    name = "vsb"
    family = "vsb"


class EpointSpider(PortalSpider):
    """Epoint 新点 WebBuilder: shells with a JSON detail call."""

    name = "epoint"
    family = "epoint"


class FrontApiSpider(PortalSpider):
    """The "front/api" system of Shanghai districts: JSON lists by POST."""

    name = "front-api"
    family = "front-api"


class FengxianSpider(PortalSpider):
    """Fengxian's single-page application."""

    name = "fengxian"
    family = "fengxian"


class JiangxiSpider(PortalSpider):
    """Jiangxi's lists by POST to /queryList."""

    name = "jiangxi"
    family = "jiangxi"


class StaticSpider(PortalSpider):
    """The long tail: plain lists of links."""

    name = "static"
    family = "static"
