"""The steps of the demonstration, one after the other, and what they found."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hermetic.demonstration.attacks import Attack, open_damaged_file, open_hostile_pickle
from hermetic.demonstration.evidence import Step, tell_evidence
from hermetic.demonstration.fresh_process import Loaded, load_in_fresh_process
from hermetic.demonstration.models import EXAMPLES, digest_of_predictions
from hermetic.demonstration.peers import PEERS, Peer
from hermetic.inspection import inspect

__all__ = ["Demonstration", "Measurement", "run_demonstration"]

N_REPEATS = 3


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """One model, kept by one peer.

    Attributes
    ----------
    example, title, peer : str
        Which model, what it is, and who kept it.
    size_bytes : int
        Length of the file.
    dump_seconds, load_seconds : float
        Medians of three; each load in a fresh process.
    same_predictions : bool
        Whether every fresh process predicted, bit for bit, what the original predicts.
    refusal : str
        Why a fresh process could not load the file; empty when all could.
    runs_code : bool
        Whether opening such a file can run code that its author chose.
    """

    example: str
    title: str
    peer: str
    size_bytes: int
    dump_seconds: float
    load_seconds: float
    same_predictions: bool
    refusal: str
    runs_code: bool


@dataclass(frozen=True, kw_only=True)
class Demonstration:
    """Everything that the demonstration found.

    Attributes
    ----------
    directory : str
        Where the files are.
    measurements : tuple of Measurement
        For each model and each peer.
    inspection : str
        What `hermetic.inspect` says about the first model.
    hostile_pickle, damaged_file : Attack
        What happened with the two bad files.
    evidence : tuple of Step
        What came of recording a model, verifying it and making it again.
    """

    directory: str
    measurements: tuple[Measurement, ...]
    inspection: str
    hostile_pickle: Attack
    damaged_file: Attack
    evidence: tuple[Step, ...]

    @property
    def ok(self) -> bool:
        """Whether all predictions agree and both bad files were refused."""
        attacks = (self.hostile_pickle, self.damaged_file)
        refused = all(attack.refusal and not attack.hermetic_ran_code for attack in attacks)
        kept = all(measurement.same_predictions for measurement in self.measurements)
        return refused and kept and all(step.ok for step in self.evidence)


def run_demonstration(directory: Path, announce: Callable[[str], None]) -> Demonstration:
    """Save, load, attack and measure; return what was found.

    Parameters
    ----------
    directory : Path
        Where the files go; it is made when it is missing.
    announce : callable
        Receives a line of text before each step that takes time.

    Returns
    -------
    Demonstration
        The findings; its `ok` says whether all went as promised.
    """
    directory.mkdir(parents=True, exist_ok=True)
    announce("fitting three models")
    models = {example.name: example.fit() for example in EXAMPLES}
    announce("saving each with hermetic, pickle and joblib")
    dump_seconds = {peer.name: _dump_every_example(models, peer, directory) for peer in PEERS.values()}
    announce(f"loading all of them in {len(PEERS) * N_REPEATS} fresh processes")
    # One round after the other, so that a busy moment of the machine meets all peers alike.
    rounds = [{peer.name: load_in_fresh_process(peer, directory) for peer in PEERS.values()} for _ in range(N_REPEATS)]
    announce("opening bad files")
    first = PEERS["hermetic"].path_of(EXAMPLES[0].name, directory)
    samples, targets = EXAMPLES[0].read_samples()
    return Demonstration(
        directory=str(directory),
        measurements=tuple(_measurements(models, dump_seconds, rounds, directory)),
        inspection=str(inspect(first)),
        hostile_pickle=open_hostile_pickle(directory),
        damaged_file=open_damaged_file(PEERS["hermetic"].path_of(EXAMPLES[-1].name, directory)),
        evidence=tell_evidence(models[EXAMPLES[0].name], samples, targets, directory, announce),
    )


def _dump_every_example(models: dict[str, Any], peer: Peer, directory: Path) -> dict[str, float]:
    """Return the median time in seconds of saving each model."""
    medians = {}
    for name, model in models.items():
        path = peer.path_of(name, directory)
        times = []
        for _ in range(N_REPEATS):
            start = time.perf_counter()
            peer.dump(model, path)
            times.append(time.perf_counter() - start)
        medians[name] = statistics.median(times)
    return medians


def _measurements(
    models: dict[str, Any],
    dump_seconds: dict[str, dict[str, float]],
    rounds: list[dict[str, dict[str, Loaded]]],
    directory: Path,
) -> Iterator[Measurement]:
    for example in EXAMPLES:
        samples, _ = example.read_samples()
        digest = digest_of_predictions(models[example.name], samples)
        for peer in PEERS.values():
            loaded = [loads[peer.name][example.name] for loads in rounds]
            yield Measurement(
                example=example.name,
                title=example.title,
                peer=peer.name,
                size_bytes=peer.path_of(example.name, directory).stat().st_size,
                dump_seconds=dump_seconds[peer.name][example.name],
                load_seconds=statistics.median(each.seconds for each in loaded),
                same_predictions=all(each.digest == digest for each in loaded),
                refusal=next((each.refusal for each in loaded if each.refusal), ""),
                runs_code=peer.runs_code,
            )
