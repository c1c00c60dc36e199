"""`hermetic sign`: signs files, each in a file of its own beside it."""

from __future__ import annotations

import json

import click

from hermetic.cli.terminal import open_console, plain
from hermetic.signing.files import sign_file

__all__ = ["command"]


@click.command(name="sign", epilog="Example: hermetic sign model.hermetic --key hermetic.key")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=str))
@click.option("--key", required=True, type=click.Path(exists=True, dir_okay=False, path_type=str), help="Private key.")
@click.option("--password", is_flag=True, help="Ask for the password of the key.")
@click.option("--json", "as_json", is_flag=True, help="Print what was signed as JSON.")
def command(files: tuple[str, ...], key: str, password: bool, as_json: bool) -> None:
    """Sign FILES: writes FILE.sig, which says that the holder of the key vouches for these very bytes.

    Whoever has your public key loads the model only when it is signed by you:
    load("model.hermetic", signed_by=["release.pub"]).
    """
    secret = click.prompt("Password", hide_input=True) if password else None
    console = open_console()
    for file in files:
        path, signed = sign_file(file, key, password=secret)
        if as_json:
            click.echo(json.dumps({"file": file, "signature": path, "sha256": signed.sha256, "key": signed.key}))
        else:
            console.print(f"{plain(path)}  SHA-256 {signed.sha256}  key {signed.key[:16]}")
