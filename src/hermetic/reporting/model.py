"""What the model is: a diagram of nested boxes, parameters with those first that are not the defaults, and weights."""

from __future__ import annotations

from collections.abc import Iterator

from hermetic.inspection.tree import Entry
from hermetic.reporting.charts import bar
from hermetic.reporting.defaults import defaults_of, installed_release
from hermetic.reporting.importances import Importances
from hermetic.reporting.layout import chapter, note, part, table
from hermetic.reporting.markup import Child, Markup, element

__all__ = ["importance_part", "model_chapter", "parameters_of"]

_PARALLEL = {"transformers", "transformers_", "transformer_list", "estimators"}
_INNER = (
    *("steps", "transformers_", "transformers", "transformer_list", "estimators", "best_estimator_", "estimator"),
    *("final_estimator", "regressor", "classifier", "base_estimator", "calibrated_classifiers_"),
)
_FITTED = "estimators_"
_INSTEAD = {"transformers": "transformers_", "estimator": "best_estimator_"}
"""What was fitted is shown instead of what it was cloned from."""
_DEEPEST = 10
_MOST_BOXES = 200
_MOST_WEIGHTS = 20


def model_chapter(model: Entry | None, importances: Importances | None) -> Markup:
    """Show what the model is.

    Parameters
    ----------
    model : Entry or None
        None where the file holds none that can be read.
    importances : Importances or None
        What it weighs.

    Returns
    -------
    Markup
        A chapter.
    """
    if model is None:
        return chapter("model", "The model", note("No model can be read from this file, so there is nothing to show."))
    boxes = list(_estimators(model))
    title = element("figcaption", f"{_short(model)}: {_count_of_boxes(len(boxes))}, from the outside in")
    diagram = element("figure", _box(model, 0), title, class_="diagram")
    return chapter("model", "The model", diagram, _parameters(boxes), importance_part(importances))


def _short(entry: Entry) -> str:
    name, words = entry.type.rpartition(":")[2].rpartition(".")[2], entry.summary.partition(",")[0]
    return words if not name or words.endswith(f" x {name}") else name


def _count_of_boxes(n_boxes: int) -> str:
    return f"{n_boxes} object" + ("" if n_boxes == 1 else "s")


def _children(entry: Entry) -> Iterator[Entry]:
    """Give what stands inside a box: the steps of a pipeline, the estimator of a search, and so on."""
    if not entry.type:  # a list or a dictionary of models, which has no fields
        yield from filter(_holds_a_model, entry.children)
        return
    found = {child.name: child for child in entry.children}
    for name in _INNER:
        if name == "estimator" and "estimator_params" in {**entry.parameters, **entry.values}:
            continue  # of a forest: what its trees are made like
        if name in found and not (name in _INSTEAD and _INSTEAD[name] in found) and not found[name].same_as:
            yield found[name]


def _holds_a_model(entry: Entry) -> bool:
    return bool(entry.type) or any(map(_holds_a_model, entry.children))


def _box(entry: Entry, depth: int) -> Markup:
    name = element("span", entry.name, class_="step") if entry.name and not entry.name.startswith("[") else None
    parts: list[Child | None] = [
        element("p", element("strong", _short(entry)), " " if name else None, name, class_="box-title")
    ]
    _, _, columns = entry.summary.partition(", on ")
    if columns:
        parts.append(element("p", f"on {columns}", class_="detail"))
    changed = [f"{name} = {text}" for name, text, default in parameters_of(entry) if default not in ("", text)]
    if changed:
        parts.append(element("p", ", ".join(changed), class_="detail"))
    fitted = next((child for child in entry.children if child.name == _FITTED), None)
    if fitted is not None and not any(child.name == "estimators" for child in entry.children):
        parts.append(element("p", f"fitted: {fitted.summary}", class_="detail"))
    show = _inside if entry.type else _item
    parts += [show(child, depth) for child in _children(entry) if depth < _DEEPEST]
    return element("div", *parts, class_="box")


def _item(child: Entry, depth: int) -> Markup:
    label = element("p", child.name, class_="detail") if child.name.startswith("[") else None
    return element("div", label, _box(child, depth + 1))


def _inside(child: Entry, depth: int) -> Markup:
    is_list = not child.type and bool(child.children)
    if not is_list:
        label = child.name.strip("_").replace("_", " ")
        return element("div", element("p", label, class_="detail"), _box(child, depth + 1))
    items = [element("li", _box(inner, depth + 1)) for inner in child.children]
    if child.n_more:
        items.append(element("li", f"... and {child.n_more:,} more"))
    return (
        element("ul", *items, class_="parallel") if child.name in _PARALLEL else element("ol", *items, class_="steps")
    )


def _estimators(model: Entry) -> Iterator[tuple[str, Entry]]:
    """Give every box of the diagram with its place, in the order in which one reads it."""
    waiting = [("", model)]
    n_boxes = 0
    while waiting and n_boxes < _MOST_BOXES:
        place, entry = waiting.pop()
        n_boxes += 1
        yield place or "the model", entry
        inner = []
        for child in _children(entry):
            is_list = bool(entry.type) and not child.type and bool(child.children)
            inner += (
                [(inner_child.name, inner_child) for inner_child in child.children]
                if is_list
                else [(child.name, child)]
            )
        waiting += reversed([(f"{place} / {name}" if place else name, child) for name, child in inner])


def parameters_of(entry: Entry) -> list[tuple[str, str, str]]:
    """Give name, value and default of each parameter, those first that differ; the default is empty where not known.

    Examples
    --------
    >>> entry = Entry(name="", path="$", summary="", type="sklearn.svm.SVC", parameters={"tol": "0.001", "C": "2.0"})
    >>> parameters_of(entry)
    [('C', '2.0', '1.0'), ('tol', '0.001', '0.001')]
    """
    defaults = defaults_of(entry.type)
    found = [(name, text, defaults.get(name, "")) for name, text in entry.parameters.items()]
    return sorted(found, key=lambda own: own[2] in ("", own[1]))


def _parameters(boxes: list[tuple[str, Entry]]) -> Markup | None:
    rows: list[list[Child]] = []
    unchanged: list[Child] = []
    for place, entry in boxes:
        found = parameters_of(entry)
        rows += [
            [f"{_short(entry)} ({place})", name, text, default]
            for name, text, default in found
            if default not in ("", text)
        ]
        others = ", ".join(f"{name}={text}" for name, text, default in found if default in ("", text))
        if others:
            unchanged.append(
                element("p", element("strong", f"{_short(entry)} ({place})"), f": {others}", class_="detail")
            )
    if not rows and not unchanged:
        return None
    release = installed_release()
    caption = f"Parameters that are not the defaults of scikit-learn {release}, which is installed here"
    shown = table(caption, ["of", "parameter", "value", "default"], rows) if rows else None
    words = f"No parameter differs from the defaults of scikit-learn {release}." if not rows and release else None
    return part(
        "Parameters",
        shown,
        element("p", words) if words else None,
        element("p", "All others, as they are:" if rows else "All of them:", class_="detail-title"),
        *unchanged,
    )


def importance_part(importances: Importances | None) -> Markup | None:
    """Show what the model weighs, the largest first.

    Parameters
    ----------
    importances : Importances or None
        None where it has no weights that can be read from its arrays.

    Returns
    -------
    Markup or None
        None for None.
    """
    if importances is None:
        return None
    largest = max(abs(weight) for _, weight in importances.weights) or 1.0
    rows: list[list[Child]] = [
        [name, f"{weight + 0.0:.4g}", bar(weight / largest)] for name, weight in importances.weights[:_MOST_WEIGHTS]
    ]
    n_more = len(importances.weights) - len(rows)
    words = f"{importances.kind}, read at {importances.path}"
    caution = (
        "Coefficients of features that are not scaled alike cannot be compared with each other."
        if "coefficients" in importances.kind
        else "Features with many values get more of it than they deserve; what features share is divided among them."
    )
    caption = f"The largest {len(rows)} of {len(importances.weights):,}: {words}" if n_more else f"All of them: {words}"
    return part("What it weighs", table(caption, ["feature", "weight", ""], rows, numbers=[1]), note(caution))
