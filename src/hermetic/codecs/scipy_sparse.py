"""scipy's sparse matrices and arrays: csr, csc, coo, bsr, dia; lil and dok are in `hermetic.codecs.scipy_sparse_lists`.

Fields of all: ``shape``, a tuple; ``data``, an array of numbers in the machine's byte order; ``maxprint`` where it is
not scipy's 50. What the kinds add is in the docstrings of the codecs. Whether indices are sorted or unique is found
anew when it is asked for. An attribute that scipy does not know is refused: it would be lost.

scipy's native code follows index arrays without looking, and its constructors look only at the cheap part. The rules
are in `hermetic.codecs.sparse_rules`, checked on dump as on load: what is written can be read.

Source: scipy/sparse/_compressed.py, _coo.py, _bsr.py, _dia.py and scipy/sparse/sparsetools.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from types import SimpleNamespace
from typing import Any, ClassVar

from hermetic.codecs.codec import Codec, FieldView, LegacyObject, not_adopted, plain_state
from hermetic.codecs.field_checks import require_fields, shape_of
from hermetic.codecs.sparse_rules import (
    problem_of_blocks,
    problem_of_compressed,
    problem_of_coordinates,
    problem_of_diagonals,
    shared_index_dtype,
)
from hermetic.lazy import numpy as np

__all__ = [
    "AXES",
    "BlockCodec",
    "ColumnCodec",
    "Columns",
    "CompressedCodec",
    "CoordinateCodec",
    "DiagonalCodec",
    "SparseCodec",
    "locations",
    "old_locations",
]

_MAXPRINT = 50
_CACHED = frozenset({"_has_canonical_format", "_has_sorted_indices", "has_canonical_format", "has_sorted_indices"})
_KNOWN = _CACHED | {"_shape", "maxprint", "data", "dtype", "_dict"}
_MAX_DIMENSIONS = 64
AXES = tuple(f"coordinate_{axis}" for axis in range(_MAX_DIMENSIONS))
"""Fields that hold the coordinates along each axis."""

Columns = dict[str, list[Any]]
"""Fields with one value for each matrix."""


def locations(*kinds: str) -> dict[str, str]:
    """Give names and places of matrices and arrays of some kinds.

    Parameters
    ----------
    *kinds : str
        Such as ``csr``.

    Returns
    -------
    dict of str to str
        For `Codec.classes`.

    Examples
    --------
    >>> locations("csr")["scipy.sparse.csr_array"]
    'scipy.sparse._csr:csr_array'
    """
    forms = [(kind, f"{kind}_{form}") for kind in kinds for form in ("array", "matrix")]
    return {f"scipy.sparse.{name}": f"scipy.sparse._{kind}:{name}" for kind, name in forms}


def old_locations(*kinds: str) -> dict[str, str]:
    """Give where scipy before 1.8 had its matrices, and scipy before 1.11 its arrays.

    Parameters
    ----------
    *kinds : str
        Such as ``csr``.

    Returns
    -------
    dict of str to str
        For `Codec.aliases`.

    Examples
    --------
    >>> old_locations("csr")["scipy.sparse.csr:csr_matrix"]
    'scipy.sparse.csr_matrix'
    """
    places = {f"scipy.sparse.{kind}:{kind}_matrix": f"scipy.sparse.{kind}_matrix" for kind in kinds}
    return places | {f"scipy.sparse._arrays:{kind}_array": f"scipy.sparse.{kind}_array" for kind in kinds}


class SparseCodec(Codec):
    """What all kinds share: shape, maxprint, and building from a template that the installed scipy has made."""

    row_bytes = 2 << 10
    own_attributes: ClassVar[frozenset[str]] = frozenset()
    required: ClassVar[frozenset[str]] = frozenset()

    def group(self, instance: Any) -> Hashable:
        """Let all stand in one table that have the same number of dimensions."""
        return instance.ndim, getattr(instance, "maxprint", _MAXPRINT) == _MAXPRINT

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the parts out of the state, which is the ``__dict__``."""
        state = self.state_of(made)
        # Until scipy 0.18 the name of the format stood there as well.
        if unknown := state.keys() - _KNOWN - self.own_attributes - {"coords", "row", "col", "format"}:
            raise not_adopted(made, f"it has the attribute {min(unknown)}")
        shape = tuple(map(int, state["_shape"]))
        instance = self.stand_in(made, state, shape)
        fields = {"shape": shape, **self.parts_of(instance)}
        if state.get("maxprint", _MAXPRINT) != _MAXPRINT:
            fields["maxprint"] = int(state["maxprint"])
        return fields

    def capture(self, name: str, instances: Sequence[Any]) -> Columns:
        """Give the parts of each matrix, checked as on load."""
        fields: Columns = {"shape": [tuple(map(int, instance.shape)) for instance in instances]}
        for instance in instances:
            unknown = vars(instance).keys() - _KNOWN - self.own_attributes
            if unknown:
                raise self.refuse(
                    instance, f"it has the attribute {min(unknown)}", "Keep the attribute beside the matrix, not in it."
                )
        parts = [self.parts_of(instance) for instance in instances]
        for field in parts[0]:
            fields[field] = [part[field] for part in parts]
        row, problem = self.problem_of(fields)
        if problem:
            raise self.refuse(instances[row], problem, "Make the matrix again from its own .tocoo().")
        if getattr(instances[0], "maxprint", _MAXPRINT) != _MAXPRINT:
            fields["maxprint"] = [int(instance.maxprint) for instance in instances]
        return fields

    def validate(self, name: str, view: FieldView) -> None:
        """Check everything that native code follows."""
        require_fields(view, self.required | {"shape", "data"}, frozenset({"maxprint", *self.optional_fields(view)}))
        shapes = [shape_of(value) for value in view.values("shape")]
        if None in shapes:
            raise view.refuse("shape must be a tuple of lengths", row=shapes.index(None), field="shape")
        fields: Columns = {"shape": shapes}
        for field in sorted(view.node.fields.keys() - {"shape", "maxprint", "has_canonical_format"}):
            fields[field] = view.arrays(field)
            if any(array is None for array in fields[field]):
                raise view.refuse(f"{field} must be an array", field=field)
        # In one order, so that a message is the same in every process.
        for field in sorted(self.checked_fields & view.node.fields.keys()):
            view.claim(field, f"the {'coordinates' if field in AXES else field}")
        self.check_others(view)
        if any(len(shape) != 2 for shape in shapes if shape is not None) and not self.may_have_dimensions(name, shapes):
            raise view.refuse(f"{name} cannot have the shape {shapes[0]}", field="shape")
        row, problem = self.problem_of(fields)
        if problem:
            raise view.refuse(problem, row=row)

    def state_of(self, made: LegacyObject) -> dict[str, Any]:
        """Give the state of one matrix."""
        return plain_state(made)

    def stand_in(self, made: LegacyObject, state: dict[str, Any], shape: tuple[int, ...]) -> Any:
        """Give something with the attributes that `parts_of` asks a matrix for."""
        return SimpleNamespace(**state, shape=shape, ndim=len(shape))

    def check_others(self, view: FieldView) -> None:
        """Check the fields that are no arrays."""
        for row, maxprint in enumerate(view.values("maxprint", _MAXPRINT)):
            if type(maxprint) is not int:
                raise view.refuse("maxprint must be an integer", row=row, field="maxprint")

    def optional_fields(self, view: FieldView) -> Iterable[str]:
        """Give the fields that a table may have."""
        return ()

    def may_have_dimensions(self, name: str, shapes: Sequence[Any]) -> bool:
        """Tell whether shapes that are not of two dimensions are fine."""
        return False

    def restore(self, name: str, fields: Columns, rows: int) -> list[Any]:
        """Make the matrices around their arrays: a constructor would scan them again, and copy some."""
        kind = self.resolve(name)
        template = kind((1,) * len(fields["shape"][0]))
        made = []
        for row in range(rows):
            parts = {field: column[row] for field, column in fields.items()}
            instance = kind.__new__(kind)
            # scipy gives its sparse types nothing but a __dict__; the template has what this release keeps in it.
            vars(instance).update(vars(template))
            vars(instance)["_shape"] = parts.pop("shape")
            self.put_parts(instance, parts)
            made.append(instance)
        return made

    def parts_of(self, instance: Any) -> dict[str, Any]:
        """Give the arrays of one matrix."""
        raise NotImplementedError

    def problem_of(self, fields: Columns) -> tuple[int, str]:
        """Give the row of the first matrix that breaks a rule, and which; or an empty text."""
        raise NotImplementedError

    def put_parts(self, instance: Any, parts: dict[str, Any]) -> None:
        """Give one matrix its arrays, in the order of scipy's own constructors."""
        for attribute in ("coords", "indptr", "indices", "data", "offsets", "has_canonical_format"):
            if attribute in parts:
                vars(instance).pop(attribute, None)
                vars(instance)[attribute] = parts.pop(attribute)
        vars(instance).update(parts)


class CompressedCodec(SparseCodec):
    """csr, and csc in `ColumnCodec`: ``indices`` and ``indptr``, both int32 or both int64; ``data``, one dimension.

    ``indptr`` begins with 0, never falls, and ends with the length of ``indices`` and ``data``; each index lies below
    the number of columns (csc: rows), and the shape below the largest number of the dtype.
    """

    classes: ClassVar = locations("csr")
    aliases: ClassVar = old_locations("csr")
    checked_fields = frozenset({"indices", "indptr"})
    own_attributes = frozenset({"indices", "indptr"})
    required = frozenset({"indices", "indptr"})

    def parts_of(self, instance: Any) -> dict[str, Any]:
        """Give the three arrays, without the reserve behind the last item."""
        indices, indptr = shared_index_dtype(instance.indices, instance.indptr)
        data = _native(instance.data)
        n_items = int(indptr[-1]) if len(indptr) else 0
        if len(indices) > n_items >= 0 and len(data) >= n_items:
            indices = indices[:n_items]
        if len(data) > n_items >= 0:
            data = data[:n_items]
        return {"data": data, "indices": indices, "indptr": indptr}

    def problem_of(self, fields: Columns) -> tuple[int, str]:
        """Apply the rules of rows or columns."""
        shapes = [shape if len(shape) == 2 else (1, *shape) for shape in fields["shape"]]
        return problem_of_compressed(shapes, fields["data"], fields["indices"], fields["indptr"])

    def may_have_dimensions(self, name: str, shapes: Sequence[Any]) -> bool:
        """Accept one dimension in a csr array."""
        return name == "scipy.sparse.csr_array" and all(len(shape) == 1 for shape in shapes)


class ColumnCodec(CompressedCodec):
    """csc: as csr, with rows and columns exchanged."""

    classes: ClassVar = locations("csc")
    aliases: ClassVar = old_locations("csc")

    def problem_of(self, fields: Columns) -> tuple[int, str]:
        """Apply the rules of csr to the transposed shape."""
        shapes = [shape[::-1] for shape in fields["shape"]]
        return problem_of_compressed(shapes, fields["data"], fields["indices"], fields["indptr"])


class BlockCodec(SparseCodec):
    """bsr: as csr for blocks; ``data`` has the shape (blocks, rows of a block, columns of a block)."""

    classes: ClassVar = locations("bsr")
    aliases: ClassVar = old_locations("bsr")
    checked_fields = frozenset({"indices", "indptr"})
    own_attributes = frozenset({"indices", "indptr"})
    required = frozenset({"indices", "indptr"})

    def parts_of(self, instance: Any) -> dict[str, Any]:
        """Give the three arrays, without the reserve behind the last block."""
        indices, indptr = shared_index_dtype(instance.indices, instance.indptr)
        n_blocks = int(indptr[-1]) if len(indptr) else 0
        data = _native(instance.data)
        return {
            "data": data[:n_blocks] if len(data) > n_blocks >= 0 else data,
            "indices": indices[:n_blocks] if len(indices) > n_blocks >= 0 else indices,
            "indptr": indptr,
        }

    def problem_of(self, fields: Columns) -> tuple[int, str]:
        """Apply the rules of blocks."""
        return problem_of_blocks(fields["shape"], fields["data"], fields["indices"], fields["indptr"])


class CoordinateCodec(SparseCodec):
    """coo: ``coordinate_0``, ``coordinate_1``, ... one for each axis, each below its length; ``has_canonical_format``.

    The flag says that no place occurs twice; it is checked, since it is also an instruction not to look.
    """

    classes: ClassVar = locations("coo")
    aliases: ClassVar = old_locations("coo")
    checked_fields = frozenset(AXES)
    own_attributes = frozenset({"coords", "row", "col"})
    required = frozenset({"has_canonical_format"})

    def parts_of(self, instance: Any) -> dict[str, Any]:
        """Give coordinates, data and flag."""
        coordinates = instance.coords if hasattr(instance, "coords") else (instance.row, instance.col)
        coordinates = shared_index_dtype(*coordinates)
        return {
            "data": _native(instance.data),
            "has_canonical_format": bool(getattr(instance, "has_canonical_format", False)),
            **dict(zip(AXES, coordinates, strict=False)),
        }

    def check_others(self, view: FieldView) -> None:
        """Check the flag, too."""
        super().check_others(view)
        for row, flag in enumerate(view.values("has_canonical_format")):
            if type(flag) is not bool:
                raise view.refuse("has_canonical_format must be true or false", row=row)
        if any(flag is True for flag in view.values("has_canonical_format")):
            fields = {"shape": [shape_of(value) for value in view.values("shape")], "data": view.arrays("data")}
            fields |= {field: view.arrays(field) for field in view.node.fields.keys() & set(AXES)}
            unique = view.values("has_canonical_format")
            row, problem = problem_of_coordinates(fields, unique=unique)
            if problem:
                raise view.refuse(problem, row=row)

    def optional_fields(self, view: FieldView) -> Iterable[str]:
        """Give the coordinates of as many axes as the shape has."""
        shape = shape_of(view.value("shape", 0))
        return AXES[: len(shape)] if shape is not None else ()

    def may_have_dimensions(self, name: str, shapes: Sequence[Any]) -> bool:
        """Accept any number of dimensions in an array."""
        return name == "scipy.sparse.coo_array" and len({len(shape) for shape in shapes}) == 1 and len(shapes[0]) > 0

    def problem_of(self, fields: Columns) -> tuple[int, str]:
        """Apply the rules of coordinates."""
        return problem_of_coordinates(fields)

    def put_parts(self, instance: Any, parts: dict[str, Any]) -> None:
        """Give one matrix its coordinates under the names that this scipy has for them."""
        coordinates = tuple(parts.pop(axis) for axis in AXES[: len(instance.shape)])
        if "coords" in vars(instance):
            parts["coords"] = coordinates
        else:
            parts["row"], parts["col"] = coordinates
        super().put_parts(instance, parts)


class DiagonalCodec(SparseCodec):
    """dia: ``offsets``, int32 or int64, each once; ``data``, a row for each diagonal."""

    classes: ClassVar = locations("dia")
    aliases: ClassVar = old_locations("dia")
    checked_fields = frozenset({"offsets"})
    own_attributes = frozenset({"offsets"})
    required = frozenset({"offsets"})

    def parts_of(self, instance: Any) -> dict[str, Any]:
        """Give the two arrays."""
        return {"data": _native(instance.data), "offsets": shared_index_dtype(instance.offsets)[0]}

    def problem_of(self, fields: Columns) -> tuple[int, str]:
        """Apply the rules of diagonals."""
        return problem_of_diagonals(fields["shape"], fields["data"], fields["offsets"])


def _native(array: Any) -> Any:
    """Give an array in the machine's byte order and as a plain one; without a copy where it is so already."""
    array = np.asarray(array)
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))
