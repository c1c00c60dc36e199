"""How well such a model does: scores fold by fold, and what was predicted for samples that the model had not seen."""

from __future__ import annotations

from collections.abc import Iterator

from hermetic.inspection.evidence import count_text, score_texts
from hermetic.recorded.scores import Confusion, OutOfFold, Residuals, ScoresRecord
from hermetic.recorded.spread import spread_of
from hermetic.reporting.charts import curve_chart, histogram, strip_chart
from hermetic.reporting.layout import bullets, chapter, fact_list, note, part, table
from hermetic.reporting.markup import Child, Markup, element

__all__ = ["scores_chapter"]

_MOST_SCORERS = 12
_MOST_CURVES = 8
_MOST_LABELS = 20
_SHADES = 6
_LARGEST = 1e100


def scores_chapter(record: ScoresRecord | None) -> Markup:
    """Show how well such a model does.

    Parameters
    ----------
    record : ScoresRecord or None
        None where nothing was recorded.

    Returns
    -------
    Markup
        A chapter.
    """
    if record is None:
        return chapter(
            "scores",
            "How well it does",
            note("Not recorded: this file does not say how well the model does.", kind="warning"),
        )
    names = list(score_texts(record))[:_MOST_SCORERS]
    seeds = ", ".join(f"{name} = {seed}" for name, seed in record.seeds.items()) or "none"
    facts: list[tuple[str, Child]] = [
        ("splitter", element("code", record.splitter)),
        ("folds", count_text(len(record.folds), "fold")),
        ("seeds", seeds),
        ("identity of the folds", element("code", record.folds_digest or "not recorded")),
    ]
    return chapter(
        "scores",
        "How well it does",
        element(
            "p",
            "Cross-validation: the estimator is fitted anew on a part of the data, and scored on the part it has not "
            "seen. Filled points are scores on unseen data, hollow ones on the data of the fit; "
            "the band is one standard deviation around the mean.",
        ),
        *(_strip(record, name) for name in names),
        _fold_table(record, names),
        fact_list(facts),
        *(_out_of_fold(record.out_of_fold) if record.out_of_fold is not None else ()),
        bullets(record.notes) if record.notes else None,
    )


def _finite(scores: list[float | None]) -> list[float]:
    return [score for score in scores if score is not None and abs(score) <= _LARGEST]


def _strip(record: ScoresRecord, name: str) -> Markup:
    test = _finite([fold.test.get(name) for fold in record.folds])
    train = _finite([fold.train.get(name) for fold in record.folds])
    found = spread_of(test)
    text = score_texts(record)[name]
    caption = element("figcaption", element("strong", name), f": {text} on unseen data")
    if not found.n_folds:
        return element("figure", caption, note("No fold has a number."))
    words = f"{text} on unseen data; folds: {', '.join(f'{score:.4g}' for score in test)}"
    return element("figure", caption, strip_chart(name, words, test, train, found.mean, found.deviation))


def _fold_table(record: ScoresRecord, names: list[str]) -> Markup:
    headings = ["fold", "fitted on", "tested on", *names, "fit took"]
    rows = [
        [
            str(number),
            f"{fold.n_train:,}",
            f"{fold.n_test:,}",
            *(_number(fold.test.get(name)) for name in names),
            f"{fold.fit_seconds:.2f} s",
        ]
        for number, fold in enumerate(record.folds, start=1)
    ]
    return table("Scores on unseen data, fold by fold", headings, rows, numbers=range(1, len(headings)))


def _number(score: float | None) -> str:
    return "no number" if score is None else f"{score:.4g}"


def _out_of_fold(found: OutOfFold) -> Iterator[Markup]:
    words = f"From {count_text(found.n_samples, 'prediction')} for samples that the model of their fold had not seen."
    figures: list[Markup] = []
    if found.roc:
        areas = "; ".join(f"{curve.label}: area {curve.area:.3f}" for curve in found.roc[:_MOST_CURVES])
        curves = [(curve.false_positive, curve.true_positive) for curve in found.roc[:_MOST_CURVES]]
        drawing = curve_chart("ROC curve", areas, ("false positives", "true positives"), curves)
        labels = [(curve.label, f"area {curve.area:.3f}") for curve in found.roc[:_MOST_CURVES]]
        figures.append(
            _figure("ROC: how many of a class are found, against how many others are taken for it", drawing, labels)
        )
    if found.calibration:
        pairs = [(own.predicted, own.observed) for own in found.calibration[:_MOST_CURVES]]
        described = "; ".join(
            f"{own.label}: "
            + ", ".join(f"{p:.2f} became {o:.2f}" for p, o in zip(own.predicted, own.observed, strict=False))
            for own in found.calibration[:_MOST_CURVES]
        )
        drawing = curve_chart("Calibration", described, ("predicted", "observed"), pairs)
        labels = [(own.label, count_text(sum(own.counts), "sample")) for own in found.calibration[:_MOST_CURVES]]
        figures.append(
            _figure("Calibration: on the diagonal a predicted 0.8 comes true in 8 of 10 cases", drawing, labels)
        )
    confusion = _confusion(found.confusion) if found.confusion is not None else None
    residuals = _residuals(found.residuals) if found.residuals is not None else None
    yield part(
        "On data it had not seen", element("p", words), element("div", *figures, class_="figures"), confusion, residuals
    )


def _figure(caption: str, drawing: Markup, labels: list[tuple[str, str]]) -> Markup:
    legend = element(
        "ul",
        *(
            element("li", element("span", "", class_=f"key key-{number % 8}", aria_hidden="true"), f"{label}: {words}")
            for number, (label, words) in enumerate(labels)
        ),
        class_="legend",
    )
    return element("figure", drawing, element("figcaption", caption), legend)


def _confusion(confusion: Confusion) -> Markup | None:
    labels = confusion.labels[:_MOST_LABELS]
    if not labels or len(confusion.counts) != len(confusion.labels):
        return None
    rows: list[list[Child]] = []
    for number, label in enumerate(labels):
        counts = confusion.counts[number][:_MOST_LABELS]
        most = max(*counts, 1) if counts else 1
        shades = [min(max(count, 0) * (_SHADES - 1) // most, _SHADES - 1) for count in counts]
        cells = [
            element("span", f"{count:,}", class_=f"shade shade-{shade}")
            for count, shade in zip(counts, shades, strict=True)
        ]
        rows.append([label, *cells])
    n_more = len(confusion.labels) - len(labels)
    caption = "What it took each class for: a row for each true class, a column for each predicted one"
    caption += f" (the first {len(labels)} of {len(confusion.labels)})" if n_more else ""
    return table(caption, ["true", *labels], rows, numbers=range(1, len(labels) + 1))


def _residuals(residuals: Residuals) -> Markup | None:
    edges, counts = residuals.histogram_edges, residuals.histogram
    total = sum(counts)
    drawing = histogram(
        "Residuals",
        f"truth less prediction, {count_text(total, 'sample')} from {edges[0]:.4g} to {edges[-1]:.4g}" if edges else "",
        edges,
        counts,
    )
    if drawing is None:
        return None
    caption = f"Residuals: truth less prediction, from {edges[0]:.4g} to {edges[-1]:.4g}"
    rows = [
        [f"{low:.4g} to {high:.4g}", *(f"{count:,}" for count in row)]
        for low, high, row in zip(
            residuals.prediction_edges, residuals.prediction_edges[1:], residuals.counts, strict=False
        )
    ]
    headings = [
        "prediction",
        *(
            f"{low:.3g} to {high:.3g}"
            for low, high in zip(residuals.residual_edges, residuals.residual_edges[1:], strict=False)
        ),
    ]
    shown = table("How far off, by what was predicted", headings, rows, numbers=range(1, len(headings)))
    return element("div", element("figure", drawing, element("figcaption", caption), class_="residuals"), shown)
