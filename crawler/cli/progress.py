"""Progress of long work, on a terminal only."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from extract.messages import localize
from extract.messages.sentences import localized

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def lines_on_terminal() -> Iterator[Callable[[str], None] | None]:
    """A function that shows what is being done beside a spinner on stderr; `None` where stderr is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console

    with Console(stderr=True).status(localize("starting")) as status:
        yield lambda text: status.update(localized(text))
