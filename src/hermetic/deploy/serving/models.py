"""A model as a worker has it, and what of it the front and its clients may know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from hermetic.deploy.features import Features

__all__ = ["METHODS", "DescribedFeature", "Description", "Output", "ServedModel"]

METHODS = ("predict", "transform", "predict_proba", "predict_log_proba", "decision_function", "score_samples")
"""What may be asked over HTTP, the default first."""


@dataclass(frozen=True, kw_only=True)
class DescribedFeature:
    """One feature, for schemas and forms.

    Attributes
    ----------
    name : str
        ``x0``, ``x1`` and so on where the model has no names.
    kind : str
        ``number``, ``integer``, ``boolean``, ``text``, ``category`` or ``unknown``.
    datatype : str
        Of the Open Inference Protocol.
    is_required : bool
        Whether a row must have it.
    categories : list
        Some of the values that it may have; empty where nobody knows.
    refuses_unknown : bool
        Whether the model refuses all others.
    """

    name: str
    kind: str
    datatype: str
    is_required: bool = True
    categories: list[Any] = field(default_factory=list)
    refuses_unknown: bool = False


@dataclass(frozen=True, kw_only=True)
class Output:
    """One answer of a model: its name, and what it is as a tensor; -1 stands for the number of rows."""

    name: str
    datatype: str
    shape: list[int]


@dataclass(frozen=True, kw_only=True)
class Description:
    """What clients may know of a model.

    Attributes
    ----------
    name, version : str
        What it is called; the version is the beginning of the digest.
    digest : str
        Hexadecimal SHA-256 of the file.
    length_bytes : int
        Of the file.
    type : str
        Class of the model.
    form : str
        ``frame``, ``array``, ``texts`` or ``records``.
    has_names : bool
        Whether rows may be objects with the names of features.
    features : list of DescribedFeature or None
        None where nobody knows.
    methods : list of str
        What it can be asked.
    outputs : list of Output
        What it answers.
    classes : list
        Of a classifier, else empty.
    verdict : str
        ``passed`` where recorded answers were computed again, else ``absent`` or ``skipped``.
    verdict_words : str
        That in words.
    written_by, installed : mapping of str to str
        Versions of libraries.
    example : list
        Rows to try, made up.
    """

    name: str
    version: str
    digest: str
    length_bytes: int
    type: str
    form: str
    has_names: bool
    features: list[DescribedFeature] | None
    methods: list[str]
    outputs: list[Output]
    classes: list[Any]
    verdict: str
    verdict_words: str
    written_by: Mapping[str, str]
    installed: Mapping[str, str]
    example: list[Any]

    @property
    def feature_names(self) -> list[str]:
        """The names of all features, in the order of the model."""
        return [feature.name for feature in self.features or ()]

    def to_dict(self) -> dict[str, Any]:
        """Give it as plain values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Description:
        """Make it again of plain values.

        Examples
        --------
        >>> Output(**asdict(Output(name="predict", datatype="FP64", shape=[-1])))
        Output(name='predict', datatype='FP64', shape=[-1])
        """
        features = content["features"]
        parts = {
            "features": None if features is None else [DescribedFeature(**own) for own in features],
            "outputs": [Output(**own) for own in content["outputs"]],
        }
        return cls(**{**content, **parts})


@dataclass(frozen=True, kw_only=True)
class ServedModel:
    """A model that is ready to be asked.

    Attributes
    ----------
    model : object
        Restored.
    features : Features
        What it takes.
    template : object
        Recorded rows, for their dtypes: a DataFrame, a dtype, or None.
    categorical : tuple of bool
        For each feature whether the model takes it as pandas' categories.
    description : Description
        What clients may know.
    """

    model: Any
    features: Features
    template: Any
    categorical: tuple[bool, ...]
    description: Description
