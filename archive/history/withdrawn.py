"""Whether a page in a report's place has nothing of the report: judged by what is gone, not by the words of a notice.

A report's own text is what its last version holds; the frame of the site is no part of it. What is left of it is measured in runs of eight
characters without digits and punctuation.
"""

from __future__ import annotations

import re

from extract.document.clean import squeeze
from extract.lexicon.report_marks import count_markers

#: Characters of a run that is looked for.
_RUN = 8
#: A page that keeps a smaller share of the report's runs has nothing of it: headings and labels of the official form alone are more.
LEAST_SHARE = 0.1
#: Of a shorter text nobody can tell what is left.
_LEAST_RUNS = 40
#: A page with so many headings of the official form holds a report, whatever it says.
_HEADINGS = 2
_NO_LETTER = re.compile(r"[\W\d_]+")


def runs_of(text: str) -> frozenset[str]:
    """The runs of a text."""
    letters = _NO_LETTER.sub("", text)
    return frozenset(letters[start : start + _RUN] for start in range(len(letters) - _RUN + 1))


def has_nothing_of(page: str, report: str) -> bool:
    """Whether a page's text has nothing of a report's: neither its text nor the headings of one; `False` too if the report's text is too short."""
    own = runs_of(report)
    if count_markers(squeeze(page)) >= _HEADINGS:
        return False
    return len(own) >= _LEAST_RUNS and len(own & runs_of(page)) < LEAST_SHARE * len(own)
