"""Which codec serves which type: one explicit tuple, and the look-ups over it.

Adding a type is one file in this folder, one name in `CODECS`, and one test file of the same name.
"""

from __future__ import annotations

import sys
from typing import Any

from hermetic.codecs.birch import BirchCodec, BirchNodeCodec, BirchSubclusterCodec
from hermetic.codecs.calls import CALLS
from hermetic.codecs.codec import Codec, class_path
from hermetic.codecs.column_selector import ColumnSelectorCodec
from hermetic.codecs.column_transformer import ColumnTransformerCodec
from hermetic.codecs.containers import BunchCodec, ImputerTripletCodec
from hermetic.codecs.distance_metrics import DistanceMetricCodec
from hermetic.codecs.encoders import LabelSetCodec, OneHotCodec
from hermetic.codecs.estimators import EstimatorCodec, IsotonicRegressionCodec, OneVsRestCodec, RuledCodec
from hermetic.codecs.foreign import FOREIGN
from hermetic.codecs.former import FormerCodec
from hermetic.codecs.function_transformer import FunctionTransformerCodec
from hermetic.codecs.hist_gradient_boosting import BinMapperCodec, HistGradientBoostingCodec, TreePredictorCodec
from hermetic.codecs.linkage import LinkageCodec
from hermetic.codecs.losses import LinkCodec, LossCodec, NativeLossCodec
from hermetic.codecs.means import ClusterTreeCodec, MeansCodec
from hermetic.codecs.neighbor_trees import NeighborTreeCodec
from hermetic.codecs.neighbors import NeighborsCodec
from hermetic.codecs.numpy_arrays import (
    ArrayViewCodec,
    MaskedArrayCodec,
    MaskedConstantCodec,
    PolynomialCodec,
    VoidCodec,
)
from hermetic.codecs.numpy_text import StringArrayCodec, StringDTypeCodec
from hermetic.codecs.online_linear import OnlineLinearCodec
from hermetic.codecs.pandas.arrays import (
    CategoricalCodec,
    IntervalArrayCodec,
    MomentArrayCodec,
    NullableArrayCodec,
    PeriodArrayCodec,
    SparseArrayCodec,
    TextArrayCodec,
    WrappedArrayCodec,
)
from hermetic.codecs.pandas.arrow import ArrowArrayCodec
from hermetic.codecs.pandas.dtypes import DTypeCodec
from hermetic.codecs.pandas.frames import DataFrameCodec, SeriesCodec
from hermetic.codecs.pandas.indexes import IndexCodec, MomentIndexCodec, MultiIndexCodec, RangeIndexCodec
from hermetic.codecs.pandas.offsets import OffsetCodec
from hermetic.codecs.pandas.scalars import InstantCodec, IntervalValueCodec, MissingValueCodec, PeriodCodec
from hermetic.codecs.random_state import BitGeneratorCodec, GeneratorCodec, RandomStateCodec
from hermetic.codecs.scipy_interpolate import BSplineCodec, InterpolatorCodec, PiecewiseCodec
from hermetic.codecs.scipy_sparse import (
    BlockCodec,
    ColumnCodec,
    CompressedCodec,
    CoordinateCodec,
    DiagonalCodec,
)
from hermetic.codecs.scipy_sparse_lists import DictionaryCodec, ListCodec
from hermetic.codecs.scipy_stats import FrozenDistributionCodec, OptimizeResultCodec
from hermetic.codecs.scorers import ScorerCodec
from hermetic.codecs.seed_sequence import SeedSequenceCodec
from hermetic.codecs.standard_callables import ItemGetterCodec, PartialCodec, PatternCodec
from hermetic.codecs.standard_containers import (
    ChainMapCodec,
    DequeCodec,
    MachineArrayCodec,
    MappingCodec,
    NamespaceCodec,
    RandomCodec,
)
from hermetic.codecs.standard_time import DurationCodec, FixedZoneCodec, MomentCodec, NamedZoneCodec
from hermetic.codecs.standard_values import FractionCodec, IntervalCodec, TextCodec, UUIDCodec
from hermetic.codecs.support_vectors import SupportVectorCodec
from hermetic.codecs.tree_models import DecisionTreeCodec, ForestCodec, GradientBoostingCodec, IsolationForestCodec
from hermetic.codecs.trees import TreeCodec
from hermetic.codecs.vocabularies import HasherCodec, VectorizerCodec

__all__ = ["CODECS", "codec_of_name", "constant_at", "known_at", "maker_at", "name_of_class"]

CODECS: tuple[Codec, ...] = (
    ArrayViewCodec(),
    ArrowArrayCodec(),
    BinMapperCodec(),
    BirchCodec(),
    BirchNodeCodec(),
    BirchSubclusterCodec(),
    BitGeneratorCodec(),
    BlockCodec(),
    BSplineCodec(),
    BunchCodec(),
    CALLS,
    CategoricalCodec(),
    ChainMapCodec(),
    ClusterTreeCodec(),
    ColumnCodec(),
    ColumnSelectorCodec(),
    ColumnTransformerCodec(),
    CompressedCodec(),
    CoordinateCodec(),
    DataFrameCodec(),
    DecisionTreeCodec(),
    DequeCodec(),
    DiagonalCodec(),
    DictionaryCodec(),
    DistanceMetricCodec(),
    DTypeCodec(),
    DurationCodec(),
    EstimatorCodec(),
    FixedZoneCodec(),
    ForestCodec(),
    FormerCodec(),
    FractionCodec(),
    FrozenDistributionCodec(),
    FunctionTransformerCodec(),
    GeneratorCodec(),
    GradientBoostingCodec(),
    HasherCodec(),
    HistGradientBoostingCodec(),
    ImputerTripletCodec(),
    IndexCodec(),
    InstantCodec(),
    InterpolatorCodec(),
    IntervalArrayCodec(),
    IntervalCodec(),
    IntervalValueCodec(),
    IsolationForestCodec(),
    IsotonicRegressionCodec(),
    ItemGetterCodec(),
    LabelSetCodec(),
    LinkageCodec(),
    LinkCodec(),
    ListCodec(),
    LossCodec(),
    MachineArrayCodec(),
    MappingCodec(),
    MaskedArrayCodec(),
    MaskedConstantCodec(),
    MeansCodec(),
    MissingValueCodec(),
    MomentArrayCodec(),
    MomentCodec(),
    MomentIndexCodec(),
    MultiIndexCodec(),
    NamedZoneCodec(),
    NamespaceCodec(),
    NativeLossCodec(),
    NeighborsCodec(),
    NeighborTreeCodec(),
    NullableArrayCodec(),
    OffsetCodec(),
    OneHotCodec(),
    OneVsRestCodec(),
    OnlineLinearCodec(),
    OptimizeResultCodec(),
    PartialCodec(),
    PatternCodec(),
    PeriodArrayCodec(),
    PeriodCodec(),
    PiecewiseCodec(),
    PolynomialCodec(),
    RandomCodec(),
    RandomStateCodec(),
    RangeIndexCodec(),
    RuledCodec(),
    ScorerCodec(),
    SeedSequenceCodec(),
    SeriesCodec(),
    SparseArrayCodec(),
    StringArrayCodec(),
    StringDTypeCodec(),
    SupportVectorCodec(),
    TextArrayCodec(),
    TextCodec(),
    TreeCodec(),
    TreePredictorCodec(),
    UUIDCodec(),
    VectorizerCodec(),
    VoidCodec(),
    WrappedArrayCodec(),
)

_BY_NAME: dict[str, Codec] = {}
_BY_LOCATION: dict[str, tuple[str, Codec]] = {}
_BY_MAKER: dict[str, tuple[str, Codec]] = {}
_CONSTANTS: dict[str, str] = {}
for _codec in CODECS:
    for _name, _location in _codec.classes.items():
        _BY_NAME[_name] = _codec
        _BY_LOCATION[_location] = (_name, _codec)
    for _location, _name in _codec.aliases.items():
        _BY_LOCATION[_location] = (_name, _codec)
    for _location, _name in _codec.makers.items():
        _BY_MAKER[_location] = (_name, _codec)
    _CONSTANTS.update(_codec.constants)

_OF_CLASS: dict[type, tuple[str, Codec]] = {}


def name_of_class(kind: type) -> tuple[str, Codec]:
    """Give the name that files hold for a class, and the codec that keeps its instances.

    Parameters
    ----------
    kind : type
        Any class.

    Returns
    -------
    name : str
        The neutral name; for a class that no codec knows its own dotted name.
    codec : Codec
        For a class that no codec knows, the codec of foreign classes.
    """
    known = _OF_CLASS.get(kind)
    if known is None:
        location = f"{kind.__module__}:{kind.__qualname__}"
        known = _BY_LOCATION.get(location, (class_path(kind), FOREIGN))
        # A class that only claims to live in a known place is foreign, so that it cannot pass for the real one.
        if known[1] is not FOREIGN and _lives_elsewhere(kind) and not _is_known_by_alias(kind, location, *known):
            known = (class_path(kind), FOREIGN)
        _OF_CLASS[kind] = known
    return known


def _lives_elsewhere(kind: type) -> bool:
    found: Any = sys.modules.get(kind.__module__)
    for part in kind.__qualname__.split("."):
        found = getattr(found, part, None)
    return found is not kind


def _is_known_by_alias(kind: type, location: str, name: str, codec: Codec) -> bool:
    """Tell whether a class that cannot be found under its own name is the library's under another one."""
    return location in codec.aliases and codec.resolve(name) is kind


def codec_of_name(name: str) -> Codec | None:
    """Give the codec for a name from a file, or None for names that no codec knows.

    Parameters
    ----------
    name : str
        As in `hermetic.graph.Name`.

    Returns
    -------
    Codec or None
        The codec.

    Examples
    --------
    >>> codec_of_name("sklearn.svm.SVC") is not None
    True
    """
    return _BY_NAME.get(name)


def known_at(location: str) -> tuple[str, Codec] | None:
    """Give what a place in some release of a library holds, or None for places that no codec knows.

    Parameters
    ----------
    location : str
        ``package.module:Name``, from a file, so it may be any text.

    Returns
    -------
    tuple of (str, Codec), or None
        The neutral name of the class, and its codec.

    Examples
    --------
    >>> known_at("sklearn.svm._classes:SVC")[0], known_at("os:system")
    ('sklearn.svm.SVC', None)
    """
    return _BY_LOCATION.get(location)


def maker_at(location: str) -> tuple[str, Codec] | None:
    """Give what a function makes that older formats call, or None for functions that no codec knows.

    Parameters
    ----------
    location : str
        ``package.module:name``, from a file, so it may be any text.

    Returns
    -------
    tuple of (str, Codec), or None
        The neutral name of the class, ``""`` where the first argument tells it, and its codec.

    Examples
    --------
    >>> maker_at("sklearn.tree._tree:Tree")[0], maker_at("os:system")
    ('sklearn.tree.Tree', None)
    """
    return _BY_MAKER.get(location)


def constant_at(location: str) -> str:
    """Give the class of the one object that stands at a place, or an empty text where none stands.

    Parameters
    ----------
    location : str
        ``package.module:name``, from a file, so it may be any text.

    Returns
    -------
    str
        The neutral name of the class.

    Examples
    --------
    >>> constant_at("pandas:NA"), constant_at("os:environ")
    ('pandas.NA', '')
    """
    return _CONSTANTS.get(location, "")
