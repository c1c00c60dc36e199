"""Where two models differ: types, steps, parameters and fitted state, found on their graphs without making them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from hermetic.differences.arrays import changes_of_arrays
from hermetic.differences.changes import Change
from hermetic.graph import Graph, Instances
from hermetic.graph_values import Held, Values
from hermetic.inspection.tables import as_place

__all__ = ["changes_between"]

_MOST_STEPS = 2_000_000
_MOST_CHANGES = 100_000
_TOLD_ALONE = 8
_ABSENT = "absent"

_Pair = tuple[str, str, Any, Any]
"""Path, kind, and the two values; kind is what a plain difference there would be."""


def changes_between(before: Graph, after: Graph) -> Iterator[Change]:
    """Compare two models.

    Parameters
    ----------
    before, after : Graph
        Well formed, their arrays read.

    Yields
    ------
    Change
        In the order of the model. Steps of pipelines are compared by their names. Sharing is not compared.

    Examples
    --------
    >>> from hermetic.capture import capture
    >>> print(*changes_between(capture({"a": 1, "b": [2]}), capture({"a": 1, "b": [3]})))
    $['b'][0]: 2 -> 3
    """
    comparison = _Comparison(before, after)
    yield from islice(comparison.changes(), _MOST_CHANGES)


class _Comparison:
    def __init__(self, before: Graph, after: Graph) -> None:
        self._before, self._after = Values(before), Values(after)
        # Paths multiply where objects are shared, and two cycles of different lengths meet in every pair of objects.
        self._met: set[tuple[tuple[int, int], tuple[int, int]]] = set()
        self._steps_left = _MOST_STEPS

    def changes(self) -> Iterator[Change]:
        waiting: list[_Pair] = [("$", "parameter", self._before.graph.root, self._after.graph.root)]
        while waiting:
            path, kind, before, after = waiting.pop()
            self._steps_left -= 1
            if self._steps_left < 0:
                yield Change(path=path, kind="structure", before="too many objects", after="not compared from here on")
                return
            places = as_place(before), as_place(after)
            if places[0] is None or places[1] is None:
                yield from self._of_plain(path, kind, before, after)
            elif places not in self._met:
                self._met.add((places[0], places[1]))
                inner: list[_Pair] = []
                yield from self._of_objects(path, kind, places[0], places[1], inner)
                waiting += reversed(inner)

    def _of_plain(self, path: str, kind: str, before: Any, after: Any) -> Iterator[Change]:
        are_plain = as_place(before) is None and as_place(after) is None
        if are_plain and self._before.exact(before) == self._after.exact(after):
            return
        texts = self._before.text(before), self._after.text(after)
        is_type = kind == "parameter" and (_is_instance(self._before, before) or _is_instance(self._after, after))
        yield Change(path=path, kind="structure" if is_type else kind, before=texts[0], after=texts[1])

    def _of_objects(
        self, path: str, kind: str, before: tuple[int, int], after: tuple[int, int], inner: list[_Pair]
    ) -> Iterator[Change]:
        one, other = self._before.held(before), self._after.held(after)
        self._steps_left -= len(one.items) + len(other.items)
        if one.kind != other.kind or one.type != other.type:
            texts = self._before.text([*before]), self._after.text([*after])
            if texts[0] == texts[1]:
                texts = one.type, other.type
            is_type = "instance" in (one.kind, other.kind) and kind == "parameter"
            yield Change(path=path, kind="structure" if is_type else kind, before=texts[0], after=texts[1])
        elif one.kind == "instance":
            yield from self._of_fields(path, kind, one.fields, other.fields, inner)
        elif one.kind == "array":
            yield from changes_of_arrays(path, kind, self._before.array(before), self._after.array(after))
        elif one.kind == "dict":
            named = [dict(zip(held.keys, held.items, strict=False)) for held in (one, other)]
            yield from self._of_named(path, kind, named[0], named[1], inner)
        else:
            yield from self._of_items(path, kind, one, other, inner)

    def _of_fields(
        self, path: str, kind: str, before: dict[str, Any], after: dict[str, Any], inner: list[_Pair]
    ) -> Iterator[Change]:
        for label in (*before, *(label for label in after if label not in before)):
            is_fitted = label.startswith("_") or label.endswith("_")
            inner_kind = "fitted" if is_fitted else kind
            place = f"{path}.{label}"
            if label not in after:
                yield Change(path=place, kind=inner_kind, before=self._before.text(before[label]), after=_ABSENT)
            elif label not in before:
                yield Change(path=place, kind=inner_kind, before=_ABSENT, after=self._after.text(after[label]))
            else:
                inner.append((place, inner_kind, before[label], after[label]))

    def _of_named(
        self, path: str, kind: str, before: dict[str, Any], after: dict[str, Any], inner: list[_Pair]
    ) -> Iterator[Change]:
        """Compare what has names of its own: items of dictionaries, steps of pipelines."""
        for key in (*before, *(key for key in after if key not in before)):
            if key in before and key in after:
                inner.append((f"{path}[{key}]", kind, before[key], after[key]))
                continue
            texts = (
                self._before.text(before[key]) if key in before else _ABSENT,
                self._after.text(after[key]) if key in after else _ABSENT,
            )
            yield Change(path=f"{path}[{key}]", kind=kind, before=texts[0], after=texts[1])

    def _of_items(self, path: str, kind: str, one: Held, other: Held, inner: list[_Pair]) -> Iterator[Change]:
        names = _names_of_steps(self._before, one), _names_of_steps(self._after, other)
        if names[0] is not None and names[1] is not None:
            yield from self._of_steps(path, kind, names[0], names[1], inner)
            return
        if len(one.items) != len(other.items):
            texts = [f"{held.kind} of {len(held.items):,}" for held in (one, other)]
            yield Change(path=path, kind=kind, before=texts[0], after=texts[1])
        pairs = list(enumerate(zip(one.items, other.items, strict=False)))
        if len(pairs) <= _TOLD_ALONE or any(type(value) is list for _, pair in pairs for value in pair):
            inner += [(f"{path}[{position}]", kind, *pair) for position, pair in pairs]
            return
        changed = [pair for _, pair in pairs if self._before.exact(pair[0]) != self._after.exact(pair[1])]
        if changed:
            first = changed[0]
            yield Change(
                path=path,
                kind=kind,
                n_values=len(pairs),
                n_changed=len(changed),
                before=self._before.text(first[0]),
                after=self._after.text(first[1]),
            )

    def _of_steps(
        self, path: str, kind: str, before: dict[str, Any], after: dict[str, Any], inner: list[_Pair]
    ) -> Iterator[Change]:
        """Compare steps by their names; where one was added, the others are the same ones still."""
        step_kind = "structure" if kind == "parameter" else kind
        steps = [{key: rest[0] for key, rest in own.items()} for own in (before, after)]
        yield from self._of_named(path, step_kind, steps[0], steps[1], [])
        common = [key for key in before if key in after]
        order = [key for key in after if key in before]
        if common != order:
            yield Change(path=path, kind=step_kind, before=", ".join(common), after=", ".join(order))
        for key in common:
            lengths = [1 + len(own[key]) for own in (before, after)]
            if lengths[0] != lengths[1]:
                yield Change(
                    path=f"{path}[{key}]",
                    kind=step_kind,
                    before=f"tuple of {lengths[0]}",
                    after=f"tuple of {lengths[1]}",
                )
            values = zip(before[key], after[key], strict=False)
            inner += [
                (f"{path}[{key}]" + (f"[{position}]" if position > 1 else ""), kind, *pair)
                for position, pair in enumerate(values, start=1)
            ]


def _is_instance(values: Values, value: Any) -> bool:
    place = as_place(value)
    return place is not None and isinstance(values.graph.nodes[place[0]], Instances)


def _names_of_steps(values: Values, held: Held) -> dict[str, Sequence[Any]] | None:
    """Give the steps of a pipeline, or what looks like them, by their names: lists of tuples of a name and more."""
    if held.kind != "list" or not held.items:
        return None
    steps: dict[str, Sequence[Any]] = {}
    for item in held.items:
        step = _items_of_tuple(values, item)
        if len(step) not in (2, 3) or type(step[0]) is not str or step[0] in steps:
            return None
        steps[step[0]] = step[1:]
    return {values.exact(name): rest for name, rest in steps.items()}


def _items_of_tuple(values: Values, item: Any) -> Sequence[Any]:
    """Give the items of a tuple, which stands as a value where it holds plain ones only; nothing for other things."""
    if type(item) is dict and type(item.get("tuple")) is list:
        return list(item["tuple"])
    place = as_place(item)
    held = values.held(place) if place is not None else None
    return held.items if held is not None and held.kind == "tuple" else []
