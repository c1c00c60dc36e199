"""The options shared by every command that restores a model, so that they are spelled alike everywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

__all__ = ["data_options", "restoring_options"]

_Command = TypeVar("_Command", bound=Callable[..., object])


def restoring_options(command: _Command) -> _Command:
    """Add ``--trust``, ``--capability`` and ``--approvals`` to a command.

    The command receives them as ``trusted``, ``capabilities`` and ``approvals``, the keywords of `hermetic.load`.

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
    ... def show(trusted: tuple[str, ...], capabilities: tuple[str, ...], approvals: str | None) -> None:
    ...     print(trusted, capabilities, approvals)
    >>> show(["--trust", "package.Scaler", "--capability", "reads-files"], standalone_mode=False)
    ('package.Scaler',) ('reads-files',) None
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
    approvals = click.option(
        "--approvals",
        metavar="FILE",
        type=click.Path(path_type=str),
        help="TOML file with what was approved for this very model by `hermetic approve`.",
    )
    return trust(capability(approvals(command)))


def data_options(command: _Command) -> _Command:
    """Add ``--store`` and ``--allow`` to a command that looks for recorded data.

    The command receives them as ``store`` and ``allowed``.

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
    >>> from hermetic.cli.options import data_options
    >>> @click.command()
    ... @data_options
    ... def show(store: str | None, allowed: tuple[str, ...]) -> None:
    ...     print(store, allowed)
    >>> show(["--store", "snapshots"], standalone_mode=False)
    snapshots ()
    """
    store = click.option(
        "--store",
        metavar="STORE",
        help="Folder or URI with snapshots of the data; by default HERMETIC_STORE, or .hermetic of the project.",
    )
    allow = click.option(
        "--allow",
        "allowed",
        metavar="PREFIX",
        multiple=True,
        help="Open what the file refers to when its URI begins so, e.g. s3://our-data/. Repeatable.",
    )
    return store(allow(command))
