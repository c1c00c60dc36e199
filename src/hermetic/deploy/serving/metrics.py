"""Counts and durations of requests, in the text format of Prometheus.

References
----------
https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping

from hermetic._version import __version__
from hermetic.deploy.serving.fleet import Counts
from hermetic.deploy.serving.models import Description

__all__ = ["CONTENT_TYPE", "Metrics"]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """What has been asked since the start.

    Examples
    --------
    >>> metrics = Metrics()
    >>> metrics.count("churn", "predict", 200, seconds=0.002, n_rows=3)
    >>> print(metrics.text({}, Counts(), {}).splitlines()[2])
    hermetic_requests_total{model="churn",endpoint="predict",status="200"} 1
    """

    def __init__(self) -> None:
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._rows: Counter[str] = Counter()
        self._buckets: dict[tuple[str, str], list[int]] = {}
        self._seconds: Counter[tuple[str, str]] = Counter()

    def count(self, model: str, endpoint: str, status: int, *, seconds: float, n_rows: int) -> None:
        """Count one request; the model is one that is served, or an empty text: clients do not choose labels."""
        self._requests[model, endpoint, status] += 1
        self._rows[model] += n_rows
        buckets = self._buckets.setdefault((model, endpoint), [0] * (len(_BOUNDS) + 1))
        buckets[bisect_left(_BOUNDS, seconds)] += 1
        self._seconds[model, endpoint] += seconds  # type: ignore[assignment] # a Counter counts seconds as well

    def text(self, models: Mapping[str, Description], counts: Counts, now: Mapping[str, int]) -> str:
        """Give everything.

        Parameters
        ----------
        models : mapping of str to Description
            What is served.
        counts : Counts
            Of the workers.
        now : mapping of str to int
            Names and values that go up and down.
        """
        lines = [
            *_heading("hermetic_requests_total", "counter", "Requests by model, endpoint and status of HTTP."),
            *(
                f"hermetic_requests_total{_labels(model=model, endpoint=endpoint, status=str(status))} {number}"
                for (model, endpoint, status), number in sorted(self._requests.items())
            ),
            *_heading("hermetic_rows_total", "counter", "Rows that were answered about."),
            *(f"hermetic_rows_total{_labels(model=model)} {number}" for model, number in sorted(self._rows.items())),
            *_heading("hermetic_request_seconds", "histogram", "From the first byte of a request to its answer."),
            *(line for key in sorted(self._buckets) for line in self._histogram(*key)),
            *_heading("hermetic_model_info", "gauge", "Digest and verdict of each model that is served."),
            *(f"hermetic_model_info{_of_model(model)} 1" for model in models.values()),
            *_heading("hermetic_server_info", "gauge", "Version of the server."),
            f"hermetic_server_info{_labels(version=__version__)} 1",
        ]
        for name, number in vars(counts).items():
            lines += [*_heading(f"hermetic_{name}_total", "counter", f"{name.replace('_', ' ').capitalize()}.")]
            lines.append(f"hermetic_{name}_total {number}")
        for name, number in now.items():
            lines += [*_heading(f"hermetic_{name}", "gauge", f"{name.replace('_', ' ').capitalize()} now.")]
            lines.append(f"hermetic_{name} {number}")
        return "\n".join(lines) + "\n"

    def _histogram(self, model: str, endpoint: str) -> Iterable[str]:
        total = 0
        bounds = [*(f"{bound:g}" for bound in _BOUNDS), "+Inf"]
        for bound, number in zip(bounds, self._buckets[model, endpoint], strict=True):
            total += number
            yield f"hermetic_request_seconds_bucket{_labels(model=model, endpoint=endpoint, le=bound)} {total}"
        own = _labels(model=model, endpoint=endpoint)
        yield f"hermetic_request_seconds_sum{own} {self._seconds[model, endpoint]:.6f}"
        yield f"hermetic_request_seconds_count{own} {total}"


def _heading(name: str, kind: str, words: str) -> Iterable[str]:
    return f"# HELP {name} {words}", f"# TYPE {name} {kind}"


def _of_model(model: Description) -> str:
    return _labels(model=model.name, version=model.version, digest=f"sha256:{model.digest}", verdict=model.verdict)


def _labels(**labels: str) -> str:
    pairs = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{pairs}}}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
