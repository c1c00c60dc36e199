"""What fitted state must equal because it follows from the rest of it, where a shape does not say it.

Each rule looks at one table of one type. What it recomputes would otherwise size an uninitialised or a huge array, be
counted with, or be followed. `docs/validators.md` explains each row.
"""

from __future__ import annotations

from collections.abc import Callable
from math import comb
from typing import Any

from hermetic.codecs.codec import FieldView
from hermetic.codecs.field_checks import check_class_counts, integer_of, length_of
from hermetic.codecs.related import items_of, plain_number, related
from hermetic.lazy import numpy as np

__all__ = ["MOST_COLUMNS", "MOST_DEGREE", "MOST_LISTED_COLUMNS", "RECOMPUTED"]

MOST_DEGREE = 255
"""The largest degree of a polynomial expansion that counts: interactions have no more factors than features."""
MOST_COLUMNS = (1 << 31) - 1
"""The most columns of an expansion up to degree 3."""
MOST_LISTED_COLUMNS = 1 << 24
"""The most columns of an expansion of degree 4 or more, each of which sparse input makes on its own."""
_MOST_POWERS = 10_000
_NATIVE_DEGREE = 3


def _whole(view: FieldView, field: str, row: int) -> Any:
    """Give the integer of a field; None for everything else."""
    return integer_of(plain_number(view.value(field, row)))


def _check_expansion(view: FieldView) -> None:
    """Count the columns of a polynomial expansion: transform fills as many of an array that it does not clear."""
    if "_max_degree" not in view.node.fields:
        return
    for row in range(view.rows):
        least, most = (_whole(view, field, row) for field in ("_min_degree", "_max_degree"))
        width = _whole(view, "n_features_in_", row)
        only, bias = (view.value(field, row) for field in ("interaction_only", "include_bias"))
        if type(only) is not bool or type(bias) is not bool:
            raise view.refuse("interaction_only and include_bias must be true or false", row=row)
        if None in (least, most, width) or not 0 <= least <= most or width < 1:
            raise view.refuse(f"degrees {least!r} to {most!r} of {width!r} features", row=row, field="_max_degree")
        counted = min(most, width) if only else most
        if most > _MOST_POWERS or counted > MOST_DEGREE:
            limit = f"{MOST_DEGREE} is the limit ({_MOST_POWERS} where only fewer features interact)"
            found = f"_max_degree is {most}: transform would hardly ever end; {limit}"
            raise view.refuse(found, row=row, field="_max_degree")
        n_full, n_out = (_n_columns(width, start, counted, only=only) + bias for start in (0, least))
        limit_columns = MOST_COLUMNS if most <= _NATIVE_DEGREE else MOST_LISTED_COLUMNS
        if n_full > limit_columns:
            # Not the number itself: it may have more digits than Python prints.
            found = f"_max_degree is {most}: transform would make 2**{n_full.bit_length() - 1} columns or more"
            raise view.refuse(f"{found}; {limit_columns} is the limit", row=row, field="_max_degree")
        said = [_whole(view, field, row) for field in ("_n_out_full", "n_output_features_")]
        if said != [n_full, n_out]:
            found = f"_n_out_full and n_output_features_ are {said}, but degree and features make {[n_full, n_out]}"
            raise view.refuse(found, row=row, field="n_output_features_")


def _n_columns(width: int, least: int, most: int, *, only: bool) -> int:
    """Count the products of the features with `least` to `most` factors, without the empty one."""
    if only:
        return sum(comb(width, factors) for factors in range(max(1, least), most + 1))
    return comb(width + most, most) - (comb(width + least - 1, least - 1) if least > 0 else 1)


def _check_splines(view: FieldView) -> None:
    """Compare degree and number of columns with the splines themselves, each of which its own codec has checked."""
    if "bsplines_" not in view.node.fields:
        return
    for row in range(view.rows):
        width, degree, said = (_whole(view, field, row) for field in ("n_features_in_", "degree", "n_features_out_"))
        bias = view.value("include_bias", row)
        splines = [related(view, value) for value in items_of(view, view.value("bsplines_", row)) or ()]
        if not splines or len(splines) != width or type(bias) is not bool:
            raise view.refuse(f"{len(splines)} splines for {width!r} features", row=row, field="bsplines_")
        widths = set()
        for found in splines:
            if found is None or found[0] != "scipy.interpolate.BSpline":
                raise view.refuse("bsplines_ holds something else than splines", row=row, field="bsplines_")
            coefficients = found[1].array(found[1].value("c", found[2]))
            widths.add(coefficients.shape[1] if coefficients is not None and coefficients.ndim == 2 else None)
            if found[1].value("k", found[2]) != degree:
                raise view.refuse(f"degree is {degree!r}, a spline has another", row=row, field="degree")
        n_splines = widths.pop()
        if widths or n_splines is None or said != width * (n_splines - (not bias)):
            raise view.refuse(f"n_features_out_ is {said!r}, the splines make others", row=row, field="n_features_out_")


def _check_encodings(view: FieldView) -> None:
    """Compare the number of encodings with the columns: transform fills as many of an array that it does not clear."""
    if "encodings_" not in view.node.fields:
        return
    for row in range(view.rows):
        encodings, categories = (items_of(view, view.value(field, row)) for field in ("encodings_", "categories_"))
        n_each: int | None = 1
        if view.value("target_type_", row) == "multiclass":
            n_each = length_of(view, view.value("classes_", row))
        if encodings is None or categories is None or len(encodings) != len(categories) * (n_each or 0):
            found = f"categories_ of {len(categories or ())} features with {n_each} each"
            raise view.refuse(f"encodings_ does not fit {found}", row=row, field="encodings_")


def _check_merges(view: FieldView) -> None:
    """Check that each merge joins what stands and is not joined yet: whoever follows the tree would not come back."""
    if "children_" not in view.node.fields:
        return
    for row, children in enumerate(view.arrays("children_")):
        n_leaves = _whole(view, "n_leaves_", row)
        is_table = children is not None and children.ndim == 2 and children.shape[1] == 2
        if not is_table or children.dtype.kind not in "iu" or n_leaves is None or len(children) >= max(n_leaves, 1):
            raise view.refuse(f"children_ does not join {n_leaves!r} leaves", row=row, field="children_")
        ends = np.arange(n_leaves, n_leaves + len(children)).reshape(-1, 1)
        # Bounds first; only then may they be counted, which takes what is as wide as a pointer.
        is_within = not ((children < 0).any() or (children >= ends).any())
        if not is_within or np.bincount(children.ravel().astype(np.intp, copy=False), minlength=1).max() > 1:
            raise view.refuse("a merge joins what does not stand, or stood already", row=row, field="children_")


def _check_groups(view: FieldView) -> None:
    """Check the clusters of features as well: numpy counts up to the largest number among them."""
    _check_merges(view)
    if "labels_" not in view.node.fields:
        return
    for row, labels in enumerate(view.arrays("labels_")):
        if labels is None or labels.dtype.kind not in "iu" or not labels.size:
            raise view.refuse("labels_ must be integers", row=row, field="labels_")
        if int(labels.min()) < 0 or int(labels.max()) >= labels.size:
            found = f"labels_ has the number {int(labels.max())} for {labels.size} features"
            raise view.refuse(f"{found}: transform would count up to it", row=row, field="labels_")


_COVARIANCE_SHAPES: dict[Any, Callable[[int, int], tuple[int, ...]]] = {
    "full": lambda k, d: (k, d, d),
    "tied": lambda k, d: (d, d),
    "diag": lambda k, d: (k, d),
    "spherical": lambda k, d: (k,),
}


def _check_mixture(view: FieldView) -> None:
    """Check the covariances, from which samples are drawn by a decomposition that may never end."""
    if "covariances_" not in view.node.fields:
        return
    columns = (view.values("covariance_type"), view.arrays("means_"), view.arrays("covariances_"))
    for row, (kind, means, covariances) in enumerate(zip(*columns, strict=True)):
        shape = _COVARIANCE_SHAPES.get(kind) if type(kind) is str else None
        if shape is None or means is None or covariances is None or covariances.dtype.kind != "f":
            raise view.refuse(f"no covariances of the type {str(kind)[:40]!r}", row=row, field="covariances_")
        if means.ndim != 2 or covariances.shape != shape(*means.shape):
            found = f"covariances_ of the type {kind} have the shape {covariances.shape}, means_ {means.shape}"
            raise view.refuse(found, row=row, field="covariances_")
        if not np.isfinite(covariances).all():
            found = "covariances_ are not finite: sample would hardly ever end"
            raise view.refuse(found, row=row, field="covariances_")


def _check_codes(view: FieldView) -> None:
    """Compare the number of components with the dictionary, which gives each of them its name."""
    if "n_components_" not in view.node.fields:
        return
    for row, words in enumerate(view.arrays("dictionary")):
        said = _whole(view, "n_components_", row)
        if words is None or words.ndim != 2 or said != len(words):
            found = f"n_components_ is {said!r}, but the dictionary has {None if words is None else len(words)} rows"
            raise view.refuse(f"{found}: get_feature_names_out makes as many names", row=row, field="n_components_")


def _check_factors(view: FieldView) -> None:
    """Compare the number of factors with that of features: transform squares it."""
    for row, factors in enumerate(view.arrays("components_")):
        if factors is not None and factors.ndim == 2 and factors.shape[0] > factors.shape[1]:
            found = f"components_ has {factors.shape[0]} factors of {factors.shape[1]} features"
            raise view.refuse(f"{found}: transform would square their number", row=row, field="components_")


def _check_order(view: FieldView) -> None:
    """Check that a chain orders its outputs: predict inverts the order in an array that it does not clear."""
    for row, order in enumerate(view.arrays("order_")):
        if order is not None and (order.ndim != 1 or order.dtype.kind not in "iu" or not _is_permutation(order)):
            raise view.refuse("order_ must hold each number from 0 on once", row=row, field="order_")


def _is_permutation(order: Any) -> bool:
    return bool((np.sort(order) == np.arange(len(order))).all())


RECOMPUTED: dict[str, Callable[[FieldView], None]] = {
    "sklearn.cluster.AgglomerativeClustering": _check_merges,
    "sklearn.cluster.FeatureAgglomeration": _check_groups,
    "sklearn.decomposition.FactorAnalysis": _check_factors,
    "sklearn.decomposition.SparseCoder": _check_codes,
    "sklearn.dummy.DummyClassifier": check_class_counts,
    "sklearn.mixture.BayesianGaussianMixture": _check_mixture,
    "sklearn.mixture.GaussianMixture": _check_mixture,
    "sklearn.multioutput.ClassifierChain": _check_order,
    "sklearn.multioutput.RegressorChain": _check_order,
    "sklearn.preprocessing.PolynomialFeatures": _check_expansion,
    "sklearn.preprocessing.SplineTransformer": _check_splines,
    "sklearn.preprocessing.TargetEncoder": _check_encodings,
}
"""The rule of each type."""
