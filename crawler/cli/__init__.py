"""The program `ogi`: a group whose commands are imported only when they are used.

Importing Scrapy or Datasette costs up to a second of CPU; `ogi --help` and `ogi extract` need neither.
"""

from __future__ import annotations

import difflib
import importlib
import logging
import os
import signal
import sys
import threading
import time
from typing import Any

import click

from archive.work.speaking import speak_safely
from crawler.cli.language import chosen_language, localised, spoken
from extract.errors import OgiError
from extract.messages import LANGUAGES, localizable, localize
from extract.messages.sentences import localized

#: command → (module:attribute, one line for `ogi --help`); in the order of an archivist's day.
COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("crawler.cli.folder:init", "Make an archive folder with a commented ogi.toml."),
    "probe": ("crawler.cli.portals:probe", "Name a portal's platform, find its report columns, print a definition."),
    "portals": ("crawler.cli.portals:portals", "List and check portal definitions."),
    "harvest": ("crawler.cli.harvest:harvest", "One polite pass over the portals, into WARC files and the index."),
    "schedule": ("crawler.cli.schedule:schedule", "Harvest, re-check, verify and report for ever, on a calendar."),
    "import": ("crawler.cli.imports:import_", "Bring WARC, WACZ or loose documents into the archive."),
    "backfill": ("crawler.cli.backfill:backfill", "Ask web archives for earlier captures of known reports."),
    "extract": ("crawler.cli.documents:extract", "Print what is in documents; needs no archive."),
    "check": ("crawler.cli.documents:check", "A reporting office's self-check of a draft."),
    "reextract": ("crawler.cli.reextract:reextract", "Run today's extractor over every archived report again."),
    "reports": ("crawler.cli.lists:reports", "List the archived reports."),
    "changes": ("crawler.cli.lists:changes", "List what was published, revised, withdrawn, moved."),
    "rows": ("crawler.cli.rows:rows", "List every row that the lists name, and what became of it."),
    "findings": ("crawler.cli.lists:findings", "List what the audit found; confirm or dismiss."),
    "obligations": ("crawler.cli.lists:obligations", "List who had to publish, and who did."),
    "diff": ("crawler.cli.lists:diff", "What changed between two versions of a report."),
    "agencies": ("crawler.cli.agencies:agencies", "The register of who must publish."),
    "digest": ("crawler.cli.digest:digest", "What happened since the last digest; sends it where ogi.toml says."),
    "status": ("crawler.cli.status:status", "Portals, last runs, what is blocked, what is due."),
    "prove": ("crawler.cli.prove:prove", "Prove a figure, a report or a revision by one file, or check such a file."),
    "verify": ("crawler.cli.verify:verify", "Prove that the archive is whole."),
    "trust": ("crawler.cli.trust:trust", "Keys and heads that you trust, kept outside the archive."),
    "keys": ("crawler.cli.keys:keys", "Replace the key that the archive signs with."),
    "rebuild": ("crawler.cli.folder:rebuild", "Make the database again from the WARC files alone."),
    "export": ("crawler.cli.export:export", "Write a data package, or WACZ."),
    "serve": ("crawler.cli.site:serve", "Serve the public site."),
    "publish": ("crawler.cli.site:publish", "Write a deployable, immutable snapshot of the site."),
    "hub": ("crawler.cli.hub:hub", "Several archives, say one a province, behind one address."),
    "withhold": ("crawler.cli.site:withhold", "Withhold a report or page from publication, with a reason."),
    "doctor": ("crawler.cli.doctor:doctor", "Look at what an archive needs to run by itself, and say what to do."),
    "completion": ("crawler.cli.completion:completion", "Print what makes a shell complete commands and options."),
    "demo": ("crawler.cli.demo:demo", "A season of replica portals on loopback, and the site."),
}


#: Under this name a shell that completes a line tells what it wants; click's notation.
COMPLETE_VARIABLE = "_OGI_COMPLETE"


class LazyGroup(click.Group):
    """A click group that imports a command's module at its first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the table's order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now; `None` if there is none."""
        if cmd_name not in COMMANDS:
            return None
        module_name, attribute = COMMANDS[cmd_name][0].split(":")
        command: click.Command = getattr(importlib.import_module(module_name), attribute)
        return localised(command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; a misspelt name is answered with those most like it."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            near = difflib.get_close_matches(args[0], COMMANDS, n=3, cutoff=0.5)
            if near:
                names = localize(" or ").join(f"`ogi {name}`" for name in near)
                raise click.UsageError(error.message + localize(" Did you mean {names}?", names=names), ctx) from None
            raise

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; `run` prints one line for Ctrl-C, and a reader of stdout that left (`| head -1`) is no error."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise click.exceptions.Exit(_leave_pipe()) from None
        except KeyboardInterrupt:
            raise click.Abort from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table, without importing them."""
        with formatter.section(localize("Commands")):
            formatter.write_dl([(name, localize(text)) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="ogi-archive", prog_name="ogi")
@click.option(
    "--lang",
    expose_value=False,
    type=click.Choice(LANGUAGES),
    help="Language of help and messages, before or after the command; default: OGI_LANG, else the locale.",
)
def cli() -> None:
    """Keep the annual open-government-information reports (政府信息公开工作年度报告) of Chinese administrative organs.

    Harvests portals politely into WARC files, reads the official tables into exact figures, tells what was revised,
    withdrawn or never published, and serves a searchable site. Start with `ogi demo`, or `ogi init`.
    """


def main(args: list[str] | None = None) -> None:
    """Run `ogi` and exit: 0 done, 1 done and something is wrong, 2 bad usage or bad input, 130 interrupted."""
    if asked := os.environ.get(COMPLETE_VARIABLE):
        from click.shell_completion import shell_complete  # start-up time: only a shell needs it

        sys.exit(shell_complete(cli, {}, "ogi", COMPLETE_VARIABLE, asked))
    sys.exit(run(args))


def run(args: list[str] | None = None) -> int:
    """Run `ogi` and give its exit status; errors for people go to stderr in one line, never as a traceback."""
    if not _open_streams():
        return 2
    speak_safely()
    try:
        args = [_as_text(word) for word in (sys.argv[1:] if args is None else args)]
    except UnicodeDecodeError as error:
        return _say_error(f"{error.object!r} on the command line is no UTF-8")
    if parent := os.environ.pop("OGI_PARENT", ""):
        threading.Thread(target=_end_with, args=[int(parent)], daemon=True, name="parent").start()
    try:
        language, is_asked, args = chosen_language(args)
    except click.UsageError as error:
        return _say_error(error.message)
    with spoken(language, is_asked=is_asked):
        try:
            return _run(args)
        finally:
            _publish_heads()


def _run(args: list[str]) -> int:
    try:
        outcome: Any = localised(cli).main(args=args, prog_name="ogi", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.Abort as stop:
        return _say_interrupted(str(stop))
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return 0
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        hint = localize(" (see `{command} --help`)", command=context.command_path) if context is not None else ""
        return _say_error(localized(error.format_message()) + hint)  # a sentence is recognised without what follows it
    except OgiError as error:
        return _say_error(str(error))
    except BrokenPipeError:
        return _leave_pipe()
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        return _say_error(f"{error.strerror or error}{place}")
    except Exception as error:  # the process boundary: people get a line, `-v` gets the traceback
        logging.getLogger(__name__).info("the command failed", exc_info=True)
        return _say_error(
            localize(
                "this is a defect of ogi-archive ({error}); nothing that was written is lost. Run the command again with -v and report "
                "what it prints.",
                error=f"{type(error).__name__}: {error}",
            )
        )
    return outcome if isinstance(outcome, int) else 0


def _say_interrupted(said: str) -> int:
    """Say what an interrupted command leaves: what it says itself, else that everything is kept."""
    end_of_line = "\n" if sys.stderr.isatty() else ""  # the terminal has just shown ^C
    click.echo(end_of_line + localize(said or localizable("Interrupted; everything written so far is kept.")), err=True)
    return 130


def _publish_heads() -> None:
    """Let the heads of archives to which this command added lines go where their settings say; the command's outcome doesn't rest on it."""
    growth = sys.modules.get("archive.warc.growth")  # start-up time: what was not imported added nothing
    while growth is not None and growth.grown_here:
        try:
            from archive.clock import SystemClock  # start-up time: as above
            from archive.files.folder import Archive
            from archive.publish.heads import publish_heads

            for problem in publish_heads(Archive.open(growth.grown_here.pop()), SystemClock().now):
                click.echo(localized(problem), err=True)
        except (OgiError, OSError) as error:
            click.echo(localize("The head was not published: {error}", error=localized(str(error))), err=True)


def _say_error(message: str) -> int:
    """Say what was wrong in one line on stderr; gives the exit status of bad usage and bad input."""
    said = localize("Error: {message}", message=localized(message))
    click.echo(" ".join(said.split("\n")), err=True)  # names of files have line ends, too
    return 2


def _end_with(parent: int) -> None:
    """End like on SIGTERM when the calendar that started this job is gone: its successor runs the job again."""
    while os.getppid() == parent:
        time.sleep(0.5)
    logging.getLogger(__name__).warning("the calendar that started this job is gone; stopping")
    os.kill(os.getpid(), signal.SIGTERM)


def _leave_pipe() -> int:
    """Nobody reads stdout any more: what is still buffered goes nowhere, and that is no error."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return 0


def _open_streams() -> bool:
    """Stand in for standard streams that whoever started us has closed; without an output there is nothing to do."""
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - lives as long as the process
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115, PTH123 - lives as long as the process
    if sys.stdout is None:
        sys.stderr.write(
            "Error: standard output is closed: there is nowhere to write to\n"
        )  # before a language is chosen
        return False
    return True


def _as_text(word: str) -> str:
    """A word of the command line, where the locale can't read it: words are UTF-8, as a terminal sends them. Raises `UnicodeDecodeError`."""
    return os.fsencode(word).decode("utf-8")
