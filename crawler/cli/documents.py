"""`ogi extract` and `ogi check`: what is in documents, and whether a draft holds together. Neither needs an archive."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from crawler.cli.finding_sentences import finding_sentence
from crawler.cli.options import archive_option, json_option, verbose_option
from crawler.cli.render import emit_json, emit_styled, say
from extract.messages import heading, language, localize, word
from extract.messages.sentences import localized

if TYPE_CHECKING:
    from io import BufferedReader

    from extract.model import Extraction, Finding, Limits

F = TypeVar("F", bound=Callable[..., Any])


def _limit_options(function: F) -> F:
    for option in (
        click.option(
            "--max-pages",
            default=400,
            show_default=True,
            metavar="N",
            type=click.IntRange(1),
            help="Pages of one document.",
        ),
        click.option(
            "--max-bytes",
            default=64 * 1024 * 1024,
            show_default=True,
            metavar="N",
            type=click.IntRange(1),
            help="Size of one document.",
        ),
        click.option(
            "--max-seconds",
            default=60.0,
            show_default=True,
            metavar="N",
            type=click.FloatRange(0.1),
            help="Time for one document.",
        ),
    ):
        function = option(function)
    return function


#: Bytes of standard input that are read at once.
_PART = 1 << 16


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@_limit_options
@archive_option
@json_option
@verbose_option
def extract(
    files: tuple[str, ...], archive: Path, as_json: bool, max_seconds: float, max_bytes: int, max_pages: int
) -> int:
    """Print what is in documents: figures, sections, findings.

    FILE is a web page, text, PDF, Word, WPS, Excel, OFD, a scan, or a zip of one; a folder stands for the files in it, - for standard
    input. The bytes decide what it is, not the name. A file that can't be read gives exit status 2 after the others are done.
    """
    status = 0
    for source, extraction in _extractions(files, _limits(max_seconds, max_bytes, max_pages)):
        if extraction is None:
            status = 2
        elif as_json:
            emit_json(extraction.to_json())
        else:
            _show(source, extraction)
    return status


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@_limit_options
@archive_option
@json_option
@verbose_option
@click.option(
    "--sheet",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also write a page to print and work through: rule, place, printed numbers, room for what was done.",
)
def check(
    files: tuple[str, ...],
    archive: Path,
    as_json: bool,
    sheet: Path | None,
    max_seconds: float,
    max_bytes: int,
    max_pages: int,
) -> int:
    """A reporting office's self-check of a draft, before it is published.

    Prints each finding with its rule and the figures compared. Exit status 1 if there are errors, 2 if a file can't be read.
    """
    status = 0
    checked: list[tuple[str, Extraction]] = []
    for source, extraction in _extractions(files, _limits(max_seconds, max_bytes, max_pages)):
        if extraction is None:
            status = 2
            continue
        if status == 0 and any(finding.severity == "error" for finding in extraction.findings):
            status = 1
        checked.append((source, extraction))
        if as_json:
            for finding in extraction.findings:
                emit_json(_finding_json(extraction, finding))
            for warning in extraction.warnings:
                say(f"{source}: {warning}", err=True)
        else:
            _show_check(source, extraction)
    if sheet is not None:
        from crawler.cli.sheet import sheet_page

        sheet.write_text(sheet_page(checked), "utf-8")
    return status


def _limits(max_seconds: float, max_bytes: int, max_pages: int) -> Limits:
    from extract.model import Limits

    return Limits(max_seconds=max_seconds, max_bytes=max_bytes, max_pages=max_pages)


def _extractions(files: tuple[str, ...], limits: Limits) -> Iterator[tuple[str, Extraction | None]]:
    """Each document's extraction in turn; `None`, with a line on stderr, for one that can't be read."""
    from extract.errors import OgiError
    from extract.guarded import GuardedReader

    with GuardedReader(limits) as reader:
        for name, path in _expand(files):
            if path is not None and path.is_dir():
                say(f"Error: {name}: the folder has no files in it", err=True)
                yield name, None
                continue
            try:
                data = _load(path, limits)
                yield name, reader.extract(data, source=name, hint=name if path is not None else None)
            except OgiError as error:
                say(f"Error: {name}: {error}", err=True)
                yield name, None
            except OSError as error:
                say(f"Error: {name}: {error.strerror or error}; give the path of a document", err=True)
                yield name, None


def _expand(files: tuple[str, ...]) -> Iterator[tuple[str, Path | None]]:
    """Names with their paths (`None` is standard input); a folder gives its files in order of names."""
    for name in files:
        path = Path(name)
        if name == "-":
            yield "-", None
        elif path.is_dir():
            found = sorted(child for child in path.rglob("*") if child.is_file() and not child.name.startswith("."))
            if not found:
                yield name, path
            yield from ((str(child), child) for child in found)
        else:
            yield name, path


def _load(path: Path | None, limits: Limits) -> bytes:
    """The document's bytes, at most one more than the limit."""
    from extract.errors import DocumentTooLarge

    if path is None:
        data = _read_input(limits.max_bytes + 1)
    else:
        with path.open("rb") as stream:
            data = stream.read(limits.max_bytes + 1)
    if len(data) > limits.max_bytes:
        raise DocumentTooLarge(f"larger than {limits.max_bytes} bytes; raise --max-bytes if it is a report")
    return data


def _read_input(most: int) -> bytes:
    """Standard input, at most so many bytes. In parts: a read of everything would notice Ctrl-C only when the input ends."""
    data, stream = bytearray(), cast("BufferedReader", sys.stdin.buffer)
    while len(data) < most and (part := stream.read1(min(_PART, most - len(data)))):
        data += part
    return bytes(data)


def _show(source: str, extraction: Extraction) -> None:
    emit_styled(source, bold=True)
    _pair("title", extraction.title)
    _pair("agency", extraction.agency)
    _pair("year", extraction.year)
    _pair("form", extraction.form)
    _pair("published", extraction.published)
    _pair("period", localize(" to ").join(day.isoformat() for day in extraction.period) if extraction.period else None)
    _pair("scope", extraction.scope.value if extraction.scope else None)
    _pair("index number", extraction.index_number)
    _pair("media type", extraction.media_type)
    for section in extraction.sections:
        _pair("section", localize("{heading} ({n} characters)", heading=section.heading, n=len(section.text)))
    for table, (bound, expected) in extraction.coverage.items():
        _pair(table, localize("{bound} of {expected} figures read", bound=bound, expected=expected))
    _show_figures(extraction)
    for finding in extraction.findings:
        say(f"  {word(finding.severity):<13} {finding.check}: {finding_sentence(finding.to_json())}")
    for warning in extraction.warnings:
        _pair("warning", localized(warning))
    click.echo()


def _pair(label: str, value: object) -> None:
    from rich.cells import cell_len

    word = heading(label)
    click.echo(f"  {word}{' ' * (13 - cell_len(word))} {'—' if value is None else value}")


def _show_figures(extraction: Extraction) -> None:
    """Each table with its rows down and columns across; `?` marks a figure that is not to be relied on."""
    tables: dict[str, dict[str, dict[str, str]]] = {}
    for figure in extraction.figures:
        shown = figure.raw if figure.raw.strip() else "·"
        doubt = "" if figure.is_reliable else "?"
        tables.setdefault(figure.table, {}).setdefault(figure.row, {})[figure.column] = shown + doubt
    for table, rows in tables.items():
        columns = list(dict.fromkeys(column for cells in rows.values() for column in cells))
        widths = [max(len(column), *(len(cells.get(column, "")) for cells in rows.values())) for column in columns]
        label = max(len(row) for row in rows)
        say(f"  {table}")
        say(
            f"    {'':<{label}}  "
            + "  ".join(f"{column:>{width}}" for column, width in zip(columns, widths, strict=True))
        )
        for row, cells in rows.items():
            values = "  ".join(
                f"{cells.get(column, ''):>{width}}" for column, width in zip(columns, widths, strict=True)
            )
            say(f"    {row:<{label}}  {values}")


def _compared(extraction: Extraction, finding: Finding) -> list[dict[str, Any]]:
    by_address = {figure.address: figure for figure in extraction.figures}
    return [by_address[address].to_json() for address in finding.figures if address in by_address]


def _rule(check: str) -> str:
    """In both languages, as JSON has it: the form's own words, and what is compared."""
    from extract.audit import CHECKS, RULES

    return f"{RULES[check]} ({CHECKS[check]})"


def _finding_json(extraction: Extraction, finding: Finding) -> dict[str, Any]:
    return {
        "source": extraction.source,
        **finding.to_json(),
        "rule": _rule(finding.check),
        "compared": _compared(extraction, finding),
    }


def _show_check(source: str, extraction: Extraction) -> None:
    from extract.audit import CHECKS, RULES
    from extract.audit.names import name_of

    errors = sum(finding.severity == "error" for finding in extraction.findings)
    others = len(extraction.findings) - errors
    doubts = len(extraction.warnings)
    counts = localize(", ").join(
        (
            localize("{n} error" if errors == 1 else "{n} errors", n=errors),
            localize("{n} other finding" if others == 1 else "{n} other findings", n=others),
            localize("{n} warning" if doubts == 1 else "{n} warnings", n=doubts),
        )
    )
    emit_styled(f"{source}: {counts}", bold=True)
    if extraction.title or extraction.agency:
        say(f"  {extraction.title or extraction.agency}")
    for finding in extraction.findings:
        say(f"  {word(finding.severity).upper()} {finding.check}: {finding_sentence(finding.to_json())}")
        say(f"    rule: {RULES[finding.check] if language() == 'zh' else CHECKS[finding.check]}")
        for figure in _compared(extraction, finding):
            address = f"{figure['table']}.{figure['row']}.{figure['column']}"
            printed = figure["raw"].strip() or localize("blank")
            click.echo(
                f"    {localize('figure: {address} = {printed}', address=address, printed=printed)}  {name_of(address)}"
            )
        if finding.quote:
            say(f"    text: {finding.quote}")
    for warning in extraction.warnings:
        say(f"  not certain: {warning}")
