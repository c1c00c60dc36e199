"""Names in a legacy file that the model does not keep: unpickling would import or call them, so they need trust too."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import RandomizedSearchCV

import hermetic
from hermetic import InvalidState, UntrustedType, UsageError
from hermetic.adopt import is_known
from hermetic.legacy_objects import LegacyName
from tests.zoo import user_module as user


@pytest.mark.parametrize(
    ("stream", "needed"),
    [
        (b"\x80\x02cantigravity\nfly\n0N.", "antigravity.fly"),
        (b"\x80\x02cantigravity\nfly\n)R0N.", "call:antigravity.fly"),
        (b"\x80\x02cantigravity\nFly\n)\x810N.", "antigravity.Fly"),
        (b"\x80\x02]cantigravity\nfly\n)R0.", "call:antigravity.fly"),
    ],
    ids=["imported", "called", "made", "called beside a list"],
)
def test_what_a_file_imports_or_makes_without_keeping_it_is_listed(stream: bytes, needed: str):
    with pytest.raises(UntrustedType) as caught:
        hermetic.loads(stream)
    assert f'"{needed}"' in str(caught.value)


@pytest.mark.parametrize(
    "name", ["os\nsystem", "posix\nsystem", "builtins\neval", "__builtin__\neval", "subprocess\nPopen"]
)
def test_what_could_do_anything_is_refused_wherever_it_went(name: str):
    for trusted in ((), (f"call:{name.replace(chr(10), '.')}",)):
        with pytest.raises((InvalidState, UsageError)):
            hermetic.loads(b"\x80\x02c" + name.encode() + b"\n(X\x04\x00\x00\x00truetR0N.", trusted=trusted)


@pytest.mark.parametrize(
    "location",
    [
        "sklearn.svm.classes:SVC",
        "sklearn.tree._tree:Tree",
        "numpy._core.multiarray:_reconstruct",
        "copy_reg:_reconstructor".replace("copy_reg", "copyreg"),
        "numpy:float64",
        "builtins:len",
        "joblib.numpy_pickle:NumpyArrayWrapper",
    ],
)
def test_names_of_the_tables_are_known(location: str):
    assert is_known(LegacyName(location))


@pytest.mark.parametrize("location", ["os:system", "antigravity:fly", "sklearn.svm:SVC.mro", "sklearn:clone", ":", ""])
def test_other_names_are_not(location: str):
    assert not is_known(LegacyName(location))


def honest_models() -> dict[str, Any]:
    X = np.arange(120.0).reshape(60, 2) % 11
    boosting = HistGradientBoostingRegressor(max_iter=3, early_stopping=True, scoring="loss", random_state=0)
    search = RandomizedSearchCV(
        LinearRegression(), {"tol": scipy.stats.uniform(0.1, 1.0)}, n_iter=2, random_state=0, cv=2
    )
    return {
        "a bound method": boosting.fit(X, X[:, 0]),
        "a distribution": search.fit(X, X[:, 0]),
        "a frame": pd.DataFrame({"a": [1, 2], "b": ["x", None]}),
        "a sparse series": pd.Series(pd.arrays.SparseArray([0, 0, 1])),
        "methods of texts": [str.lower, str.strip],
    }


@pytest.mark.parametrize("protocol", [0, 2, 3, 5])
@pytest.mark.parametrize("name", list(honest_models()))
def test_parts_that_codecs_make_anew_need_no_trust(name: str, protocol: int):
    data = pickle.dumps(honest_models()[name], protocol=protocol)
    assert hermetic.dumps(hermetic.loads(data)) == hermetic.dumps(pickle.loads(data))


def test_an_approval_counts_for_a_legacy_file_by_its_digest(tmp_path: Path):
    path, approvals = tmp_path / "model.pkl", tmp_path / "hermetic.toml"
    path.write_bytes(pickle.dumps(user.UserScaler(2.0)))
    write_approval(approvals, hermetic.scan(path).sha256, names=["tests.zoo.user_module.UserScaler"])
    with pytest.raises(UntrustedType):
        hermetic.load(path)
    assert hermetic.load(path, approvals=approvals).factor == 2.0
    path.write_bytes(pickle.dumps(user.UserScaler(3.0)))
    with pytest.raises(UntrustedType, match="approves nothing for this file"):
        hermetic.load(path, approvals=approvals)


def write_approval(path: Path, digest: str, names: list[str]) -> None:
    trusted = ", ".join(f'"{name}"' for name in names)
    path.write_text(f'[approvals."{digest}"]\nconstructed = [{trusted}]\n', encoding="utf-8")
