"""Radical code points that some PDF writers print for the ordinary Han characters they look like.

Browsers map glyphs back to the first code point that uses them, often one of the Kangxi radicals (U+2F00-2FD5, all
repaired by their compatibility decomposition) or of the CJK radicals supplement (U+2E80-2EF3, mostly without one).
"""

from __future__ import annotations

import re
import unicodedata

_SUPPLEMENT = dict(
    zip(
        "⺁⺄⺆⺇⺈⺊⺌⺍⺎⺏⺐⺑⺒⺓⺔⺕⺖⺗⺘⺙⺛⺝⺟⺠⺡⺢⺣⺤⺥⺦⺨⺩⺪⺫⺬⺭⺮⺯⺰⺱⺲⺴⺶⺸⺹⺺⺻⺼⺽⺾⺿⻀⻁⻂⻃⻄⻅⻆⻈⻉⻊⻋⻌⻍⻎⻏⻐⻑⻒⻓⻔⻖⻗⻘⻙⻚⻛⻜⻝⻟⻠⻢⻣⻤⻥⻦⻧⻨⻩⻪⻬⻮⻰⻲⻳",
        "厂乙冂几刀卜小小兀尣尢尣巳幺彑彐心心手攴旡月母民水水火爪爪爿犬玉疋目示示竹糸纟网网网羊羊老老聿肉臼艸艸艸虎衣西西见角讠贝足车辶辶辶邑钅长长长门阝雨青韦页风飞食食饣马骨鬼鱼鸟卤麦黄黾齐齿龙龟龟",
        strict=True,
    )
)
_KANGXI = {chr(code): unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)}
_TO_HAN = {**_SUPPLEMENT, **_KANGXI}


def to_han(character: str) -> str:
    """The ordinary character for a radical code point; anything else unchanged."""
    return _TO_HAN.get(character, character)


_ANY = re.compile("[" + "".join(_TO_HAN) + "]")
_TABLE = str.maketrans(_TO_HAN)


def without_radicals(text: str) -> str:
    """A text with the ordinary characters for all radical code points."""
    return text.translate(_TABLE) if _ANY.search(text) else text
