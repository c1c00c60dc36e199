"""The frame of the command line: the table of commands, and how an error becomes a message and an exit status.

No command is imported before it is used, so that `hermetic --help` answers at once.
"""

from __future__ import annotations

from importlib import import_module

import click
from click.shell_completion import CompletionItem

from hermetic._version import __version__
from hermetic.cli.exit_codes import exit_code_of
from hermetic.cli.terminal import plain_lines
from hermetic.errors import HermeticError

__all__ = ["COMMANDS", "hermetic"]

COMMANDS = {
    "approve": "Show what a file needs, ask, and write the decision.",
    "container": "Make a container of a model, which proves itself.",
    "convert": "Write pickle, joblib and skops files as hermetic files.",
    "demo": "Save and load real models, and see what hostile files do.",
    "diff": "Show what two models differ in.",
    "env": "Show, lock and remake the environment of a model.",
    "inspect": "Show what a file holds, without loading it.",
    "keygen": "Make a pair of keys for signatures.",
    "predict": "Ask a model about all rows of files.",
    "report": "Write a page that tells everything about a file.",
    "rebuild": "Make a model again from what its file records.",
    "scan": "Say what loading files would do, without loading them.",
    "serve": "Serve models over HTTP.",
    "sign": "Sign files, each in a file beside it.",
    "support": "List the types and functions that can be kept.",
    "verify": "Check that files are whole, and answer as recorded.",
}
"""Name and help of each command; `hermetic.cli.NAME` holds it as ``command``."""


class LazyGroup(click.Group):
    """A group whose commands live in modules that are imported on use."""

    def list_commands(self, context: click.Context) -> list[str]:
        """Return the names of the commands in the order of the alphabet."""
        return sorted(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Import the command called `name`; None when there is no such command."""
        if name not in COMMANDS:
            return None
        command = import_module(f"hermetic.cli.{name}").command
        if not isinstance(command, click.Command):
            raise TypeError(f"hermetic.cli.{name}.command must be a click command, got {type(command).__name__}")
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of commands from the static texts."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name]) for name in self.list_commands(context)])

    def shell_complete(self, context: click.Context, incomplete: str) -> list[CompletionItem]:
        """Offer commands from the static table, then the options."""
        commands = [CompletionItem(name, help=COMMANDS[name]) for name in COMMANDS if name.startswith(incomplete)]
        return commands + click.Command.shell_complete(self, context, incomplete)

    def invoke(self, context: click.Context) -> object:
        """Run the command; show an expected error as its message, without a traceback."""
        try:
            return super().invoke(context)
        except HermeticError as error:
            message, code = str(error), exit_code_of(error)
        except BrokenPipeError:
            raise  # `hermetic inspect model | head`: click ends quietly
        except OSError as error:
            reason = error.strerror or str(error)
            message = reason if error.filename is None else f"{reason}: {error.filename}"
            code = exit_code_of(error)
        click.echo(f"hermetic: {plain_lines(message)}", err=True)
        context.exit(code)


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit status: 0 ok, 1 a check failed, 2 wrong usage or unreadable file, 3 refused by policy. "
    'Shell completion: eval "$(_HERMETIC_COMPLETE=bash_source hermetic)" in ~/.bashrc; '
    "zsh_source and fish_source for the other shells.",
)
@click.version_option(__version__, "-V", "--version", prog_name="hermetic", message="%(prog)s %(version)s")
def hermetic() -> None:
    """Save and load fitted scikit-learn models: one safe file, as fast as pickle."""
