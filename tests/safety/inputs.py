"""Every grammar by the name of what reads it (`tests.safety.parsers.BY_GRAMMAR`)."""

from __future__ import annotations

from tests.safety.grammars import OF_CONTENT, Grammar
from tests.safety.leads import OF_LEADS

GRAMMARS: dict[str, Grammar] = {**OF_CONTENT, **OF_LEADS}
