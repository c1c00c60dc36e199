"""`hermetic keygen`: makes a pair of keys, one to sign files with and one to check signatures with."""

from __future__ import annotations

import os

import click

from hermetic.cli.terminal import open_console, plain
from hermetic.errors import UsageError
from hermetic.signing.keys import make_key_pair

__all__ = ["command"]


@click.command(name="keygen", epilog="Example: hermetic keygen release")
@click.argument("name", type=click.Path(path_type=str), default="hermetic")
@click.option("--password", is_flag=True, help="Ask for a password that encrypts the private key.")
def command(name: str, password: bool) -> None:
    """Make a pair of Ed25519 keys: NAME.key, which signs, and NAME.pub, which checks.

    Keep NAME.key secret: whoever has it can sign in your name. Give NAME.pub to whoever loads your models, by another
    way than the models. No file is overwritten.
    """
    secret = click.prompt("Password", hide_input=True, confirmation_prompt=True) if password else None
    private, public = make_key_pair(secret)
    for path in (f"{name}.key", f"{name}.pub"):
        if os.path.lexists(path):
            raise UsageError("this file exists already", where=path, next_step="Choose another name.")
    _write(f"{name}.key", private, 0o600)
    _write(f"{name}.pub", public.pem, 0o644)
    console = open_console()
    console.print(f"private key  {plain(name)}.key  keep it secret")
    console.print(f"public key   {plain(name)}.pub  fingerprint {public.fingerprint}")


def _write(path: str, data: bytes, mode: int) -> None:
    # The permissions are there from the first moment on, and nobody else's file is written to.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
