"""Numbers for Prometheus: every line can be read, and nobody's text makes a line of its own."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest

from hermetic.deploy.serving.fleet import Counts
from hermetic.deploy.serving.metrics import Metrics

LABEL = r'[a-z_]+="(?:[^"\\\n]|\\["\\n])*"'
LINE = re.compile(rf"(?:# (?:HELP|TYPE) hermetic_\w+ .+|hermetic_\w+(?:\{{{LABEL}(?:,{LABEL})*\}})? [0-9.]+)")
HOSTILE = ['"', "\\", "\n", '"} 1\nhermetic_workers 99', "\\n", '\\"', "a\u202eb", "{}", ",", "\r"]


def text_of(metrics: Metrics, *names: str) -> str:
    models: Any = {name: SimpleNamespace(name=name, version=name, digest="0" * 64, verdict="passed") for name in names}
    return metrics.text(models, Counts(), {"workers": 1})


def counted(*seconds: float, model: str = "m") -> Metrics:
    metrics = Metrics()
    for own in seconds:
        metrics.count(model, "predict", 200, seconds=own, n_rows=1)
    return metrics


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_no_name_makes_a_line_of_its_own(name: str):
    lines = text_of(counted(0.1, model=name), name).removesuffix("\n").split("\n")
    assert len(lines) == len(text_of(counted(0.1), "m").removesuffix("\n").split("\n"))
    assert not [line for line in lines if not LINE.fullmatch(line)]
    assert [line for line in lines if line.startswith("hermetic_workers ")] == ["hermetic_workers 1"]


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_a_name_can_be_read_back(name: str):
    [found] = re.findall(
        r"^hermetic_rows_total\{model=\"((?:[^\"\\\n]|\\[\"\\n])*)\"\} 1$", text_of(counted(1, model=name)), re.M
    )
    assert re.sub(r"\\(.)", lambda match: {"n": "\n"}.get(match[1], match[1]), found) == name


BUCKETS = {
    "at once": (0.0, "0.001"),
    "on a bound": (0.005, "0.005"),
    "just beyond a bound": (0.0050001, "0.01"),
    "half a minute": (30.0, "30"),
    "for ever": (31.0, "+Inf"),
}


@pytest.mark.parametrize("words", BUCKETS)
def test_a_request_counts_from_the_first_bound_that_it_keeps(words: str):
    seconds, first = BUCKETS[words]
    counts = re.findall(r'le="([^"]+)"} (\d+)', text_of(counted(seconds)))
    assert next(bound for bound, number in counts if number == "1") == first
    assert counts[-1] == ("+Inf", "1")


def test_bounds_only_grow_and_so_do_their_counts():
    pairs = re.findall(r'le="([^"]+)"} (\d+)', text_of(counted(0.001, 0.3, 7.0, 0.02, 99.0)))
    bounds = [float(bound) for bound, _ in pairs]
    counts = [int(number) for _, number in pairs]
    assert bounds == sorted(bounds)
    assert counts == sorted(counts)
    assert counts[-1] == 5


def test_the_sum_of_seconds_is_that_of_all_requests():
    text = text_of(counted(0.25, 0.5))
    assert 'hermetic_request_seconds_sum{model="m",endpoint="predict"} 0.750000' in text
    assert 'hermetic_request_seconds_count{model="m",endpoint="predict"} 2' in text


def test_status_and_endpoint_are_counted_apart():
    metrics = Metrics()
    for endpoint, status in (("infer", 200), ("infer", 422), ("predict", 200), ("infer", 200)):
        metrics.count("m", endpoint, status, seconds=0.1, n_rows=3)
    text = text_of(metrics)
    assert 'endpoint="infer",status="200"} 2' in text
    assert 'endpoint="infer",status="422"} 1' in text
    assert 'endpoint="predict",status="200"} 1' in text
    assert 'hermetic_rows_total{model="m"} 12' in text


def test_before_the_first_request_there_are_headings_and_no_series():
    text = text_of(Metrics())
    assert "# TYPE hermetic_request_seconds histogram" in text
    assert "hermetic_requests_total{" not in text
