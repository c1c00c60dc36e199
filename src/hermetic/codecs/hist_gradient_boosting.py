"""Histogram gradient boosting: the trees that predict, the mapper of bins, and the two estimators that hold both.

Fields
------
``TreePredictor``: ``nodes`` (structured array, shape (n_nodes,), ``PREDICTOR_RECORD_DTYPE`` of a 64-bit machine), and
``binned_left_cat_bitsets`` and ``raw_left_cat_bitsets`` (uint32 arrays, shape (n_categorical_splits, 8), C order; None
when empty). ``_BinMapper``: its ``__dict__``. Estimators: the ``__dict__``; ``_raw_predict``, a bound method that early
stopping leaves behind, as true.

Native code follows ``left``, ``right``, ``feature_idx`` and ``bitset_idx`` without looking and divides by ``count``.
A predictor's own rules are checked in `restore`, in one pass over a private copy of all nodes of its table, so that
what is checked is what is used; the estimator adds how wide its input is, and which features are categorical.

Source: sklearn/ensemble/_hist_gradient_boosting: predictor.py, binning.py, gradient_boosting.py, _predictor.pyx.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from types import MethodType
from typing import Any, ClassVar

from hermetic.array_rows import ArrayRows
from hermetic.codecs.codec import Codec, FieldView, LegacyObject, plain_state, resolve_class
from hermetic.codecs.estimators import EstimatorCodec, public_names
from hermetic.codecs.function_transformer import CHECKS_NUMBERS
from hermetic.codecs.node_widths import IS_NARROW, native_nodes, stored_node_dtype, stored_nodes
from hermetic.codecs.related import distinct_tables, equal_lists, items_of, mapping_of, plain_number, related
from hermetic.codecs.threads import check_threads, limit_threads
from hermetic.errors import InvalidState
from hermetic.graph import Value
from hermetic.lazy import numpy as np

__all__ = ["BinMapperCodec", "HistGradientBoostingCodec", "TreePredictorCodec"]

_FOLDER = "sklearn.ensemble._hist_gradient_boosting"
_NODE_DTYPE = f"{_FOLDER}.common:PREDICTOR_RECORD_DTYPE"
_PREDICTOR = "sklearn.ensemble.TreePredictor"
_MAPPER = "sklearn.ensemble._BinMapper"
_ESTIMATORS = "HistGradientBoostingClassifier HistGradientBoostingRegressor"
_BITSETS = ("binned_left_cat_bitsets", "raw_left_cat_bitsets")
_BITSET_WORDS = 8
_MAX_BINS = 256


class TreePredictorCodec(Codec):
    """The trees; see the module docstring."""

    classes: ClassVar = {_PREDICTOR: f"{_FOLDER}.predictor:TreePredictor"}
    borrowed_fields = frozenset({"nodes"})
    checked_fields = frozenset({"nodes", *_BITSETS})

    def group(self, instance: Any) -> Hashable:
        """Let all trees share one table."""
        return None

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the three arrays."""
        fields = plain_state(made)
        for field in _BITSETS:
            own = fields.get(field)  # before scikit-learn 0.24 there were no categories; refused by its release
            fields[field] = own if own is not None and len(own) else None
        return fields | {"nodes": stored_nodes(fields["nodes"])}

    def capture(self, name: str, instances: Sequence[Any]) -> dict[str, list[Any]]:
        """Give the three arrays of each tree; None for the empty bitsets of a tree without categories."""
        nodes = [tree.nodes for tree in instances]
        fields: dict[str, list[Any]] = {"nodes": list(map(stored_nodes, nodes)) if IS_NARROW else nodes}
        for field in _BITSETS:
            bitsets = [getattr(tree, field) for tree in instances]
            fields[field] = [own if len(own) else None for own in bitsets]
        return fields

    def validate(self, name: str, view: FieldView) -> None:
        """Check dtypes and shapes; the nodes themselves are checked in `restore`."""
        if set(view.node.fields) != {"nodes", *_BITSETS}:
            raise view.refuse(f"a tree predictor has the fields {sorted(view.node.fields)}")
        dtype = _stored_dtype()
        if not all(length for (length,) in view.shapes("nodes", dtype, 1)):
            raise view.refuse("a tree predictor needs a row of predictor nodes", field="nodes")
        binned, raw = (_bitset_shapes(view, field) for field in _BITSETS)
        if binned != raw:
            raise view.refuse("the two tables of bitsets differ in length", field=_BITSETS[0])

    def restore(self, name: str, fields: dict[str, list[Any]], rows: int) -> list[Any]:
        """Make the trees over one private copy of all their nodes, checked in one pass before."""
        kind = self.resolve(name)
        nodes = fields["nodes"]
        if isinstance(nodes, ArrayRows):
            raw, lengths = nodes.items(0, rows), [length for (length,) in nodes.shapes]
        else:
            raw, lengths = np.concatenate([own.view(np.uint8) for own in nodes]), list(map(len, nodes))
        block = raw.view(_stored_dtype())
        counts = np.array(lengths, dtype=np.int64)
        bitsets = [_with_empty_bitsets(fields[field]) for field in _BITSETS]
        _check_nodes(block, counts, bitsets[0])
        if IS_NARROW:
            block = native_nodes(block, resolve_class((_NODE_DTYPE,), name))
        ends = np.cumsum(counts).tolist()
        own_nodes = [block[start:end] for start, end in zip([0, *ends], ends, strict=False)]
        return [kind(*parts) for parts in zip(own_nodes, *bitsets, strict=True)]


def _stored_dtype() -> Any:
    dtype = resolve_class((_NODE_DTYPE,), _PREDICTOR)
    return stored_node_dtype(dtype) if IS_NARROW else dtype


def _with_empty_bitsets(bitsets: list[Any]) -> list[Any]:
    empty = list(np.zeros((len(bitsets), 0, _BITSET_WORDS), dtype=np.uint32))
    return [own if given is None else given for own, given in zip(empty, bitsets, strict=True)]


def _check_nodes(block: Any, counts: Any, bitsets: list[Any]) -> None:
    """Refuse nodes that are no proper trees, count no samples, or ask for a bitset that does not exist.

    A child comes after its parent, in the same tree, and no node has two parents. What leaves say of children is never
    followed, so only inner nodes are gathered: records of 57 bytes make every column of all nodes expensive.
    """
    ends = np.cumsum(counts)
    starts = ends - counts
    inner = np.flatnonzero(block["is_leaf"] == 0)
    if not block["count"].all():
        raise _refuse("a node of a tree counts no samples")
    n_inner = np.diff(np.searchsorted(inner, ends), prepend=0)
    first, last = np.repeat(starts, n_inner), np.repeat(ends, n_inner)
    has_parent = np.zeros(len(block), dtype=bool)
    for side in ("left", "right"):
        child = block[side][inner] + first
        # Bounds first; only then may children be used as indices.
        if not ((child > inner) & (child < last)).all():
            raise _refuse("a tree node has a child before itself or beyond the last node")
        has_parent[child] = True
    # As many children as nodes other than the roots, all distinct, and no root among them: proper trees.
    if 2 * len(inner) != len(block) - len(counts) or np.count_nonzero(has_parent) != 2 * len(inner):
        raise _refuse("a tree node has two parents, another has none")
    if (block["feature_idx"][inner] < 0).any():
        raise _refuse("a tree node asks for a feature that does not exist")
    is_split_by_set = block["is_categorical"][inner] != 0
    if is_split_by_set.any():
        n_bitsets = np.repeat([len(own) for own in bitsets], n_inner)[is_split_by_set]
        if (block["bitset_idx"][inner][is_split_by_set] >= n_bitsets).any():
            raise _refuse("a node of a tree asks for a set of categories that does not exist")


def _refuse(found: str) -> InvalidState:
    return InvalidState(
        found,
        next_step="The file is damaged or hostile. Ask its producer for a fresh copy and compare digests.",
    )


def _bitset_shapes(view: FieldView, field: str) -> list[int]:
    """Give how many bitsets each tree has."""
    values = view.values(field)
    if values.count(None) == len(values):
        return [0] * len(values)
    lengths = []
    for row, (value, bitsets) in enumerate(zip(values, view.arrays(field), strict=True)):
        is_table = bitsets is not None and bitsets.ndim == 2 and bitsets.shape[1] == _BITSET_WORDS
        if value is not None and (not is_table or bitsets.dtype != np.uint32 or not bitsets.flags.c_contiguous):
            raise view.refuse(f"{field} must be a table of {_BITSET_WORDS} uint32", row=row, field=field)
        lengths.append(0 if value is None else len(bitsets))
    return lengths


class BinMapperCodec(EstimatorCodec):
    """What maps values to bins: one array of thresholds, or of categories, for each feature."""

    classes: ClassVar = public_names(f"{_FOLDER}.binning", "_BinMapper")
    checked_fields = frozenset({"is_categorical_"})
    sealed_fields = frozenset({"bin_thresholds_", "is_categorical_"})

    def validate(self, name: str, view: FieldView) -> None:
        """Check that each feature has its bins."""
        super().validate(name, view)
        check_threads(view, "n_threads")
        if "bin_thresholds_" not in view.node.fields:
            return
        for row, flags in enumerate(view.arrays("is_categorical_")):
            if flags is None or flags.dtype != np.uint8 or flags.ndim != 1:
                raise view.refuse("is_categorical_ must be a row of uint8", row=row, field="is_categorical_")
            thresholds = items_of(view, view.value("bin_thresholds_", row))
            if thresholds is None or len(thresholds) != len(flags):
                raise view.refuse("each feature needs its thresholds", row=row, field="bin_thresholds_")
            for value, is_categorical in zip(thresholds, flags.tolist(), strict=True):
                _check_thresholds(view, row, view.array(value), is_categorical)

    def restore(self, name: str, fields: dict[str, list[Any]], rows: int) -> list[Any]:
        """Make the mappers, with no more threads than this machine runs."""
        if "n_threads" in fields:
            fields["n_threads"] = limit_threads(fields["n_threads"])
        return super().restore(name, fields, rows)


def _check_thresholds(view: FieldView, row: int, thresholds: Any, is_categorical: int) -> None:
    if thresholds is None or thresholds.dtype != np.float64 or thresholds.ndim != 1 or len(thresholds) >= _MAX_BINS:
        raise view.refuse("thresholds must be float64, at most 255", row=row, field="bin_thresholds_")
    # Native code sets the bit of each category without looking. The items are few: a copy is what is compared.
    if is_categorical and not ((thresholds >= 0) & (thresholds < _MAX_BINS)).all():
        raise view.refuse("a category is not a number from 0 to 255", row=row, field="bin_thresholds_")


class HistGradientBoostingCodec(EstimatorCodec):
    """The two estimators: their trees fit the width of their input and its categorical features."""

    row_bytes = 2 << 10
    classes: ClassVar = {
        **public_names(f"{_FOLDER}.gradient_boosting", _ESTIMATORS),
        **{f"hermetic.legacy.{name}": f"hermetic.legacy.fitted:{name}" for name in _ESTIMATORS.split()},
    }
    sealed_fields = frozenset(
        {
            *("_baseline_prediction", "_bin_mapper", "_in_fit", "_predictors", "_preprocessor", "_raw_predict"),
            *("n_features_in_", "n_trees_per_iteration_"),
        }
    )
    own_fields = frozenset({"_raw_predict"})

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the state, with true for the estimator's own method, which a pickle holds as a call of getattr."""
        fields = super().adopt(name, made)
        left = fields.get("_raw_predict")
        if type(left) is LegacyObject and left.arguments == (made, "_raw_predict"):
            fields["_raw_predict"] = True
        return fields

    def capture(self, name: str, instances: Sequence[Any]) -> dict[str, list[Any]]:
        """Give the state, with true for a method of the estimator's own that early stopping has left behind."""
        fields = super().capture(name, instances)
        if "_raw_predict" in fields:
            fields["_raw_predict"] = [
                _is_own_method(instance, left) or left
                for instance, left in zip(instances, fields["_raw_predict"], strict=True)
            ]
        return fields

    def validate(self, name: str, view: FieldView) -> None:
        """Compare each estimator with its mapper, its preprocessor and its trees."""
        super().validate(name, view)
        # It would make predict take raw data for binned ones.
        if any(value not in (None, False) for value in view.values("_in_fit")):
            raise view.refuse("a model that is being fitted cannot stand in a file", field="_in_fit")
        if any(value is not True for value in view.values("_raw_predict", True)):
            raise view.refuse("_raw_predict must be true", field="_raw_predict")
        if "_predictors" not in view.node.fields:
            return
        fields = ("n_features_in_", "n_trees_per_iteration_", "_bin_mapper", "_preprocessor", "_predictors")
        for row, (n_features, n_trees, mapper, preprocessor, predictors) in enumerate(
            zip(*(view.values(field) for field in fields), strict=True)
        ):
            n_features, n_trees = plain_number(n_features), plain_number(n_trees)
            if type(n_features) is not int or n_features < 1 or type(n_trees) is not int or n_trees < 1:
                raise view.refuse(f"{n_features!r} features and {n_trees!r} trees in each iteration", row=row)
            _check_mapper(view, row, mapper, n_features)
            if preprocessor is not None:
                _check_preprocessor(view, row, preprocessor, n_features)
            _check_predictors(view, row, predictors, n_trees)
            baseline = view.array(view.value("_baseline_prediction", row))
            # It is added to as many columns, which a wider one would not fit and a narrower one would not show.
            if baseline is None or baseline.shape != (1, n_trees):
                raise view.refuse(f"{n_trees} trees need a start each", row=row, field="_baseline_prediction")

    def restore(self, name: str, fields: dict[str, list[Any]], rows: int) -> list[Any]:
        """Make the estimators, and compare the trees with the features of each."""
        made = super().restore(name, fields, rows)
        for instance in made:
            if "_predictors" in vars(instance):
                _check_features(instance._predictors, instance._bin_mapper.is_categorical_ != 0)
            if "_raw_predict" in vars(instance):
                instance.__dict__["_raw_predict"] = MethodType(type(instance)._raw_predict, instance)
        return made


def _is_own_method(instance: Any, value: Any) -> bool:
    method = getattr(type(instance), "_raw_predict", None)
    return isinstance(value, MethodType) and value.__self__ is instance and value.__func__ is method


def _check_mapper(view: FieldView, row: int, mapper: Value, n_features: int) -> None:
    found = related(view, mapper)
    flags = None
    if found is not None and found[0] == _MAPPER:
        flags = found[1].array(found[1].value("is_categorical_", found[2]))
    if flags is None or flags.shape != (n_features,):
        raise view.refuse(f"the bin mapper is not made for {n_features} features", row=row, field="_bin_mapper")


def _check_predictors(view: FieldView, row: int, value: Value, n_trees: int) -> None:
    predictors = equal_lists(view, value, n_trees)
    tables = None if predictors is None else distinct_tables(view, predictors)
    if tables is None or {table[0] for table in tables} - {_PREDICTOR}:
        raise view.refuse(f"_predictors must be lists of {n_trees} trees", row=row, field="_predictors")


def _check_features(predictors: list[list[Any]], is_categorical: Any) -> None:
    """Refuse trees that ask for a feature that does not exist, or take a number for a category.

    The trees stand on a few private blocks of nodes. If all nodes of a block are fine so are the trees; a block that
    other estimators share is looked at tree by tree.
    """
    trees = [tree for iteration in predictors for tree in iteration]
    blocks = {id(tree.nodes.base): tree.nodes.base for tree in trees}
    if all(_is_fitting(block.view(trees[0].nodes.dtype), is_categorical) for block in blocks.values()):
        return
    if not all(_is_fitting(tree.nodes, is_categorical) for tree in trees):
        raise _refuse("a tree asks for a feature that does not exist, or takes a number for a category")


def _is_fitting(nodes: Any, is_categorical: Any) -> bool:
    # Leaves ask for feature 0, so that most models need no look at what is a leaf.
    if int(nodes["feature_idx"].max()) < len(is_categorical) and not nodes["is_categorical"].any():
        return True
    is_inner = nodes["is_leaf"] == 0
    features = nodes["feature_idx"][is_inner]
    if len(features) and int(features.max()) >= len(is_categorical):
        return False
    is_split_by_set = nodes["is_categorical"][is_inner] != 0
    return bool(is_categorical[features[is_split_by_set]].all())


def _check_preprocessor(view: FieldView, row: int, value: Value, n_features: int) -> None:
    """Refuse a preprocessor that may give the trees fewer columns than they were made for.

    It is a ColumnTransformer of two steps: categories to numbers, and numbers as they are; each takes the columns of a
    mask, or of a list of positions when the data have names, and together they take as many columns as there are.
    """
    found = related(view, value)
    if found is None or found[0] != "sklearn.compose.ColumnTransformer":
        raise view.refuse("the preprocessor is not the library's own", row=row, field="_preprocessor")
    _, table, own_row = found
    masks: list[Any] = []
    names: list[Value] = []
    for step in items_of(view, table.value("transformers_", own_row)) or ():
        parts = items_of(view, step) or []
        if len(parts) == 3 and parts[1] == "drop":
            continue
        transformer = related(view, parts[1]) if len(parts) == 3 else None
        if transformer is None or not _keeps_columns(transformer):
            raise view.refuse("a step of the preprocessor is not the library's own", row=row, field="_preprocessor")
        name, _, mask = parts
        masks.append(view.array(mask))
        names.append(name)
    if any(mask is None or mask.dtype != bool or mask.shape != (n_features,) for mask in masks):
        raise view.refuse("a step of the preprocessor does not choose columns", row=row, field="_preprocessor")
    positions = _chosen_positions(view, table.value("_transformer_to_input_indices", own_row), names)
    if sum(int(mask.sum()) for mask in masks) != n_features or positions != n_features:
        raise view.refuse(f"the preprocessor does not give {n_features} columns", row=row, field="_preprocessor")


def _keeps_columns(transformer: tuple[str, FieldView, int]) -> bool:
    name, table, _ = transformer
    if name == "sklearn.preprocessing.FunctionTransformer":
        return CHECKS_NUMBERS in table.node.fields
    return name == "sklearn.preprocessing.OrdinalEncoder"


def _chosen_positions(view: FieldView, value: Value, names: list[Value]) -> int:
    """Give how many columns the steps take by position; -1 where it cannot be told."""
    chosen = mapping_of(view, value)
    if chosen is None or not all(type(name) is str for name in names):
        return -1
    total = 0
    for name in names:
        positions = view.array(chosen.get(name))
        if positions is not None:
            if positions.ndim != 1 or positions.dtype.kind not in "iu":
                return -1
            total += len(positions)
            continue
        items = items_of(view, chosen.get(name))
        if items is None or not all(type(plain_number(item)) is int for item in items):
            return -1
        total += len(items)
    return total
