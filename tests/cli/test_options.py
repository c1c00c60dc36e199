"""Commands that restore a model spell their options alike."""

from __future__ import annotations

import click
from click.testing import CliRunner

from hermetic.cli.options import restoring_options


@click.command()
@restoring_options
def show(trusted: tuple[str, ...], capabilities: tuple[str, ...], approvals: str | None) -> None:
    click.echo(f"{trusted} {capabilities} {approvals}")


def test_nothing_is_trusted_or_granted_or_read_by_default():
    assert CliRunner().invoke(show, []).output == "() () None\n"


def test_trust_and_capability_can_be_repeated():
    arguments = ["--trust", "a.B", "--capability", "reads-files", "--trust", "c.D"]
    assert CliRunner().invoke(show, arguments).output == "('a.B', 'c.D') ('reads-files',) None\n"


def test_the_file_of_approvals_is_the_one_that_is_named():
    assert CliRunner().invoke(show, ["--approvals", "folder/hermetic.toml"]).output == "() () folder/hermetic.toml\n"


def test_trust_takes_a_whole_name_with_no_splitting_at_commas():
    assert CliRunner().invoke(show, ["--trust", "a.B,c.D"]).output == "('a.B,c.D',) () None\n"


def test_help_says_that_names_are_exact():
    output = CliRunner().invoke(show, ["--help"]).output
    assert "--trust NAME" in output
    assert "Exact name" in output
    assert "--capability NAME" in output
    assert "--approvals FILE" in output
