"""Seeds that stand outside the zoo: what former releases have written, predictors of ours, and recorded answers.

``release 0.17 PCA-fitted``
    A model as a release of scikit-learn wrote it: a file of ours since 1.2, before that a pickle that was converted,
    which leaves its state as it was. Its mutants go through the migrations.
``predictor ada-SAMME-two``
    One of `hermetic.legacy`, from such a file.
``golden PCA-fitted``
    A model of the zoo with recorded answers. Its mutants are whole files, and are asked again on load.
"""

from __future__ import annotations

import functools
import io
import json
import re
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

import hermetic
from tests.releases import archived_before_0_22, archived_since_0_22
from tests.releases.recipes import made_of
from tests.zoo.case import Case
from tests.zoo.seeded import seeded

__all__ = ["GOLDEN", "other_seed", "other_seed_names"]

_TESTS = Path(__file__).parents[1] / "tests"
_PICKLES = _TESTS / "releases/archives"
_FILES = _TESTS / "archives"
_PREDICTORS = _FILES / "predictors"
_PICKLED = {**archived_before_0_22.CASES, **archived_since_0_22.CASES}

GOLDEN = (
    *("AdaBoostClassifier-fitted", "DecisionTreeClassifier-fitted", "GaussianMixture-fitted", "GaussianNB-fitted"),
    *("GradientBoostingClassifier-fitted", "GridSearchCV-fitted", "IsolationForest-fitted", "KMeans-fitted"),
    *("KNeighborsClassifier-fitted", "LinearRegression-fitted", "LogisticRegression-fitted", "MLPClassifier-fitted"),
    *("OneHotEncoder-fitted", "PCA-fitted", "Pipeline-fitted", "SVC-fitted", "StandardScaler-fitted"),
    *("TfidfVectorizer-fitted", "columns-selector", "histogram-categories", "stacking"),
)
"""Names of cases of the zoo."""


def other_seed_names() -> list[str]:
    """Give the names of all of them, in an order that does not change."""
    names = [f"release {release} {name}" for release in _PICKLED for name in _PICKLED[release]]
    for path in sorted(_FILES.glob("scikit-learn-*.zip")):
        release = path.stem.removeprefix("scikit-learn-")
        with zipfile.ZipFile(path) as archive:
            listed = [name for name in archive.namelist() if name.endswith(".hermetic")]
        names += [f"release {release} {name.removesuffix('.hermetic')}" for name in listed]
    names += [f"predictor {path.parent.name} {path.stem}" for path in sorted(_PREDICTORS.glob("*/*.hermetic"))]
    return names + [f"golden {name}" for name in GOLDEN]


def other_seed(name: str, cases: Mapping[str, Case]) -> tuple[bytes, Mapping[str, Any]]:
    """Give the file of a seed, and what its model is asked about.

    Parameters
    ----------
    name : str
        One of `other_seed_names`.
    cases : mapping of str to Case
        The zoo.
    """
    kind, _, rest = name.partition(" ")
    makers: dict[str, Callable[[str, Mapping[str, Case]], tuple[bytes, Mapping[str, Any]]]] = {
        "release": _of_release,
        "predictor": _predictor,
        "golden": _golden,
    }
    return makers[kind](rest, cases)


def _of_release(place: str, cases: Mapping[str, Case]) -> tuple[bytes, Mapping[str, Any]]:
    release, _, name = place.partition(" ")
    if release in _PICKLED:
        archive, index = _pickles(release)
        numbers = index["models"][name]["inputs"]
        inputs = {key: made_of(index["inputs"][number]) for key, number in numbers.items()}
        member = re.sub("[^A-Za-z0-9_=.,-]", "_", name)
        return _converted(archive[f"{member}.pkl"]), inputs
    with zipfile.ZipFile(_FILES / f"scikit-learn-{release}.zip") as opened:
        return opened.read(f"{name}.hermetic"), cases[name].inputs if name in cases else {}


@functools.lru_cache(maxsize=2)
def _pickles(release: str) -> tuple[dict[str, bytes], dict[str, Any]]:
    with tarfile.open(_PICKLES / f"{release}.tar.xz") as archive:
        files = {member.name: archive.extractfile(member) for member in archive}
        members = {name: file.read() for name, file in files.items() if file is not None}
    return members, json.loads(members["index.json"])


def _converted(data: bytes) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "model.pkl"), Path(folder, "model.hermetic")
        source.write_bytes(data)
        hermetic.convert(source, target)
        return target.read_bytes()


def _predictor(place: str, cases: Mapping[str, Case]) -> tuple[bytes, Mapping[str, Any]]:
    release, _, name = place.partition(" ")
    data = (_PREDICTORS / release / f"{name}.hermetic").read_bytes()
    with seeded(0):
        n_features = getattr(hermetic.loads(data), "n_features_in_", 4)
    return data, {"X": np.random.default_rng(0).normal(size=(12, n_features))}


def _golden(name: str, cases: Mapping[str, Case]) -> tuple[bytes, Mapping[str, Any]]:
    case = cases[name]
    with seeded(0):
        model = case.make()
        file = io.BytesIO()
        hermetic.dump(model, file, evidence=hermetic.record(model, case.inputs["X"], golden=5))
    return file.getvalue(), case.inputs
