"""Files that name no release: estimators say which one wrote them since scikit-learn 0.18, helper classes never do."""

from __future__ import annotations

from hermetic.codecs.codec import Codec
from hermetic.codecs.estimators import EstimatorCodec

__all__ = ["LAST_UNSTAMPED", "is_stamped_since"]

LAST_UNSTAMPED = "0.17"
"""The last release whose estimators do not name it; what older ones wrote is taken for its."""

_NEVER = (
    "sklearn.ensemble.losses.",
    "sklearn.gaussian_process.kernels.",
    "sklearn.loss.",
    "sklearn.metrics.",
    "sklearn.utils.",
)
_HELPERS = frozenset(
    {
        "sklearn.compose.make_column_selector",
        "sklearn.neural_network.AdamOptimizer",
        "sklearn.neural_network.SGDOptimizer",
    }
)


def is_stamped_since(name: str, codec: Codec) -> bool:
    """Tell whether scikit-learn 0.18 and later write their version into objects of a class.

    Parameters
    ----------
    name : str
        Neutral name of a class.
    codec : Codec
        The codec that knows it.

    Returns
    -------
    bool
        True for estimators.

    Examples
    --------
    >>> from hermetic.codecs.registry import codec_of_name
    >>> [is_stamped_since(name, codec_of_name(name)) for name in ("sklearn.svm.SVC", "sklearn.tree.Tree")]
    [True, False]
    """
    if not isinstance(codec, EstimatorCodec) or name in _HELPERS or name.startswith(_NEVER):
        return False
    module, _, own = name.rpartition(".")
    is_splitter = module == "sklearn.model_selection" and not own.endswith(("SearchCV", "ThresholdClassifierCV"))
    return not own.startswith("_") and not is_splitter
