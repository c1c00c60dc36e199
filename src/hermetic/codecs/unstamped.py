"""Files that name no release: estimators say which one wrote them since scikit-learn 0.18, helper classes never do."""

from __future__ import annotations

from collections.abc import Iterable

from hermetic.codecs.codec import Codec
from hermetic.codecs.estimators import EstimatorCodec
from hermetic.legacy_objects import LegacyName, LegacyObject

__all__ = ["LAST_UNSTAMPED", "is_stamped_since", "release_of_parts"]

LAST_UNSTAMPED = "0.17"
"""The last release whose estimators do not name it; what older ones wrote is taken for its."""

_TREE = "sklearn.tree.Tree"
_SEARCHES = frozenset(f"sklearn.neighbors.{kind}Tree{bits}" for kind in ("KD", "Ball") for bits in ("", "32", "64"))
_METRICS = "sklearn.metrics._dist_metrics:"
_LIBRARY = "sklearn."
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


def release_of_parts(objects: Iterable[LegacyObject]) -> dict[str, str]:
    """Tell which release wrote trees and metrics that stand alone: their own form does, where no estimator names one.

    Parameters
    ----------
    objects : iterable of LegacyObject
        All of a file, adopted.

    Returns
    -------
    dict of str to str
        The oldest release of scikit-learn that writes such objects, as in a manifest; empty when it holds anything else
        of the library, whose form may have meant something else in each release.

    Notes
    -----
    The nodes of a tree have had ``missing_go_to_left`` since 1.3; what its values mean is its estimator's business.
    Metrics have had the width of their numbers in their names since 1.3. A tree for neighbour searches is told by its
    metric.

    Examples
    --------
    >>> release_of_parts([])
    {}
    """
    found: set[str] = set()
    for made in objects:
        if made.name == _TREE:
            nodes = getattr(made.fields.get("nodes"), "dtype", None)
            found.add("1.3" if "missing_go_to_left" in (getattr(nodes, "names", None) or ()) else "1.2")
        elif made.name.startswith(_LIBRARY) and made.name not in _SEARCHES:
            given = made.arguments[0] if made.arguments else None
            place = given.location if type(given) is LegacyName else ""
            if not place.startswith(_METRICS) or not place.endswith(("32", "64")):
                return {}
            found.add("1.3")
    return {"scikit-learn": found.pop()} if len(found) == 1 else {}
