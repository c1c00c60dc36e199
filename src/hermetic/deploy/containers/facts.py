"""What a file says about its model, as containers and bills need it; nothing is loaded."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hermetic.deploy.containers.containerfile import safe_word
from hermetic.formats.container_reader import open_container
from hermetic.formats.open_source import open_source
from hermetic.inspection import inspect
from hermetic.inspection.evidence import read_records
from hermetic.limits import DEFAULT_LIMITS
from hermetic.signing.files import sha256_of_file

__all__ = ["ModelFacts", "read_facts"]

_DIGEST = re.compile(r"[0-9a-f]{64}\Z")


@dataclass(frozen=True, kw_only=True)
class ModelFacts:
    """A model's file in short.

    Attributes
    ----------
    path : str
        The file.
    name : str
        What the model is called: its file without the ending, in characters that addresses can have.
    sha256 : str
        Hexadecimal digest of the file.
    type : str
        Full name of the class of the model, as the file says.
    parameters : mapping of str to str
        What its constructor was given, as the file says.
    has_golden : bool
        Whether answers are recorded.
    records : mapping of str to record
        What else is recorded, by kind.
    """

    path: str
    name: str
    sha256: str
    type: str
    parameters: Mapping[str, str]
    has_golden: bool
    records: Mapping[str, Any]

    @property
    def parents(self) -> list[str]:
        """Digests of the files that this one was made from, the nearest first."""
        lineage = self.records.get("lineage")
        return [one.digest for one in lineage.parents if _DIGEST.match(one.digest)] if lineage is not None else []


def read_facts(file: str | os.PathLike[str]) -> ModelFacts:
    """Read what a file says.

    Parameters
    ----------
    file : path
        A hermetic file.

    Returns
    -------
    ModelFacts
        Texts in it may be hostile.

    Raises
    ------
    FileError
        When it is damaged or hostile.
    OSError
        When it cannot be read.
    """
    path = os.fspath(file)
    found = inspect(path)
    source = open_source(path, DEFAULT_LIMITS)
    try:
        records = read_records(open_container(source, DEFAULT_LIMITS))
    finally:
        source.close()
    stem = os.path.splitext(os.path.basename(path))[0]
    return ModelFacts(
        path=path,
        name=safe_word(stem.replace("+", "_")),
        sha256=sha256_of_file(path),
        type=found.model.type,
        parameters=found.model.parameters,
        has_golden=found.golden is not None,
        records=records,
    )
