"""`hermetic inspect` shows a file on one page, and shows a hostile one harmlessly."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

import hermetic
from hermetic.cli import inspect as command_module
from hermetic.cli.main import hermetic as hermetic_command
from hermetic.cli.terminal import open_console
from hermetic.formats.container_writer import BytesMember, write_container_stream
from tests.golden_evidence import golden_evidence

SOURCE = Path(hermetic.__file__).resolve().parents[1]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(hermetic_command, ["inspect", *map(str, arguments)])


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Gives a fitted pipeline in a file."""
    X, y = np.arange(40.0).reshape(20, 2) % 7, np.arange(20) % 2
    model = Pipeline([("scale", StandardScaler()), ("model", LogisticRegression(C=0.25))]).fit(X, y)
    found = tmp_path_factory.mktemp("inspect") / "model.hermetic"
    hermetic.dump(model, found)
    return found


def write_graph(path: Path, graph: dict) -> Path:
    whole = {"names": [], "pools": [], "nodes": [], "root": None, "links": [], **graph}
    text = json.dumps(whole, separators=(",", ":"), ensure_ascii=False).encode()
    with path.open("wb") as file:
        write_container_stream(file, [BytesMember(name="graph.json", data=text)], {"hermetic": "0.1.0"})
    return path


def test_one_page_shows_model_arrays_types_and_members(path: Path):
    result = run(path)
    assert result.exit_code == 0
    for words in (
        "written by  hermetic 0.1.0, python ",
        "evidence    none recorded",
        "  (sklearn.pipeline)",
        "scale  StandardScaler",
        "C=0.25",
        "$.steps[1][1].coef_",
        "sklearn.linear_model.LogisticRegression   constructed         1   known",
        "graph.json",
    ):
        assert words in result.stdout
    assert "\x1b" not in result.stdout


@pytest.mark.parametrize("golden", ["synthetic", 5])
def test_golden_rows_are_shown_by_number_kind_and_methods(golden: str | int, tmp_path: Path):
    X = np.random.default_rng(0).normal(size=(20, 2))
    model = LogisticRegression().fit(X, X[:, 0] > 0)
    hermetic.dump(model, tmp_path / "model.hermetic", evidence=golden_evidence(model, X, golden=golden))
    result = run(tmp_path / "model.hermetic")
    assert result.exit_code == 0
    shown = "48 synthetic rows" if golden == "synthetic" else "5 real rows"
    assert f"golden      {shown} with the answers of predict, predict_proba" in result.stdout
    assert "evidence/0-golden.hermetic" in result.stdout
    assert json.loads(run(tmp_path / "model.hermetic", "--json").stdout)["golden"]["n_rows"] in (5, 48)


def test_golden_rows_that_are_damaged_end_with_a_reason(tmp_path: Path):
    data = bytearray(hermetic.dumps({"a": 1}, evidence=golden_evidence({"a": 1}, [[1.0], [2.0]])))
    data[data.rindex(b"synthetic")] ^= 1
    (tmp_path / "model.hermetic").write_bytes(data)
    result = run(tmp_path / "model.hermetic")
    assert result.exit_code == 2
    assert "CRC-32" in result.output


def test_no_line_is_cut_off(path: Path):
    assert "…" not in run(path).stdout
    narrow = io.StringIO()
    console = open_console(narrow)
    console.width = 40
    command_module._print_folded(command_module._tree(hermetic.inspect(path).model, 9), console)
    assert "…" not in narrow.getvalue()


def test_depth_cuts_the_tree_and_counts_what_is_below(path: Path):
    flat = run(path, "--depth", 0).stdout
    assert "... and 1 more" in flat
    assert "StandardScaler  (" not in flat
    assert "StandardScaler, " in run(path, "--depth", 2).stdout


def test_json_is_what_the_function_gives(path: Path):
    result = run(path, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == json.loads(hermetic.inspect(path).to_json())


def test_a_name_that_needs_trust_is_shown_with_what_to_do(tmp_path: Path):
    file = tmp_path / "model.hermetic"
    hermetic.dump({"function": json.dumps}, file)
    result = run(file)
    assert result.exit_code == 0
    assert "needs trust; first at $" in result.stdout
    assert "Read its source first; then load with\n    --trust json.dumps\n" in result.stdout


HOSTILE = [
    "\x1b[2J\x1b]0;title\x07",
    "a\u202eb\u2066",
    "line\nbreak\r",
    "[red]x[/red]",
    "[link=https://x.y]z[/link]",
    "\u3164",
    ":smile:",
]


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_strings_of_the_file_reach_the_terminal_harmless(text: str, tmp_path: Path):
    name = {"name": f"os.{text}", "role": "constructed"}
    function = {"name": f"sys.{text}", "role": "referenced"}
    inner = {"kind": "mappings", "length": 2, "keys": [text, 1], "columns": [[text, {"name": 1}]]}
    node = {"kind": "instances", "type": 0, "fields": {text: text, f"{text}_": {"tuple": [text]}, "inner": [0]}}
    graph = {"names": [name, function], "nodes": [inner, node], "root": [1]}
    result = run(write_graph(tmp_path / "hostile.hermetic", graph))
    assert result.exit_code == 0
    allowed = set("\n")
    assert all(character.isprintable() or character in allowed for character in result.stdout)
    assert "\u3164" not in result.stdout
    assert "[red]" not in result.stdout and "[link=" not in result.stdout
    assert text != ":smile:" or ":smile:" in result.stdout


def test_a_hostile_file_name_is_harmless(tmp_path: Path):
    file = tmp_path / "m\x1b[2J.hermetic"
    hermetic.dump(1, file)
    result = run(file)
    assert result.exit_code == 0
    assert "\x1b" not in result.stdout
    assert run(tmp_path / "none\x1b[2J").stderr.count("\x1b") == 0


def test_a_truncated_file_ends_with_2_and_a_reason(path: Path, tmp_path: Path):
    file = tmp_path / "cut.hermetic"
    for length in (0, 10, 100, 1000, path.stat().st_size - 1):
        file.write_bytes(path.read_bytes()[:length])
        result = run(file)
        assert result.exit_code == 2, length
        assert result.stderr.startswith("hermetic: ")
        assert "Traceback" not in result.output


@pytest.mark.parametrize(
    "content", [b"\x80\x04N.", b"PK\x03\x04" + b"x" * 60, b"<html>", b"version https://git-lfs"], ids=ascii
)
def test_another_format_is_named(content: bytes, tmp_path: Path):
    file = tmp_path / "other"
    file.write_bytes(content)
    result = run(file)
    assert result.exit_code == 2
    assert "it looks like" in result.stderr


def test_a_missing_file_or_a_folder_ends_with_2(tmp_path: Path):
    assert run(tmp_path / "none").exit_code == 2
    assert run(tmp_path).exit_code == 2
    assert run().exit_code == 2
    assert run(tmp_path, "--depth", "-1").exit_code == 2


def test_standard_input_can_be_inspected(path: Path):
    if not os.path.exists("/dev/stdin"):
        pytest.skip("no /dev/stdin here")
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    command = [sys.executable, "-m", "hermetic", "inspect", "/dev/stdin", "--json"]
    done = subprocess.run(
        command, input=path.read_bytes(), capture_output=True, env=environment, timeout=60, check=True
    )
    assert json.loads(done.stdout)["ok"] is True


@pytest.mark.parametrize(
    "arguments", [["inspect", "{}"], ["inspect", "--json", "{}"], ["support"], ["support", "SVC"]], ids=" ".join
)
def test_a_fresh_process_needs_neither_numpy_nor_scikit_learn(arguments: list[str], path: Path):
    script = (
        "import sys\n"
        "from hermetic.cli.main import hermetic\n"
        "hermetic(sys.argv[1:], standalone_mode=False)\n"
        "print(*sys.modules, file=sys.stderr)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    command = [sys.executable, "-c", script, *(argument.format(path) for argument in arguments)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=True)
    modules = done.stderr.split()
    assert "hermetic.cli.main" in modules
    assert {"numpy", "sklearn", "scipy", "pandas", "joblib"}.isdisjoint(modules)
