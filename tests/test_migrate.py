"""migrate: state of another release of scikit-learn is brought over change by change, or refused with the reason."""

from __future__ import annotations

import numpy as np
import pytest
import sklearn
from sklearn.linear_model import BayesianRidge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, StandardScaler
from sklearn.svm import SVC

import hermetic
from hermetic.capture import capture
from hermetic.codecs.histories import history_of
from hermetic.codecs.history import OLDEST_TARGET, RELEASES
from hermetic.errors import InvalidState, UnsupportedVersion
from hermetic.graph import Graph, Instances, Name
from hermetic.migrate import migrate
from hermetic.restore import restore
from hermetic.stages import ApprovedGraph
from hermetic.validate import validate
from tests.zoo import user_module

MAJOR, MINOR = sklearn.__version__.split(".")[:2]
ESTIMATOR = Name("sklearn.preprocessing.StandardScaler", "constructed")
X = np.arange(12.0).reshape(6, 2)


def _approved(name: Name) -> ApprovedGraph:
    return ApprovedGraph(graph=Graph(names=[name], nodes=[Instances(type=0, fields={})], root=[0]))


@pytest.mark.parametrize(
    "version", [sklearn.__version__, f"{MAJOR}.{MINOR}", f"{MAJOR}.{MINOR}.99", f"{MAJOR}.{MINOR}.dev0"]
)
def test_the_same_minor_release_needs_no_change(version: str):
    approved = _approved(ESTIMATOR)
    assert migrate(approved, written_by={"scikit-learn": version}).graph is approved.graph


@pytest.mark.parametrize(
    "version", ["0.16.1", "0.9", f"{MAJOR}.{MINOR}0", f"{MAJOR}.{int(MINOR) + 1}.0", "", "x", MAJOR]
)
def test_a_release_that_nobody_knows_is_refused_with_both_versions_and_where_it_loads(version: str):
    with pytest.raises(UnsupportedVersion) as refused:
        migrate(_approved(ESTIMATOR), written_by={"scikit-learn": version}, where="model.hermetic")
    assert f"scikit-learn {version} wrote this model" in refused.value.found
    assert f"scikit-learn {sklearn.__version__} is installed" in refused.value.found
    assert f'pip install "scikit-learn=={version}"' in refused.value.next_step
    assert refused.value.where == "model.hermetic"


def test_a_file_that_does_not_say_who_wrote_it_is_refused():
    with pytest.raises(UnsupportedVersion, match="an unknown version"):
        migrate(_approved(ESTIMATOR), written_by={})


@pytest.mark.parametrize("release", ["1.1.3", "0.24.2"])
def test_no_model_is_brought_back_further_than_was_measured(release: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sklearn, "__version__", release)
    with pytest.raises(UnsupportedVersion, match="cannot migrate between the two yet"):
        migrate(_approved(ESTIMATOR), written_by={"scikit-learn": "1.9.1"})


@pytest.mark.parametrize("release", RELEASES[RELEASES.index(OLDEST_TARGET) : -1])
def test_a_newer_model_is_brought_back(release: str, monkeypatch: pytest.MonkeyPatch):
    graph = capture(StandardScaler().fit(X))
    monkeypatch.setattr(sklearn, "__version__", release)
    assert migrate(ApprovedGraph(graph=graph), written_by={"scikit-learn": "1.9.1"}).graph.nodes


@pytest.mark.parametrize("word", ["polars", "tables_of_1996"])
def test_answers_as_tables_that_a_release_does_not_know_are_refused(word: str, monkeypatch: pytest.MonkeyPatch):
    model = StandardScaler().fit(X)
    model._sklearn_output_config = {"transform": word}
    graph = capture(model)
    monkeypatch.setattr(sklearn, "__version__", "1.3.2")
    with pytest.raises(UnsupportedVersion, match="tables of polars are new"):
        migrate(ApprovedGraph(graph=graph), written_by={"scikit-learn": "1.9.1"})


def test_what_a_change_makes_another_type_of_has_the_changes_of_that_type():
    # A scorer by kind of answer of 1.3 becomes one of 1.4, which has got another attribute in 1.6, gone in 1.8.
    graph = Graph(
        names=[Name("sklearn.metrics._ProbaScorer", "constructed")],
        nodes=[Instances(type=0, fields={"_score_func": None, "_sign": 1, "_kwargs": None})],
        root=[0],
    )
    found = migrate(ApprovedGraph(graph=graph), written_by={"scikit-learn": "1.3.2"}).graph
    [node] = found.nodes
    assert found.names[node.type].name == "sklearn.metrics._Scorer"
    assert node.fields["response_method"] == "predict_proba"
    assert "_deprecation_msg" not in node.fields


def test_an_older_model_is_brought_up():
    model = StandardScaler().fit(X)
    graph = migrate(ApprovedGraph(graph=capture(model)), written_by={"scikit-learn": "1.2.2"})
    assert np.array_equal(restore(validate(graph)).transform(X), model.transform(X))


def test_a_type_that_nobody_has_measured_is_refused_by_its_name():
    name = Name("sklearn.ensemble.VerboseReporter", "constructed")
    assert history_of(name.name) is None
    with pytest.raises(UnsupportedVersion, match=r"migrate between the two yet: sklearn\.ensemble\.VerboseReporter"):
        migrate(_approved(name), written_by={"scikit-learn": "1.8.0"})


def test_a_type_is_refused_for_releases_from_before_it_was_measured():
    name = Name("sklearn.manifold.ClassicalMDS", "constructed")
    with pytest.raises(UnsupportedVersion, match=r"sklearn\.manifold\.ClassicalMDS"):
        migrate(_approved(name), written_by={"scikit-learn": "1.7.2"})
    assert migrate(_approved(name), written_by={"scikit-learn": "1.8.0"})


@pytest.mark.parametrize(
    "name",
    [Name("decimal.Decimal", "constructed"), Name("sklearn.metrics.accuracy_score", "referenced")],
    ids=str,
)
def test_a_model_without_state_of_scikit_learn_is_of_no_release(name: Name):
    assert migrate(_approved(name), written_by={"scikit-learn": "0.17"})


def test_models_within_models_are_brought_over_each_by_its_own_history():
    model = make_pipeline(StandardScaler(), MaxAbsScaler(), SVC()).fit(X, [0, 0, 0, 1, 1, 1])
    graph = capture(model)
    for node in graph.nodes:
        if isinstance(node, Instances):
            node.fields.pop("clip", None)
            if "_effective_probability" in node.fields:
                del node.fields["_effective_probability"]
                node.fields["probability"] = False
    current = migrate(ApprovedGraph(graph=graph), written_by={"scikit-learn": "1.7.2"})
    older = restore(validate(current))
    assert older[1].clip is False
    assert older[2]._effective_probability is False
    assert older.predict(X).tolist() == model.predict(X).tolist()


def test_arrays_that_a_migration_makes_come_before_what_refers_to_them():
    model = BayesianRidge().fit(X, X[:, 0])
    current = migrate(ApprovedGraph(graph=capture({"model": model})), written_by={"scikit-learn": "1.8.0"})
    assert not restore(validate(current))["model"].X_offset_.any()


def test_many_objects_of_one_table_are_brought_over_together():
    models = [SVC(C=C).fit(X, [0, 0, 0, 1, 1, 1]) for C in np.linspace(0.1, 2.0, 20)]
    graph = capture(models)
    for node in graph.nodes:
        if isinstance(node, Instances):
            node.fields.pop("_effective_probability", None)
            node.fields["probability"] = [False] * node.rows
    older = restore(validate(migrate(ApprovedGraph(graph=graph), written_by={"scikit-learn": "1.8.0"})))
    assert [model._effective_probability for model in older] == [False] * 20


def test_a_foreign_class_of_its_own_needs_no_history():
    model = user_module.UserScaler()
    graph = capture(model)
    assert migrate(ApprovedGraph(graph=graph), written_by={"scikit-learn": "1.7.2"}).graph is graph


class Machine(SVC):
    """A foreign class that inherits the state of the library's."""


class Scaler(StandardScaler):
    """A foreign class derived from one that has not changed."""


def test_a_foreign_class_is_refused_when_the_class_it_is_derived_from_has_changed():
    graph = Graph(names=[Name(f"{__name__}.Machine", "constructed")], nodes=[Instances(type=0, fields={})], root=[0])
    graph.names.append(ESTIMATOR)
    with pytest.raises(UnsupportedVersion, match=r"sklearn\.svm\.SVC, from which .*Machine is derived, has changed"):
        migrate(ApprovedGraph(graph=graph), written_by={"scikit-learn": "1.8.0"})


def test_a_foreign_class_passes_when_the_class_it_is_derived_from_has_not_changed():
    graph = Graph(names=[Name(f"{__name__}.Scaler", "constructed")], nodes=[Instances(type=0, fields={})], root=[0])
    graph.names.append(ESTIMATOR)
    assert migrate(ApprovedGraph(graph=graph), written_by={"scikit-learn": "1.8.0"}).graph is graph


def test_state_on_which_a_change_stumbles_is_an_invalid_state_with_its_place():
    fields = {"coef_": 3, "X_offset_": 4}
    name = Name("sklearn.linear_model.BayesianRidge", "constructed")
    graph = Graph(names=[name], nodes=[Instances(type=0, fields=fields)], root=[0])
    with pytest.raises(InvalidState) as refused:
        migrate(ApprovedGraph(graph=graph), written_by={"scikit-learn": "1.8.0"}, where="model.hermetic")
    assert "is that of no release" in refused.value.found
    assert refused.value.where.startswith("model.hermetic: $")


def test_a_file_of_another_release_is_loaded_from_bytes(monkeypatch: pytest.MonkeyPatch):
    model = MaxAbsScaler().fit(X)
    data = hermetic.dumps(model)
    monkeypatch.setattr(sklearn, "__version__", "1.8.0")
    assert hermetic.loads(data).transform(X).tolist() == model.transform(X).tolist()


@pytest.mark.parametrize("release", RELEASES[:-1])
def test_a_type_of_the_library_that_no_codec_keeps_is_refused_whatever_the_release(release: str):
    with pytest.raises(UnsupportedVersion, match=r"sklearn\.nothing\.Nobody|cannot migrate"):
        migrate(_approved(Name("sklearn.nothing.Nobody", "constructed")), written_by={"scikit-learn": release})
