"""The options shared by every command that restores a model, so that they are spelled alike everywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

__all__ = ["restoring_options"]

_Command = TypeVar("_Command", bound=Callable[..., object])


def restoring_options(command: _Command) -> _Command:
    """Add ``--trust`` and ``--capability`` to a command.

    The command receives them as ``trusted`` and ``capabilities``, which are the keywords of `hermetic.load`.

    Parameters
    ----------
    command : callable
        The function of the command, below its ``click.command`` decorator.

    Returns
    -------
    callable
        The same function with the options attached.

    Examples
    --------
    >>> import click
    >>> from hermetic.cli.options import restoring_options
    >>> @click.command()
    ... @restoring_options
    ... def show(trusted: tuple[str, ...], capabilities: tuple[str, ...]) -> None:
    ...     print(trusted, capabilities)
    >>> show(["--trust", "package.Scaler", "--capability", "reads-files"], standalone_mode=False)
    ('package.Scaler',) ('reads-files',)
    """
    trust = click.option(
        "--trust",
        "trusted",
        metavar="NAME",
        multiple=True,
        help="Exact name that the model may use beyond scikit-learn's own, e.g. package.module.ClassName. Repeatable.",
    )
    capability = click.option(
        "--capability",
        "capabilities",
        metavar="NAME",
        multiple=True,
        help="Effect outside the model to allow, e.g. reads-files. Repeatable.",
    )
    return trust(capability(command))
