"""`hermetic serve`: answers questions about rows over HTTP, by the Open Inference Protocol and in plain JSON."""

from __future__ import annotations

import click

from hermetic.cli.exit_codes import ExitCode
from hermetic.cli.options import restoring_options
from hermetic.cli.terminal import plain_lines
from hermetic.deploy.serving.server import serve
from hermetic.deploy.serving.settings import Limits, Loading, Settings, available_cores, served_files
from hermetic.deploy.serving.sources import LoadFailed
from hermetic.errors import UsageError

__all__ = ["command"]

_DEFAULTS = Limits()
_MEGABYTE = 1 << 20


@click.command(name="serve", epilog="Example: hermetic serve model.hermetic --port 8080")
@click.argument("files", nargs=-1, required=True, metavar="[NAME=]FILE...")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen; 0.0.0.0 is every interface.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0 takes one that is free."
)
@click.option(
    "--allowed-host",
    "allowed_hosts",
    multiple=True,
    metavar="NAME",
    help="Name by which it may be asked, beside localhost and the host. Repeatable.",
)
@click.option("--workers", type=click.IntRange(1, 256), help="Processes that compute; as many as there are cores.")
@click.option("--threads", type=click.IntRange(1, 256), help="Of each worker; the cores divided among the workers.")
@click.option("--watch", is_flag=True, help="Take over files that are replaced, as SIGHUP does.")
@click.option(
    "--signed-by",
    multiple=True,
    metavar="KEY",
    type=click.Path(exists=True, dir_okay=False, path_type=str),
    help="Public key, one of which must have signed each file. Repeatable.",
)
@restoring_options
@click.option(
    "--max-body",
    type=click.IntRange(1, 4096),
    default=_DEFAULTS.most_body_bytes // _MEGABYTE,
    show_default=True,
    help="Megabytes of one request.",
)
@click.option(
    "--max-rows", type=click.IntRange(1), default=_DEFAULTS.most_rows, show_default=True, help="Of one request."
)
@click.option(
    "--max-waiting",
    type=click.IntRange(0),
    default=_DEFAULTS.most_waiting,
    show_default=True,
    help="Requests that wait for a worker; more are turned away.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0.1, 3600),
    default=_DEFAULTS.timeout_seconds,
    show_default=True,
    help="Seconds for sending a request, for waiting, and for the answer.",
)
@click.pass_context
def command(context: click.Context, /, files: tuple[str, ...], **options: object) -> None:
    """Serve the models in FILES over HTTP until SIGTERM or Ctrl-C; requests that are under way are finished.

    A model is called like its file without the ending, or NAME with NAME=FILE. Files are served once they are loaded
    through every gate, and answer as recorded where they hold golden rows. SIGHUP loads all files again: the new models
    take over when they have passed the same, and no request fails.

    Addresses: / and /docs for people, /predict and /v2 for programs, /metrics for Prometheus.

    Ends with 0, with 2 when a file cannot be served, with 3 when policy refuses one.
    """
    settings = _settings(files, dict(options))
    try:
        serve(settings, lambda address: click.echo(f"hermetic: ready at {address}", err=True))
    except LoadFailed as error:
        click.echo(f"hermetic: {plain_lines(error.found)}", err=True)
        context.exit(ExitCode.REFUSED if error.is_refused else ExitCode.WRONG_USAGE)


def _settings(files: tuple[str, ...], options: dict[str, object]) -> Settings:
    def number(name: str, default: int) -> int:
        value = options[name]
        return value if isinstance(value, int) else default

    cores = available_cores()
    n_workers = number("workers", cores)
    approvals = options["approvals"]
    timeout = options["timeout"]
    signed_by = _texts(options["signed_by"])
    if not isinstance(timeout, float):
        raise UsageError("the timeout must be a number of seconds")
    return Settings(
        loading=Loading(
            files=served_files(files),
            trusted=_texts(options["trusted"]),
            capabilities=_texts(options["capabilities"]),
            approvals=approvals if isinstance(approvals, str) else None,
            signed_by=signed_by,
        ),
        limits=Limits(
            most_body_bytes=number("max_body", 1) * _MEGABYTE,
            most_rows=number("max_rows", 1),
            most_waiting=number("max_waiting", 0),
            timeout_seconds=timeout,
        ),
        host=str(options["host"]),
        port=number("port", 0),
        allowed_hosts=_texts(options["allowed_hosts"]),
        n_workers=n_workers,
        n_threads=number("threads", max(1, cores // n_workers)),
        watch_seconds=1.0 if options["watch"] else 0.0,
    )


def _texts(values: object) -> tuple[str, ...]:
    return tuple(map(str, values)) if isinstance(values, tuple) else ()
