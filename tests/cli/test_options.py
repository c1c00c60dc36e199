"""Commands that restore a model spell their options alike."""

from __future__ import annotations

import click
from click.testing import CliRunner

from hermetic.cli.options import restoring_options


@click.command()
@restoring_options
def show(trusted: tuple[str, ...], capabilities: tuple[str, ...]) -> None:
    click.echo(f"{trusted} {capabilities}")


def test_nothing_is_trusted_or_granted_by_default():
    assert CliRunner().invoke(show, []).output == "() ()\n"


def test_trust_and_capability_can_be_repeated():
    arguments = ["--trust", "a.B", "--capability", "reads-files", "--trust", "c.D"]
    assert CliRunner().invoke(show, arguments).output == "('a.B', 'c.D') ('reads-files',)\n"


def test_trust_takes_a_whole_name_with_no_splitting_at_commas():
    assert CliRunner().invoke(show, ["--trust", "a.B,c.D"]).output == "('a.B,c.D',) ()\n"


def test_help_says_that_names_are_exact():
    output = CliRunner().invoke(show, ["--help"]).output
    assert "--trust NAME" in output
    assert "Exact name" in output
    assert "--capability NAME" in output
