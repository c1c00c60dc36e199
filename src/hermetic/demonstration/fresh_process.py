"""Loading models in a process that has never seen them.

``python -m hermetic.demonstration.fresh_process PEER DIRECTORY`` loads every example that PEER saved in DIRECTORY and
prints, as JSON, how long each load took and the digest of its predictions.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from hermetic.demonstration.models import EXAMPLES, Example, digest_of_predictions
from hermetic.demonstration.peers import PEERS, Peer
from hermetic.errors import HermeticError

__all__ = ["Loaded", "load_in_fresh_process"]

_TIMEOUT_SECONDS = 300


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """What a fresh process found when it loaded one model.

    Attributes
    ----------
    seconds : float
        Time of the load alone; the libraries were imported before.
    digest : str
        SHA-256 of the predictions; empty when the file was refused.
    refusal : str
        The message with which it was refused; empty when it loaded.
    """

    seconds: float
    digest: str = ""
    refusal: str = ""


def load_in_fresh_process(peer: Peer, directory: Path) -> dict[str, Loaded]:
    """Return what a new Python process makes of every example's file.

    Parameters
    ----------
    peer : Peer
        Who wrote the files and reads them.
    directory : Path
        Where the files are.

    Returns
    -------
    dict of str to Loaded
        By the name of the example.

    Raises
    ------
    subprocess.CalledProcessError
        When the process failed; its `stderr` says why.
    """
    command = [sys.executable, "-m", __name__, peer.name, str(directory)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=_TIMEOUT_SECONDS)
    return {name: Loaded(**fields) for name, fields in json.loads(done.stdout).items()}


def _load_every_example(peer: Peer, directory: Path) -> dict[str, Loaded]:
    return {example.name: _load(example, peer, directory) for example in EXAMPLES}


def _load(example: Example, peer: Peer, directory: Path) -> Loaded:
    path = peer.path_of(example.name, directory)
    samples, _ = example.read_samples()
    start = time.perf_counter()
    try:
        model = peer.load(path)
    except HermeticError as error:
        return Loaded(seconds=time.perf_counter() - start, refusal=str(error))
    seconds = time.perf_counter() - start
    return Loaded(seconds=seconds, digest=digest_of_predictions(model, samples))


if __name__ == "__main__":
    report = _load_every_example(PEERS[sys.argv[1]], Path(sys.argv[2]))
    print(json.dumps({name: asdict(loaded) for name, loaded in report.items()}))
