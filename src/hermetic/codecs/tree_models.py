"""Estimators that hand their input to native trees: single trees, forests, isolation forests, gradient boosting.

Fields: the ``__dict__``. A forest checks the width of its input once, against its own ``n_features_in_``, and its trees
follow ``feature`` without looking; gradient boosting writes column k of its output for column k of ``estimators_``. So
whatever native code takes for granted is compared here, table by table. Bagging, AdaBoost and all others call their
trees' public ``predict``, which checks the input itself.

Source: sklearn/tree/_classes.py, sklearn/ensemble/_forest.py, _iforest.py, _gb.py, _gradient_boosting.pyx.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from hermetic.codecs.codec import FieldView
from hermetic.codecs.estimators import EstimatorCodec, public_names
from hermetic.codecs.field_checks import check_class_counts
from hermetic.codecs.former import BOOSTING_LOSSES
from hermetic.codecs.related import distinct_tables, items_of, plain_number, related, shape_of_objects
from hermetic.graph import Value

__all__ = ["DecisionTreeCodec", "ForestCodec", "GradientBoostingCodec", "IsolationForestCodec"]

_TREE = "sklearn.tree.Tree"
_TREES = "DecisionTreeClassifier DecisionTreeRegressor ExtraTreeClassifier ExtraTreeRegressor"
_FORESTS = "ExtraTreesClassifier ExtraTreesRegressor RandomForestClassifier RandomForestRegressor"
_KEPT = "hermetic.legacy."  # of newer releases (`hermetic.legacy.fitted`)
_SINGLE = {
    **public_names("sklearn.tree._classes", _TREES),
    **{f"{_KEPT}{name}": f"{_KEPT}fitted:{name}" for name in _TREES.split()},
}
_REGRESSION_TREE = frozenset({"sklearn.tree.DecisionTreeRegressor", f"{_KEPT}DecisionTreeRegressor"})
_MULTICLASS_LOSSES = ("sklearn.loss.HalfMultinomialLoss", "sklearn.ensemble.losses.MultinomialDeviance")


class DecisionTreeCodec(EstimatorCodec):
    """Single trees: the native tree has the features, outputs and classes that the estimator names."""

    classes: ClassVar = _SINGLE
    sealed_fields = frozenset({"tree_", "n_features_in_", "n_outputs_", "n_classes_"})

    def validate(self, name: str, view: FieldView) -> None:
        """Compare each estimator with its tree."""
        super().validate(name, view)
        if "tree_" not in view.node.fields:
            return
        trees = view.values("tree_")
        sizes = {
            table.index: (table.values("n_features"), table.values("n_classes"))
            for _, table, _ in _distinct(view, trees, {_TREE}, "tree_")
        }
        said = zip(*(view.values(field) for field in ("n_features_in_", "n_outputs_", "n_classes_")), strict=True)
        checked = None
        for row, (tree, own) in enumerate(zip(trees, said, strict=True)):
            n_features, n_classes = sizes[tree[0]]
            both = (*own, n_features[_row(tree)], n_classes[_row(tree)])
            # The hundreds of trees of a forest mostly say the same.
            if both != checked:
                _check_sizes(view, row, *both)
                checked = both


def _check_sizes(
    view: FieldView,
    row: int,
    n_features: Value,
    n_outputs: Value,
    n_classes: Value,
    own_features: int,
    own_classes: Value,
) -> None:
    widths = own_classes["tuple"]
    if plain_number(n_features) != own_features or type(plain_number(n_features)) is not int:
        raise view.refuse(f"n_features_in_ is {n_features!r}, its tree has {own_features}", row=row, field="tree_")
    if plain_number(n_outputs) != len(widths):
        raise view.refuse(f"n_outputs_ is {n_outputs!r}, its tree has {len(widths)}", row=row, field="tree_")
    if n_classes is None:
        return
    counts = view.array(n_classes)
    listed = counts.ravel().tolist() if counts is not None else items_of(view, n_classes) or [n_classes]
    if [plain_number(count) for count in listed] != widths:
        raise view.refuse(f"n_classes_ does not fit the tree's {widths}", row=row, field="tree_")


def _row(reference: list[int]) -> int:
    return reference[1] if len(reference) == 2 else 0


def _distinct(
    view: FieldView, values: Iterable[Value], names: Iterable[str], field: str
) -> list[tuple[str, FieldView, list[int]]]:
    """Give the tables that values refer to, or refuse when one is not of the expected types."""
    tables = distinct_tables(view, values)
    if tables is None or not {table[0] for table in tables} <= set(names):
        raise view.refuse(f"{field} holds something else than {', '.join(sorted(names))}", field=field)
    return tables


def _check_width(
    view: FieldView, values: Iterable[Value], names: Iterable[str], n_features: Value
) -> list[tuple[str, FieldView, list[int]]]:
    """Refuse trees that are made for another number of features, or hold none; give their tables."""
    if type(n_features) is not int or n_features < 1:
        raise view.refuse(f"n_features_in_ must be a positive integer, got {n_features!r}", field="n_features_in_")
    tables = _distinct(view, values, names, "estimators_")
    for _, table, rows in tables:
        if "tree_" not in table.node.fields:
            raise view.refuse("a tree of the ensemble is not fitted", field="estimators_")
        if any(plain_number(width) != n_features for width in table.chosen("n_features_in_", rows)):
            raise view.refuse(f"a tree is not made for {n_features} features", field="estimators_")
    return tables


class ForestCodec(EstimatorCodec):
    """Forests: every tree is fitted, and made for as many features as the forest."""

    classes: ClassVar = {
        **public_names("sklearn.ensemble._forest", f"{_FORESTS} RandomTreesEmbedding"),
        **{f"{_KEPT}{name}": f"{_KEPT}fitted:{name}" for name in _FORESTS.split()},
    }
    sealed_fields = frozenset({"estimators_", "n_features_in_", "n_outputs_", "n_classes_", "classes_"})

    def validate(self, name: str, view: FieldView) -> None:
        """Compare each forest with its trees and its classes."""
        super().validate(name, view)
        if "estimators_" not in view.node.fields:
            return
        if name.endswith("Classifier"):
            check_class_counts(view)
        widths, all_outputs = view.values("n_features_in_"), view.values("n_outputs_")
        for row, trees in enumerate(view.values("estimators_")):
            tables = _check_width(view, _items(view, trees, row), _SINGLE, plain_number(widths[row]))
            n_outputs = plain_number(all_outputs[row])
            # The first tree of each table: a forest adds up as many columns as it says.
            for found in [plain_number(table.values("n_outputs_")[rows[0]]) for _, table, rows in tables]:
                if found != n_outputs or type(n_outputs) is not int:
                    words = f"n_outputs_ is {n_outputs!r}, a tree has {found!r}: predictions would be as wide"
                    raise view.refuse(words, row=row, field="n_outputs_")


def _items(view: FieldView, value: Value, row: int) -> list[Value]:
    items = items_of(view, value)
    if items is None:
        raise view.refuse("estimators_ is not a list", row=row, field="estimators_")
    return items


class IsolationForestCodec(EstimatorCodec):
    """Isolation forests: a tree is made for the features that it is given, all of them or its own choice."""

    classes: ClassVar = public_names("sklearn.ensemble._iforest", "IsolationForest")
    sealed_fields = frozenset({"estimators_", "estimators_features_", "n_features_in_", "_max_features"})

    def validate(self, name: str, view: FieldView) -> None:
        """Compare each tree with the features that it is given."""
        super().validate(name, view)
        if "estimators_" not in view.node.fields:
            return
        all_widths, all_used = view.values("n_features_in_"), view.values("_max_features")
        all_chosen = view.values("estimators_features_")
        for row, trees in enumerate(view.values("estimators_")):
            items, width = _items(view, trees, row), plain_number(all_widths[row])
            if plain_number(all_used[row]) == width:
                _check_width(view, items, _SINGLE, width)
                continue
            chosen = [view.array(value) for value in _items(view, all_chosen[row], row)]
            if len(chosen) != len(items):
                raise view.refuse(f"{len(items)} trees have {len(chosen)} choices of features", row=row)
            for tree, features in zip(items, chosen, strict=True):
                # A mask of booleans would give the tree fewer columns than it is long.
                if features is None or features.ndim != 1 or features.dtype.kind not in "iu":
                    raise view.refuse("a tree's features must be an array of integers", row=row)
                _check_width(view, [tree], _SINGLE, len(features))


class GradientBoostingCodec(EstimatorCodec):
    """Gradient boosting: a matrix of regression trees of one output, one column for each column of the output.

    The output starts with what ``init_`` predicts. Its width is compared for the library's own initial models; any
    other estimator there is asked, when it stands, for one row and for two.
    """

    classes: ClassVar = public_names("sklearn.ensemble._gb", "GradientBoostingClassifier GradientBoostingRegressor")
    sealed_fields = frozenset(
        {"estimators_", "n_features_in_", "n_trees_per_iteration_", "n_classes_", "init_", "_loss"}
    )
    has_finish = True

    def validate(self, name: str, view: FieldView) -> None:
        """Compare each model with its trees, its loss and its initial model."""
        super().validate(name, view)
        if "estimators_" not in view.node.fields:
            return
        for row, matrix in enumerate(view.values("estimators_")):
            shape = shape_of_objects(view, matrix)
            if shape is None or len(shape) != 2:
                raise view.refuse("estimators_ must be a matrix of trees", row=row, field="estimators_")
            trees = _items(view, matrix, row)
            _check_width(view, trees, _REGRESSION_TREE, plain_number(view.value("n_features_in_", row)))
            _check_single_output(view, trees)
            self._check_outputs(name, view, row, shape[1])
            self._check_initial_model(name, view, row, shape[1])

    def finish(self, instances: list[Any], fields: dict[str, list[Any]]) -> None:
        """Ask the initial models that are not the library's own."""
        for instance in instances:
            state = vars(instance)
            initial = state.get("init_")
            if "estimators_" not in state or type(initial) is str or type(initial).__module__ == "sklearn.dummy":
                continue
            from hermetic.codecs.probes import check_initial_model  # most boosting starts from a constant

            check_initial_model(instance)

    def _check_outputs(self, name: str, view: FieldView, row: int, n_columns: int) -> None:
        loss = related(view, view.value("_loss", row))
        # _gb.py of scikit-learn 1.3 and before: the loss counts the trees of a stage.
        is_former = loss is not None and loss[0] in BOOSTING_LOSSES
        n_trees = loss[1].value("K", loss[2]) if loss is not None and is_former else None
        if plain_number(n_trees if is_former else view.value("n_trees_per_iteration_", row)) != n_columns:
            raise view.refuse(f"estimators_ has {n_columns} columns", row=row, field="n_trees_per_iteration_")
        expected = 1
        if name.endswith("Classifier"):
            n_classes = plain_number(view.value("n_classes_", row))
            expected = 1 if n_classes == 2 else n_classes
        if n_columns != expected:
            raise view.refuse(f"estimators_ has {n_columns} columns for {expected} outputs", row=row)
        if loss is None or (n_columns > 1) != (loss[0] in _MULTICLASS_LOSSES):
            raise view.refuse(f"the loss does not fit {n_columns} outputs", row=row, field="_loss")

    def _check_initial_model(self, name: str, view: FieldView, row: int, n_columns: int) -> None:
        value = view.value("init_", row)
        if value == "zero":
            return
        found = related(view, value)
        if found is None:
            raise view.refuse("init_ must be an estimator or 'zero'", row=row, field="init_")
        kind, table, own_row = found
        n_classes = max(n_columns, 2)
        if kind == "sklearn.dummy.DummyClassifier":
            prior = table.array(table.value("class_prior_", own_row))
            sizes = [plain_number(table.value(field, own_row)) for field in ("n_outputs_", "n_classes_")]
            if prior is None or prior.shape != (n_classes,) or sizes != [1, n_classes]:
                raise view.refuse(f"init_ does not predict {n_classes} classes", row=row, field="init_")
        elif kind == "sklearn.dummy.DummyRegressor":
            constant = table.array(table.value("constant_", own_row))
            if constant is None or constant.shape != (1, 1) or plain_number(table.value("n_outputs_", own_row)) != 1:
                raise view.refuse("init_ does not predict one output", row=row, field="init_")
        elif name.endswith("Classifier"):
            labels = table.array(table.value("classes_", own_row))
            if labels is not None and labels.shape != (n_classes,):
                raise view.refuse(f"init_ does not predict {n_classes} classes", row=row, field="init_")


def _check_single_output(view: FieldView, trees: list[Value]) -> None:
    for _, table, rows in _distinct(view, trees, _REGRESSION_TREE, "estimators_"):
        for _, tree_table, own_rows in _distinct(view, table.chosen("tree_", rows), {_TREE}, "tree_"):
            if any(classes != {"tuple": [1]} for classes in tree_table.chosen("n_classes", own_rows)):
                raise view.refuse("a tree of gradient boosting must have one output", field="estimators_")
