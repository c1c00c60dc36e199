"""Support vector machines: what libsvm is given agrees in every size.

Fields: the ``__dict__``. With k classes (2 for regression and novelty) and l support vectors libsvm reads, without
looking: ``_n_support`` (k counts, sum l; without classes the first is l), ``_dual_coef_`` (k - 1 rows of l),
``_intercept_`` (k * (k - 1) / 2 numbers), ``support_`` (l positions in the training data), ``support_vectors_`` (l rows
of n_features_in_; none for computed kernels), and ``_probA`` and ``_probB`` (as many as intercepts; or none, where
``_effective_probability`` is false). A sparse ``_dual_coef_`` stores every item.

Source: sklearn/svm/_base.py, _libsvm.pyx, _libsvm_sparse.pyx, src/libsvm.
"""

from __future__ import annotations

from typing import Any, ClassVar

from hermetic.codecs.codec import FieldView
from hermetic.codecs.estimators import EstimatorCodec, public_names
from hermetic.codecs.field_checks import shape_of
from hermetic.codecs.related import plain_number, related
from hermetic.graph import Value
from hermetic.lazy import numpy as np

__all__ = ["SupportVectorCodec"]

_WANTS = "_effective_probability"
_READ = ("_n_support", "_dual_coef_", "_intercept_", "support_", "support_vectors_", "_probA", "_probB")
_ALSO = (_WANTS, "kernel", "n_features_in_", "shape_fit_")


class SupportVectorCodec(EstimatorCodec):
    """Machines over libsvm; see the module docstring."""

    classes: ClassVar = public_names("sklearn.svm._classes", "NuSVC NuSVR OneClassSVM SVC SVR")
    checked_fields = frozenset({"_n_support", "support_"})
    sealed_fields = frozenset({*_READ, *_ALSO, "_sparse", "classes_"})

    def validate(self, name: str, view: FieldView) -> None:
        """Compare all sizes of each machine; ``_impl``, which chooses the native function, is the class's own."""
        super().validate(name, view)
        if "support_" not in view.node.fields:
            return
        for row in range(view.rows):
            values = {field: view.value(field, row) for field in (*_READ, *_ALSO)}
            n_vectors = _check_counts(view, row, values, is_classifier=name.endswith("SVC"))
            _check_coefficients(view, row, values, n_vectors)
            _check_vectors(view, row, values, n_vectors)


def _check_counts(view: FieldView, row: int, values: dict[str, Value], *, is_classifier: bool) -> int:
    """Check the counts and positions of the support vectors, and give how many there are."""
    counts, positions = view.array(values["_n_support"]), view.array(values["support_"])
    if counts is None or counts.dtype != np.int32 or counts.ndim != 1 or len(counts) < 2:
        raise view.refuse("_n_support must be at least two int32", row=row, field="_n_support")
    if len(counts) != 2 and not is_classifier:
        raise view.refuse(f"_n_support has {len(counts)} counts, expected 2", row=row, field="_n_support")
    if positions is None or positions.dtype != np.int32 or positions.ndim != 1:
        raise view.refuse("support_ must be a row of int32", row=row, field="support_")
    # Python integers: a sum of int32 could wrap round. Regression and novelty count all vectors in the first place and
    # ignore the second, which the dense solver fills and the sparse one does not. Before scikit-learn 1.5 the sparse
    # one filled neither: svm_csr_sparse_helper.c, csr_set_model, copies both for classifiers only, and nothing asks.
    listed = counts.tolist()
    is_read = is_classifier or view.value("_sparse", row) is not True
    if is_read and (min(listed) < 0 or (sum(listed) if is_classifier else listed[0]) != len(positions)):
        raise view.refuse(f"_n_support does not count {len(positions)} vectors", row=row, field="_n_support")
    shape = shape_of(values["shape_fit_"])
    if not shape:
        raise view.refuse("shape_fit_ must be a tuple of lengths", row=row, field="shape_fit_")
    if len(positions) and (int(positions.min()) < 0 or int(positions.max()) >= shape[0]):
        raise view.refuse(f"support_ points beyond the {shape[0]} samples", row=row, field="support_")
    return len(positions)


def _check_coefficients(view: FieldView, row: int, values: dict[str, Value], n_vectors: int) -> None:
    n_classes = len(view.array(values["_n_support"]))
    n_pairs = n_classes * (n_classes - 1) // 2
    expected = (n_classes - 1, n_vectors)
    dual, stored = _shape_and_size(view, values["_dual_coef_"])
    if dual != expected or stored != expected[0] * expected[1]:
        raise view.refuse(f"_dual_coef_ of shape {dual} must be {expected}", row=row, field="_dual_coef_")
    intercept, _ = _shape_and_size(view, values["_intercept_"])
    if intercept != (n_pairs,):
        raise view.refuse(f"_intercept_ of shape {intercept} must be {n_pairs} numbers", row=row, field="_intercept_")
    probabilities = [_shape_and_size(view, values[field])[0] for field in ("_probA", "_probB")]
    if probabilities[0] != probabilities[1] or probabilities[0] not in ((0,), (n_pairs,)):
        raise view.refuse(f"_probA and _probB must be {n_pairs} numbers each, or none", row=row, field="_probA")
    # Older releases have no such field, and the installed one asks nothing without it.
    wants = plain_number(values[_WANTS])
    if (wants is not None and type(wants) is not bool) or (wants and probabilities[0] == (0,)):
        found = f"{_WANTS} is {wants!r}: libsvm would read {n_pairs} numbers of each of _probA and _probB"
        raise view.refuse(found, row=row, field=_WANTS)


def _check_vectors(view: FieldView, row: int, values: dict[str, Value], n_vectors: int) -> None:
    vectors, _ = _shape_and_size(view, values["support_vectors_"])
    kernel = values["kernel"]
    if type(kernel) is not str or kernel == "precomputed":
        # libsvm then takes the positions in support_ and reads no vectors.
        return
    n_features = plain_number(values["n_features_in_"])
    if vectors != (n_vectors, n_features) and not (n_vectors == 0 and vectors is not None and vectors[0] == 0):
        found = f"{vectors} must be {(n_vectors, n_features)}"
        raise view.refuse(f"support_vectors_ of shape {found}", row=row, field="support_vectors_")


def _shape_and_size(view: FieldView, value: Value) -> tuple[tuple[int, ...] | None, int]:
    """Give the shape of an array in C order or of a compressed matrix, and how many items it stores."""
    array: Any = view.array(value)
    if array is not None:
        return (tuple(array.shape), int(array.size)) if array.flags.c_contiguous else (None, 0)
    found = related(view, value)
    if found is None or found[0] not in ("scipy.sparse.csr_matrix", "scipy.sparse.csr_array"):
        return None, 0
    data = found[1].array(found[1].value("data", found[2]))
    return shape_of(found[1].value("shape", found[2])), 0 if data is None else len(data)
