"""Changes in transformers."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import DictionaryLearning, SparseCoder
from sklearn.experimental import enable_iterative_imputer
from sklearn.impute import IterativeImputer, SimpleImputer
from sklearn.preprocessing import (
    KBinsDiscretizer,
    MaxAbsScaler,
    OneHotEncoder,
    PowerTransformer,
    SplineTransformer,
    TargetEncoder,
)

from hermetic.errors import UnsupportedVersion
from tests.codecs.older_models import GONE, brought_up, fields_of, refusal_of, taken_back
from tests.zoo.data import CLASSIFICATION, MISSING, STRINGS
from tests.zoo.seeded import seeded

ENABLED = enable_iterative_imputer  # its import is what makes IterativeImputer importable
X, y = CLASSIFICATION.X, CLASSIFICATION.y
IMPUTER = "sklearn.impute.SimpleImputer"
PREPROCESSING = "sklearn.preprocessing."


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_what_an_imputer_fills_in_keeps_the_dtype_of_its_statistics(dtype: type):
    model = SimpleImputer().fit(MISSING.X.astype(dtype))
    older = brought_up(model, "1.7.2", {IMPUTER: {"_fill_dtype": GONE}})
    assert older._fill_dtype == model.statistics_.dtype
    filled = older.transform(MISSING.X)[np.isnan(MISSING.X)]
    assert np.array_equal(filled, np.broadcast_to(model.statistics_, MISSING.X.shape)[np.isnan(MISSING.X)])


def test_an_imputer_of_text_fills_in_objects():
    words = np.array([["a"], ["b"], ["a"]], dtype=object)
    model = SimpleImputer(strategy="most_frequent", missing_values="b").fit(words)
    older = brought_up(model, "1.7.2", {IMPUTER: {"_fill_dtype": GONE}})
    assert older._fill_dtype == np.dtype(object)
    assert older.transform(words).tolist() == [["a"], ["a"], ["a"]]


def test_an_imputer_that_is_not_fitted_gets_no_dtype():
    assert "_fill_dtype" not in vars(brought_up(SimpleImputer(), "1.7.2", {}))


def test_an_imputer_goes_back_where_nothing_was_cast(monkeypatch: pytest.MonkeyPatch):
    model = SimpleImputer().fit(MISSING.X)
    assert "_fill_dtype" not in fields_of(taken_back(model, "1.7.2", monkeypatch), IMPUTER)


def test_an_imputer_that_casts_has_no_way_back(monkeypatch: pytest.MonkeyPatch):
    model = SimpleImputer(strategy="constant", fill_value=1.0).fit(MISSING.X)
    with pytest.raises(UnsupportedVersion, match="had the dtype of statistics_"):
        taken_back(model, "1.7.2", monkeypatch)


def test_statistics_that_are_no_array_are_refused_as_damage():
    from hermetic.errors import InvalidState

    model = SimpleImputer().fit(MISSING.X)
    with pytest.raises(InvalidState, match="statistics_ is no array"):
        brought_up(model, "1.7.2", {IMPUTER: {"_fill_dtype": GONE, "statistics_": 3}})


def test_an_iterative_imputer_with_an_empty_feature_and_a_constant_start_is_refused():
    data = MISSING.X.copy()
    data[:, 2] = np.nan
    with seeded(0):
        model = IterativeImputer(initial_strategy="constant", fill_value=0.0, max_iter=2).fit(data)
    assert "leaves empty features out at another place" in refusal_of(model, "1.7.2", {IMPUTER: {"_fill_dtype": GONE}})


@pytest.mark.parametrize("start", ["mean", "constant"])
def test_other_iterative_imputers_pass(start: str):
    with seeded(0):
        model = IterativeImputer(initial_strategy=start, fill_value=0.0, max_iter=2).fit(MISSING.X)
        expected = model.transform(MISSING.X)
        older = brought_up(model, "1.7.2", {})
        assert np.array_equal(older.transform(MISSING.X), expected)


def test_an_encoder_that_warns_and_groups_is_refused_and_others_pass():
    grouping = OneHotEncoder(handle_unknown="warn", min_frequency=15).fit(STRINGS.X)
    assert "takes unknown categories for infrequent ones" in refusal_of(grouping, "1.7.2", {})
    for model in (OneHotEncoder(handle_unknown="warn"), OneHotEncoder(handle_unknown="ignore", min_frequency=15)):
        model.fit(STRINGS.X)
        older = brought_up(model, "1.7.2", {})
        assert (older.transform(STRINGS.X) != model.transform(STRINGS.X)).nnz == 0


@pytest.mark.parametrize(("exponent", "is_refused"), [(0.0, False), (1e-7, True), (2 - 1e-7, True), (1.3, False)])
def test_powers_near_a_logarithm_are_refused_because_rounding_differs(exponent: float, is_refused: bool):
    model = PowerTransformer().fit(X)
    model.lambdas_[0] = exponent
    if is_refused:
        assert "rounds differently" in refusal_of(model, "1.8.0", {})
    else:
        assert np.array_equal(brought_up(model, "1.8.0", {}).lambdas_, model.lambdas_)


def test_powers_of_the_other_family_and_unfitted_ones_pass():
    model = PowerTransformer(method="box-cox").fit(np.abs(X) + 1)
    model.lambdas_[0] = 1e-7
    assert brought_up(model, "1.8.0", {}).method == "box-cox"
    assert brought_up(PowerTransformer(), "1.8.0", {}).method == "yeo-johnson"


@pytest.mark.parametrize(
    ("model", "field", "default", "news"),
    [
        (MaxAbsScaler(), "clip", False, True),
        (SplineTransformer(), "handle_missing", "error", "zeros"),
    ],
    ids=str,
)
def test_new_parameters_come_and_go(
    model: object, field: str, default: object, news: object, monkeypatch: pytest.MonkeyPatch
):
    name = f"{PREPROCESSING}{type(model).__name__}"
    older = brought_up(model.fit(X), "1.7.2", {name: {field: GONE}})
    assert getattr(older, field) == default
    assert np.array_equal(older.transform(X), model.transform(X))
    with pytest.raises(UnsupportedVersion, match="is new in scikit-learn"):
        taken_back(model, "1.7.2", monkeypatch, **{field: news})


def test_quantiles_that_only_warned_stay_linear():
    model = KBinsDiscretizer(quantile_method="linear").fit(X)
    older = brought_up(model, "1.8.0", {f"{PREPROCESSING}KBinsDiscretizer": {"quantile_method": "warn"}})
    assert older.get_params() == model.get_params()


def test_target_encoders_say_again_how_they_shuffle(monkeypatch: pytest.MonkeyPatch):
    fields = fields_of(taken_back(TargetEncoder(), "1.8.0", monkeypatch), f"{PREPROCESSING}TargetEncoder")
    assert (fields["shuffle"], fields["random_state"]) == (True, None)


def test_column_transformers_no_longer_say_how_they_number_the_rest():
    name = "sklearn.compose.ColumnTransformer"
    model = ColumnTransformer([("scale", MaxAbsScaler(), [0, 1])], remainder="passthrough").fit(X)
    older = brought_up(model, "1.8.0", {name: {"force_int_remainder_cols": "deprecated"}})
    assert "force_int_remainder_cols" not in vars(older)
    assert np.array_equal(older.transform(X), model.transform(X))


def test_a_coder_counts_its_components_and_features():
    model = SparseCoder(np.eye(4)[:3])
    older = brought_up(model, "1.7.2", {})
    assert (older.n_components_, older.n_features_in_) == (3, 4)
    assert np.array_equal(older.transform(X), model.fit(X).transform(X))


def test_a_coder_loses_what_was_a_property(monkeypatch: pytest.MonkeyPatch):
    model = SparseCoder(np.eye(4)).fit(X)
    fields = fields_of(taken_back(model, "1.7.2", monkeypatch), "sklearn.decomposition.SparseCoder")
    assert not {"n_components_", "n_features_in_"} & fields.keys()


def test_a_coder_whose_dictionary_is_no_matrix_is_refused():
    assert "is not a matrix" in refusal_of(SparseCoder([[1.0, 0.0]]), "1.7.2", {})


def test_codes_that_are_found_by_descent_are_refused():
    with seeded(0):
        model = DictionaryLearning(2, transform_algorithm="lasso_cd", max_iter=2).fit(X)
    assert "stops at other points" in refusal_of(model, "1.7.2", {})
    model.transform_algorithm = "omp"
    assert np.array_equal(brought_up(model, "1.7.2", {}).transform(X), model.transform(X))
