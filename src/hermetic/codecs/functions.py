"""Functions and classes that models may hold as values: closed tables of exact names.

A function in a model runs when the model is used. These are known to do nothing but compute on their arguments: no
function here opens a file, evaluates text, finds an attribute by its name, makes memory of a size of the file's choice,
or hands its arguments to native code without a look. ``max``, ``min``, ``sorted`` and ``silhouette_score`` can be given
a function: `hermetic.codecs.arguments` sees to it that no model binds one. All others are foreign: kept by name, and
loaded only when the caller trusts that name.
"""

from __future__ import annotations

import importlib
import sys
from dataclasses import dataclass
from types import (
    BuiltinFunctionType,
    EllipsisType,
    FunctionType,
    MethodDescriptorType,
    ModuleType,
    NoneType,
    NotImplementedType,
)
from typing import Any

from hermetic.codecs.codec import resolve_class
from hermetic.errors import CannotSave
from hermetic.lazy import numpy as np

__all__ = [
    "KNOWN_FUNCTIONS",
    "KNOWN_VALUE_TYPES",
    "Called",
    "find_foreign",
    "is_named",
    "name_of_function",
    "resolve_function",
]

_FUNCTIONS = {
    # Aggregates and conversions of plain values: scores of selectors, factories of default dictionaries.
    "builtins": "abs all any float int len max min round sorted str sum",
    # Preprocessors and tokenizers of texts. Not format, which finds attributes, nor what makes texts longer.
    "builtins:str": (
        "capitalize casefold isalnum isalpha isascii isdecimal isdigit islower isnumeric isspace istitle isupper lower "
        "lstrip rstrip rsplit split splitlines strip swapcase title upper"
    ),
    # Arithmetic of one number or two. Not factorial, comb or perm, whose results have no bound.
    "math": (
        "acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh degrees dist erf erfc exp exp2 expm1 fabs "
        "floor fmod fsum gamma gcd hypot isclose isfinite isinf isnan lgamma log log10 log1p log2 pow prod radians "
        "remainder sin sinh sqrt tan tanh trunc"
    ),
    "numpy": (
        # Statistics: pooling_func, imputers, aggregates of FunctionTransformer.
        "amax amin argmax argmin average cumsum diff max mean median min nanmax nanmean nanmedian nanmin nanstd nansum "
        "nanvar percentile prod ptp quantile std sum unique var "
        # The same data in another form: FunctionTransformer.
        "array asarray clip column_stack dot hstack angle imag nan_to_num ravel real reshape round round_ sort squeeze "
        "transpose vstack "
        # Every ufunc, by name.
        "abs absolute add arccos arccosh arcsin arcsinh arctan arctan2 arctanh bitwise_and bitwise_or bitwise_xor cbrt "
        "ceil conjugate copysign cos cosh deg2rad degrees divide divmod equal exp exp2 expm1 fabs float_power floor "
        "floor_divide fmax fmin fmod frexp gcd greater greater_equal heaviside hypot invert isfinite isinf isnan isnat "
        "lcm ldexp left_shift less less_equal log log10 log1p log2 logaddexp logaddexp2 logical_and logical_not "
        "logical_or logical_xor matmul maximum minimum mod modf multiply negative nextafter not_equal positive power "
        "rad2deg radians reciprocal remainder right_shift rint sign signbit sin sinh spacing sqrt square subtract tan "
        "tanh true_divide trunc"
    ),
    "numpy.linalg": "det norm",
    # Ufuncs that people transform features with, and three functions made of ufuncs (softmax, log_softmax, logsumexp).
    "scipy.special": (
        "boxcox boxcox1p cbrt digamma entr erf erfc erfcinv erfinv exp10 exp2 expit expm1 gamma gammaln huber i0 i0e "
        "i1 i1e inv_boxcox inv_boxcox1p kl_div log1p log_expit loggamma logit ndtr ndtri psi pseudo_huber rel_entr "
        "softmax log_softmax logsumexp xlog1py xlogy"
    ),
    # Metrics of neighbours: each checks two vectors.
    "scipy.spatial.distance": (
        "braycurtis canberra chebyshev cityblock correlation cosine dice euclidean hamming jaccard jensenshannon "
        "mahalanobis minkowski rogerstanimoto russellrao seuclidean sokalsneath sqeuclidean yule"
    ),
    # score_func of the univariate selectors.
    "sklearn.feature_selection": (
        "chi2 f_classif f_regression mutual_info_classif mutual_info_regression r_regression f_oneway"
    ),
    # Scorers: each checks its arguments by scikit-learn's own validation.
    "sklearn.metrics": (
        "accuracy_score adjusted_mutual_info_score adjusted_rand_score average_precision_score balanced_accuracy_score "
        "brier_score_loss calinski_harabasz_score class_likelihood_ratios cohen_kappa_score completeness_score "
        "confusion_matrix consensus_score coverage_error d2_absolute_error_score d2_brier_score d2_log_loss_score "
        "d2_pinball_score d2_tweedie_score davies_bouldin_score dcg_score explained_variance_score f1_score "
        "fbeta_score fowlkes_mallows_score hamming_loss hinge_loss homogeneity_score jaccard_score "
        "label_ranking_average_precision_score label_ranking_loss log_loss matthews_corrcoef "
        "max_error mean_absolute_error mean_absolute_percentage_error "
        "mean_gamma_deviance mean_pinball_loss mean_poisson_deviance mean_squared_error mean_squared_log_error "
        "mean_tweedie_deviance median_absolute_error mutual_info_score ndcg_score normalized_mutual_info_score "
        "precision_score r2_score rand_score recall_score roc_auc_score root_mean_squared_error "
        "root_mean_squared_log_error silhouette_score top_k_accuracy_score v_measure_score zero_one_loss"
    ),
    # Kernels and metrics of whole tables: each checks its arguments. Not pairwise_kernels, which takes a function.
    "sklearn.metrics.pairwise": (
        "additive_chi2_kernel chi2_kernel cosine_distances cosine_similarity euclidean_distances haversine_distances "
        "laplacian_kernel linear_kernel manhattan_distances nan_euclidean_distances paired_cosine_distances "
        "paired_euclidean_distances paired_manhattan_distances polynomial_kernel rbf_kernel sigmoid_kernel"
    ),
    # Transformers without state.
    "sklearn.preprocessing": "maxabs_scale minmax_scale normalize quantile_transform robust_scale scale binarize",
    # In the place of a scorer before scikit-learn 1.3: calls the model's own score. And what two scorers compute.
    "sklearn.metrics._scorer": "_passthrough_scorer negative_likelihood_ratio positive_likelihood_ratio",
    # The halving searches of scikit-learn 0.24, which are refused by their release.
    "sklearn.model_selection._search_successive_halving": "_refit_callable",
    # What FunctionTransformer is given to check tables only.
    "sklearn.utils.validation": "check_array",
}
# Classes that parameters name: dtypes of encoders, columns by dtype.
_VALUE_TYPES = {
    "builtins": (
        "bool bytearray bytes complex dict float frozenset int list object set slice str tuple NoneType "
        "NotImplementedType ellipsis"
    ),
    "numpy": (
        "bool bool_ bytes_ clongdouble complex128 complex64 datetime64 dtype float16 float32 float64 int16 int32 int64 "
        "int8 longdouble longlong ndarray object_ str_ timedelta64 uint16 uint32 uint64 uint8 ulonglong void generic "
        "number integer signedinteger unsignedinteger inexact floating complexfloating flexible character"
    ),
}

# Python calls them so, but no module has them under these names.
_NAMELESS_TYPES = {
    "builtins.NoneType": NoneType,
    "builtins.NotImplementedType": NotImplementedType,
    "builtins.ellipsis": EllipsisType,
}

# What numpy 1 called some of its functions.
_FORMER_NAMES = {"numpy.round_": "numpy.round"}


@dataclass(frozen=True)
class Called:
    """A function that restoring an object calls; its name stands in the graph in the role ``called``.

    Attributes
    ----------
    function : callable
        A function or class that can be imported.
    """

    function: Any


KNOWN_FUNCTIONS = frozenset(f"{module}.{name}" for module, names in _FUNCTIONS.items() for name in names.split())
"""Exact dotted names of the functions that models may refer to without anyone's trust."""

KNOWN_VALUE_TYPES = frozenset(f"{module}.{name}" for module, names in _VALUE_TYPES.items() for name in names.split())
"""Exact dotted names of further classes that may stand in a model as values."""


def is_named(value: Any) -> bool:
    """Tell whether a value is a class or function, which a file holds by its name.

    Parameters
    ----------
    value : object
        Any value.

    Returns
    -------
    bool
        False for callable objects.

    Examples
    --------
    >>> is_named(len), is_named("len")
    (True, False)
    """
    # numpy's own functions have a type of their own from numpy 1.25 on.
    return isinstance(value, (type, FunctionType, BuiltinFunctionType, MethodDescriptorType, np.ufunc, type(np.mean)))


def name_of_function(function: Any) -> str:
    """Give the name under which a file refers to a function.

    Parameters
    ----------
    function : callable
        A function that can be imported.

    Returns
    -------
    str
        ``package.module.name``.

    Raises
    ------
    CannotSave
        For lambdas, closures, local functions and what lives in ``__main__``.

    Examples
    --------
    >>> from sklearn.metrics import f1_score
    >>> name_of_function(f1_score)
    'sklearn.metrics.f1_score'
    """
    name = str(getattr(function, "__name__", ""))
    for module_name, names in _FUNCTIONS.items():
        if name in names.split() and getattr(_owner(module_name), name, None) is function:
            return f"{module_name}.{name}"
    qualified = str(getattr(function, "__qualname__", name))
    module_name = str(getattr(function, "__module__", None) or "")
    if isinstance(function, np.ufunc):
        raise CannotSave(f"the ufunc {name} is not one of numpy's or scipy.special's known ones", next_step=_IMPORTABLE)
    if "<lambda>" in qualified:
        raise CannotSave("a lambda has no name by which it could be found again", next_step=_LAMBDA)
    if "<locals>" in qualified:
        raise CannotSave(f"{qualified} is defined inside another function", next_step=_IMPORTABLE)
    owner = getattr(function, "__self__", None)
    if not (owner is None or isinstance(owner, (ModuleType, type))):
        raise CannotSave(
            f"{qualified} is a method of a {type(owner).__name__}", next_step="Store the object and the method's name."
        )
    if module_name == "__main__":
        raise CannotSave(f"{qualified} is defined in __main__, the running script", next_step=main_edit(qualified))
    separator = ":" if "." in qualified else "."
    found = f"{module_name}{separator}{qualified}"
    try:
        is_found = find_foreign(found) is function
    except (ImportError, AttributeError, KeyError, ValueError):
        is_found = False
    if not is_found:
        raise CannotSave(f"importing {found} does not give this {type(function).__name__}", next_step=_IMPORTABLE)
    return found


def _owner(place: str) -> Any:
    """Give a module, if it is loaded, or a class of one: ``builtins`` or ``builtins:str``."""
    module_name, _, class_name = place.partition(":")
    module = sys.modules.get(module_name)
    return getattr(module, class_name, None) if class_name else module


_IMPORTABLE = "Move it to the top level of a module that can be imported, and import it from there."
_LAMBDA = "Write it as a named function (def) at the top level of a module, and import it from there."


def main_edit(name: str) -> str:
    """Give the exact edit that makes something of the running script importable.

    Parameters
    ----------
    name : str
        The function or class.

    Returns
    -------
    str
        One sentence.
    """
    return (
        f"Move {name} to a file, say my_models.py, write `from my_models import {name.split('.')[0]}` in the script, "
        "and make the model again."
    )


def resolve_function(name: str) -> Any:
    """Give a known function or class for its name; the name is one of our own tables.

    Parameters
    ----------
    name : str
        From `KNOWN_FUNCTIONS` or `KNOWN_VALUE_TYPES`.

    Returns
    -------
    callable
        The function.

    Examples
    --------
    >>> resolve_function("numpy.log1p").__name__
    'log1p'
    """
    name = _FORMER_NAMES.get(name, name)
    if name in _NAMELESS_TYPES:
        return _NAMELESS_TYPES[name]
    if ":" in name:
        return resolve_class((name,), name)
    module, _, attribute = name.rpartition(".")
    return resolve_class((f"{module}:{attribute}",), name)


def find_foreign(name: str) -> Any:
    """Import what a trusted name stands for, walking through classes only, never through modules or instances.

    Parameters
    ----------
    name : str
        ``package.module.Name`` or ``package.module:Outer.Inner``.

    Returns
    -------
    object
        The class or function.

    Raises
    ------
    ImportError, AttributeError
        When it is not there.

    Examples
    --------
    >>> find_foreign("decimal.Decimal").__name__
    'Decimal'
    """
    if ":" in name:
        module_name, _, qualified = name.partition(":")
    else:
        module_name, _, qualified = name.rpartition(".")
    found: Any = importlib.import_module(module_name)
    for position, part in enumerate(qualified.split(".")):
        if position and not isinstance(found, type):
            raise AttributeError(f"{name} passes through something that is not a class")
        found = vars(found)[part] if part in vars(found) else getattr(found, part)
    if isinstance(found, ModuleType):
        raise AttributeError(f"{name} is a module, which is no value of a model")
    return found
