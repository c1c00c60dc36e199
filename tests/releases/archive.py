"""A small archive of what one release has written: ``python -m tests.releases.archive FOLDER TARGET``.

Made once for each release, from the folder that `tests.releases.write` has left, and never again: what a release has
written must be read for ever.
"""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path

__all__ = ["MODELS", "unpack", "write_archive"]

MODELS = (
    *("AdaBoostRegressor-unfitted", "AgglomerativeClustering-fitted", "BaggingClassifier-fitted"),
    *("CalibratedClassifierCV-fitted", "ClassifierChain-fitted", "ColumnTransformer-fitted"),
    *("DecisionTreeClassifier-fitted", "ElasticNetCV-fitted", "FastICA-fitted", "GaussianNB-fitted"),
    *("GradientBoostingRegressor-loss=huber", "GridSearchCV-fitted", "KMeans-fitted", "KNeighborsClassifier-fitted"),
    *("KernelPCA-fitted", "LogisticRegression-fitted", "LogisticRegressionCV-fitted", "MultinomialNB-fitted"),
    *("NMF-fitted", "OneHotEncoder-fitted", "OneVsRestClassifier-fitted", "PCA-fitted", "PLSCanonical-fitted"),
    *("PLSRegression-two", "Pipeline-fitted", "QuantileTransformer-fitted", "RidgeCV-fitted", "SGDClassifier-fitted"),
    *("SVC-fitted", "SelfTrainingClassifier-fitted", "SimpleImputer-fitted", "SplineTransformer-fitted"),
    *("StackingClassifier-fitted", "TfidfVectorizer-fitted", "VotingRegressor-fitted", "boosting-multiclass"),
    *("columns-selector", "forest-sparse", "histogram-binary", "search-scorer"),
)
"""Forty models of all families that every release since 1.2 has."""


def write_archive(folder: Path, target: Path) -> None:
    """Put the archived models of one release and their answers into one file.

    Parameters
    ----------
    folder : Path
        As `tests.releases.write` has left it.
    target : Path
        The archive; it must not be there yet.
    """
    index = json.loads((folder / "index.json").read_text())
    index["models"] = {name: index["models"][name] for name in MODELS}
    with zipfile.ZipFile(target, "x", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr(zipfile.ZipInfo("index.json"), json.dumps(index, indent=1))
        for name in MODELS:
            for suffix in ("hermetic", "answers"):
                member = zipfile.ZipInfo(f"{name}.{suffix}")
                archive.writestr(member, (folder / member.filename).read_bytes(), zipfile.ZIP_DEFLATED, 9)


def unpack(archive: Path, folder: Path) -> Path:
    """Give the folder with the models of an archive.

    Parameters
    ----------
    archive : Path
        As `write_archive` has made it.
    folder : Path
        Where they go.

    Returns
    -------
    Path
        The folder.
    """
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)
    return folder


if __name__ == "__main__":
    write_archive(Path(sys.argv[1]), Path(sys.argv[2]))
