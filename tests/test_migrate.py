"""migrate: state of another minor release of scikit-learn is refused; what holds none of it comes back everywhere."""

from __future__ import annotations

import pytest
import sklearn

from hermetic.errors import UnsupportedVersion
from hermetic.graph import Graph, Instances, Name
from hermetic.migrate import migrate
from hermetic.stages import ApprovedGraph

MAJOR, MINOR = sklearn.__version__.split(".")[:2]
ESTIMATOR = Name("sklearn.preprocessing.StandardScaler", "constructed")


def _approved(name: Name) -> ApprovedGraph:
    return ApprovedGraph(graph=Graph(names=[name], nodes=[Instances(type=0, fields={})], root=[0]))


@pytest.mark.parametrize(
    "version", [sklearn.__version__, f"{MAJOR}.{MINOR}", f"{MAJOR}.{MINOR}.99", f"{MAJOR}.{MINOR}.dev0"]
)
def test_the_same_minor_release_needs_no_change(version: str):
    approved = _approved(ESTIMATOR)
    assert migrate(approved, written_by={"scikit-learn": version}).graph is approved.graph


@pytest.mark.parametrize(
    "version", ["0.24.2", "1.2", f"{MAJOR}.{MINOR}0", f"{MAJOR}.{int(MINOR) + 1}.0", "", "x", MAJOR]
)
def test_another_release_is_refused_with_both_versions_and_where_it_loads(version: str):
    with pytest.raises(UnsupportedVersion) as refused:
        migrate(_approved(ESTIMATOR), written_by={"scikit-learn": version}, where="model.hermetic")
    assert f"scikit-learn {version} wrote this model" in refused.value.found
    assert f"scikit-learn {sklearn.__version__} is installed" in refused.value.found
    assert f'pip install "scikit-learn=={version}"' in refused.value.next_step
    assert refused.value.where == "model.hermetic"


def test_a_file_that_does_not_say_who_wrote_it_is_refused():
    with pytest.raises(UnsupportedVersion, match="an unknown version"):
        migrate(_approved(ESTIMATOR), written_by={})


@pytest.mark.parametrize(
    "name",
    [Name("decimal.Decimal", "constructed"), Name("sklearn.metrics.accuracy_score", "referenced")],
    ids=str,
)
def test_a_model_without_state_of_scikit_learn_is_of_no_release(name: Name):
    assert migrate(_approved(name), written_by={"scikit-learn": "0.17"})
