"""The families of publishing systems that the replica plays, after field guide §1-9."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.replica.families.gkmlpt import Gkmlpt
from crawler.replica.families.jcms import Jcms
from crawler.replica.families.jpaas import Jpaas
from crawler.replica.families.lonsun import Lonsun
from crawler.replica.families.shells import Epoint, Fengxian, FrontApi, Jiangxi
from crawler.replica.families.static import Static
from crawler.replica.families.trs import Trs
from crawler.replica.families.ucap import Ucap
from crawler.replica.families.vsb import Vsb

if TYPE_CHECKING:
    from crawler.replica.families.base import Site

_SITES = (Jcms, Trs, Jpaas, Gkmlpt, Ucap, Lonsun, Vsb, Epoint, FrontApi, Fengxian, Jiangxi, Static)

FAMILIES: dict[str, type[Site]] = {site.family: site for site in _SITES}
