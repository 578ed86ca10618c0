"""How text shows marks that change what a figure says: raised (a note's number) and struck out.

Both stay visible in the text as Unicode has them, so that `12¹` and `1̶2̶` are never read as 121 and 12.
"""

from __future__ import annotations

import re

_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_STROKE = "\u0336"
_INK = re.compile(r"(\S)")


def raised(text: str) -> str:
    """The text with its digits as superscript digits."""
    return text.translate(_RAISED)


def struck(text: str) -> str:
    """The text with a stroke through each character."""
    return _INK.sub(rf"\1{_STROKE}", text)
