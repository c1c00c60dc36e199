"""What the pickles of scikit-learn's models call, and with which arguments: a closed table of exact names.

A function that is listed does no more than make an object when its arguments are of the kinds beside it, and may do
anything else with others: ``bytearray(10**11)`` takes 100 GB, ``_codecs.encode`` runs any codec that is registered. So
the arguments count as much as the name. Nothing here is ever called by hermetic.

Kinds of arguments
------------------
``any`` any value, judged by itself; ``array`` a class of arrays; ``base`` a class of Python that holds data;
``bits`` the name or class of a random generator, or one; ``bits-maker`` numpy's own function that makes one;
``class`` a known class; ``constant`` None, ``Ellipsis`` or
``NotImplemented``; ``code`` the type code ``b"b"``; ``content`` bytes or text; ``data`` bytes; ``dtype`` a dtype;
``dtype-text`` the letter and size of a simple dtype; ``empty-shape`` the tuple ``(0,)``; ``flag`` a truth value, 0 or
1; ``function`` a known
function or class of values; ``latin1`` the name of that encoding; ``list`` a list or tuple; ``number`` an int or float;
``shape`` a tuple of ints; ``small`` an int below 2**31; ``str`` the class of texts; ``str-method`` the name of a
harmless method of texts; ``text`` a text. ``?`` behind a kind: it may be left out; ``*``: any number of them.
"""

from __future__ import annotations

__all__ = ["BOUND_METHODS", "CALLED", "DATA_CLASSES", "MADE_WITH", "REFERENCED"]

_NATIVE_LOSSES = [
    "AbsoluteError",
    "ExponentialLoss",
    "HalfBinomialLoss",
    "HalfGammaLoss",
    "HalfMultinomialLoss",
    "HalfPoissonLoss",
    "HalfSquaredError",
    "HalfTweedieLoss",
    "HalfTweedieLossIdentity",
    "HuberLoss",
    "PinballLoss",
]
_SGD_LOSSES = [
    "EpsilonInsensitive",
    "Hinge",
    "Huber",
    "Log",
    "ModifiedHuber",
    "SquaredEpsilonInsensitive",
    "SquaredHinge",
    "SquaredLoss",
    "CyHalfBinomialLoss",
    "CyHalfSquaredError",
    "CyHuberLoss",
]
_STANDARD = {
    "_codecs:encode": "text latin1",
    "builtins:bytearray": "content? latin1?",
    "builtins:bytes": "",
    "builtins:complex": "number number?",
    "builtins:frozenset": "list?",
    "builtins:getattr": "str str-method",
    "builtins:range": "number number? number?",
    "builtins:set": "list?",
    "builtins:slice": "any any any",
    "builtins:type": "constant",
    "collections:Counter": "any?",
    "collections:OrderedDict": "list?",
    "collections:defaultdict": "function?",
    "collections:deque": "list? any?",
    "copyreg:__newobj__": "class any*",
    "copyreg:_reconstructor": "class base any",
    "datetime:date": "any any? any?",
    "datetime:datetime": "any any*",
    "datetime:time": "any*",
    "datetime:timedelta": "number*",
    "datetime:timezone": "any any?",
    "decimal:Decimal": "text",
    "fractions:Fraction": "any any?",
    "functools:partial": "function",
    "operator:itemgetter": "any any*",
    "pathlib:PosixPath": "text*",
    "pathlib:PurePosixPath": "text*",
    "pathlib:PureWindowsPath": "text*",
    "pathlib:WindowsPath": "text*",
    "re:_compile": "any small",
    "zoneinfo:ZoneInfo._unpickle": "text flag",
}
_NUMPY = {
    "numpy:dtype": "dtype-text flag? flag?",
    "numpy.core:_ufunc_reconstruct": "text text",
    "numpy.core.multiarray:_reconstruct": "array empty-shape code",
    "numpy.core.multiarray:scalar": "dtype any?",
    "numpy.core.numeric:_frombuffer": "data dtype shape text shape?",
    "numpy.ma.core:_mareconstruct": "array array empty-shape code",
    "numpy.random:__RandomState_ctor": "",
    "numpy.random._pickle:__bit_generator_ctor": "bits?",
    "numpy.random._pickle:__generator_ctor": "bits? bits-maker?",
    "numpy.random._pickle:__randomstate_ctor": "bits? bits-maker?",
    "numpy.random.bit_generator:__pyx_unpickle_SeedSequence": "class number any",
}
_SCIKIT_LEARN = {
    "sklearn.metrics._dist_metrics:newObj": "class",
    "sklearn.neighbors._ball_tree:newObj": "class",
    "sklearn.neighbors._kd_tree:newObj": "class",
    "sklearn.tree._tree:Tree": "small any small",
    **{f"sklearn.linear_model._sgd_fast:{name}": "number*" for name in _SGD_LOSSES},
    **{f"sklearn._loss._loss:Cy{name}": "number*" for name in _NATIVE_LOSSES},
    **{f"sklearn._loss._loss:__pyx_unpickle_Cy{name}": "class number any" for name in _NATIVE_LOSSES},
}
_PANDAS = {
    "pandas._libs.arrays:__pyx_unpickle_NDArrayBacked": "class number any",
    "pandas._libs.internals:_unpickle_block": "any any small",
    "pandas.core.indexes.base:_new_Index": "class any",
    "pandas._libs.sparse:BlockIndex": "any*",
    "pandas._libs.sparse:IntIndex": "any*",
    **{f"pandas:{name}": "any*" for name in ("Interval", "Period", "PeriodDtype", "StringDtype")},
    **{f"pandas._libs.tslibs.offsets:{name}": "any*" for name in ("Day", "Minute", "MonthEnd", "Week", "YearEnd")},
    "pandas.core.internals.managers:BlockManager": "list list",
    "pandas.core.internals.managers:SingleBlockManager": "any any",
}
_PYARROW = {
    f"pyarrow.lib:{name}": "any*"
    for name in ("_restore_array", "decimal128", "field", "list_", "py_buffer", "timestamp", "type_for_alias")
}

CALLED: dict[str, str] = {**_STANDARD, **_NUMPY, **_SCIKIT_LEARN, **_PANDAS, **_PYARROW}
"""What may be called, ``module:name`` in current spelling, and the kinds of its arguments."""

BOUND_METHODS = frozenset({"_raw_predict"})
"""The methods that pickles take of objects they have made, by ``getattr``; finding one runs nothing."""

MADE_WITH = {
    "sklearn.grid_search:_CVScoreTuple": "any any any",
    "sklearn.impute._iterative:_ImputerTriplet": "any any any",
}
"""The classes whose instances are made with arguments, and their kinds; all others are made without."""

DATA_CLASSES = frozenset(
    [
        "joblib.numpy_pickle:NumpyArrayWrapper",
        "joblib.numpy_pickle:NDArrayWrapper",
        "joblib.numpy_pickle:ZNDArrayWrapper",
        "pandas.core.internals.managers:BlockManager",
        "pandas.core.internals.managers:SingleBlockManager",
        *(f"sklearn._loss._loss:Cy{name}" for name in _NATIVE_LOSSES),
    ]
)
"""Further classes whose instances hold data, and that no codec knows because no object of them lives in a model."""

REFERENCED = frozenset(
    [
        "builtins:Ellipsis",
        "builtins:FutureWarning",  # which warning a dictionary of scikit-learn 0.19 gives of former keys
        "builtins:NotImplemented",
        "numpy:matrix",
        "numpy:memmap",  # the class of an array that joblib had mapped; only a call of it would open a file
        "numpy:record",
        "numpy.rec:record",
        "numpy.random._pickle:__bit_generator_ctor",
        "pandas:DatetimeIndex",
        "pandas:NA",
        "pandas:TimedeltaIndex",
        "pandas.arrays:IntervalArray",
        "scipy._lib.array_api_compat.numpy._aliases:asarray",
        "scipy.sparse.linalg:norm",
        "sklearn.cluster._kmeans:_kmeans_single_elkan",
        "sklearn.cluster._kmeans:_kmeans_single_lloyd",
        "sklearn.metrics._scorer:_passthrough_scorer",
        "sklearn.model_selection._search:_refit_callable",
    ]
)
"""Further functions and classes that fitted models hold as values, and that do no more than compute."""
