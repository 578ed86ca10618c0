"""Progress of long work, on a terminal only."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO, cast

from archive.work.speaking import own
from extract.document.clean import escaped
from extract.messages import localizable
from extract.messages.sentences import localized

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console


@contextmanager
def lines_on_terminal(first: str = localizable("starting")) -> Iterator[Callable[[str], None] | None]:
    """A function that shows what is being done beside a spinner on stderr; `None` where stderr is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.live import Live
    from rich.spinner import Spinner
    from rich.text import Text

    spinner = Spinner("dots", Text(localized(first)), style="status.spinner")
    with Live(
        spinner, console=screen(), refresh_per_second=12.5, transient=True, redirect_stdout=False, redirect_stderr=False
    ):
        yield lambda text: spinner.update(text=Text(escaped(localized(text))))


def screen() -> Console:
    """The terminal that stderr is, as the library for bars and spinners writes to it.

    Bars and spinners are not to redirect stdout and stderr: that takes them away from what guards them (`archive.work.speaking`).
    """
    from rich.console import Console  # start-up time: most commands show none

    return Console(file=cast("TextIO", _Screen(sys.stderr)))


class _Screen:
    """A stream whose writer moves the cursor itself."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write all of it as it is."""
        own(self._stream, text)
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
