"""Options that every command takes, and what they give."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from extract.messages.sentences import localized

F = TypeVar("F", bound=Callable[..., Any])


def _set_verbosity(ctx: click.Context, param: click.Parameter, value: int) -> int:
    level = {0: logging.WARNING, 1: logging.INFO}.get(value, logging.DEBUG)
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s", force=True)
    logging.getLogger().handlers[0].setFormatter(_InOurWords("%(levelname)s %(name)s: %(message)s"))
    return value


class _InOurWords(logging.Formatter):
    """A line of the log whose sentence is in the language spoken; level and logger keep their names."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name that logging calls
        record.message = localized(record.message)
        return super().formatMessage(record)


def archive_option(function: F) -> F:
    """`--archive DIR`, passed on as `archive: Path`."""
    return click.option(
        "--archive",
        envvar="OGI_ARCHIVE",
        default="./ogi-data",
        show_default=True,
        show_envvar=True,
        metavar="DIR",
        type=click.Path(path_type=Path),
        help="The archive folder.",
    )(function)


def json_option(function: F) -> F:
    """`--json`, passed on as `as_json: bool`."""
    return click.option(
        "--json",
        "as_json",
        is_flag=True,
        help="One JSON object a line for lists, else one JSON document; nothing else on stdout.",
    )(function)


def verbose_option(function: F) -> F:
    """`-v`, repeatable; sets up logging to stderr and passes nothing on."""
    return click.option(
        "-v",
        "--verbose",
        count=True,
        expose_value=False,
        callback=_set_verbosity,
        help="Say more on stderr; -vv for all.",
    )(function)


def cluster_option(function: F) -> F:
    """`--cluster ADDRESS`, passed on as `cluster: str | None`."""
    return click.option(
        "--cluster",
        metavar="ADDRESS",
        envvar="DASK_SCHEDULER_ADDRESS",
        show_envvar=True,
        help="Dask scheduler whose workers do it, such as tls://10.0.0.5:8786; else this machine does.",
    )(function)


def place_options(function: F) -> F:
    """`--workers N` and `--cluster ADDRESS`, passed on as `workers: int | None` and `cluster: str | None`: where jobs run."""
    return click.option(
        "--workers",
        metavar="N",
        type=click.IntRange(min=1),
        help="Processes on this machine; default: one a core. On a cluster: the most jobs at a time.",
    )(cluster_option(function))


def common_options(function: F) -> F:
    """`--archive`, `--json` and `-v`, for every command of the contract."""
    return archive_option(json_option(verbose_option(function)))
