"""`hermetic support` lists what is kept, and answers for one name."""

from __future__ import annotations

import json
from importlib import import_module

import pytest
from click.testing import CliRunner, Result

from hermetic.cli.main import hermetic as hermetic_command
from hermetic.codecs.functions import KNOWN_FUNCTIONS
from hermetic.codecs.registry import CODECS


def run(*arguments: str) -> Result:
    return CliRunner().invoke(hermetic_command, ["support", *arguments])


def test_the_list_has_every_type_and_function_of_the_tables():
    result = run("--json")
    assert result.exit_code == 0
    names = [entry["name"] for entry in json.loads(result.stdout)["names"]]
    assert len(names) == len(set(names)) or set(names) >= KNOWN_FUNCTIONS
    assert {name for codec in CODECS for name in codec.classes} <= set(names)
    assert set(names) >= KNOWN_FUNCTIONS


def test_the_page_has_headings_families_and_names():
    result = run()
    assert result.exit_code == 0
    for words in (
        "Plain values",
        "Types (",
        "Functions, by name (",
        "  sklearn.svm\n",
        " SVC ",
        "trusted by its exact name",
    ):
        assert words in result.stdout


@pytest.mark.parametrize("name", ["sklearn.svm.SVC", "sklearn.svm._classes.SVC", "sklearn.svm._classes:SVC", "SVC"])
def test_a_type_is_found_by_every_name_it_has(name: str):
    result = run("--json", name)
    assert result.exit_code == 0
    [found] = json.loads(result.stdout)["names"]
    assert (found["name"], found["kind"]) == ("sklearn.svm.SVC", "type")


def test_the_answer_names_the_codec_that_keeps_the_type():
    [found] = json.loads(run("--json", "sklearn.tree.Tree").stdout)["names"]
    module, _, name = found["codec"].rpartition(".")
    assert getattr(import_module(module), name).layout == found["layout"]
    shown = run("sklearn.tree.Tree").stdout
    assert found["codec"] in shown
    assert "kept without anyone's trust" in shown


def test_a_function_is_kept_by_name():
    [found] = json.loads(run("--json", "numpy.log1p").stdout)["names"]
    assert (found["kind"], found["codec"]) == ("function", "")


def test_a_name_that_nobody_knows_ends_with_1_and_says_what_it_takes():
    result = run("my_package.MyScaler")
    assert result.exit_code == 1
    assert "trusted by its exact name" in " ".join(result.stdout.split())
    assert json.loads(run("--json", "my_package.MyScaler").stdout) == {"ok": False, "names": []}


@pytest.mark.parametrize("name", ["a b", "\x1b[2J", "os.", "../x", "", "[red]"], ids=ascii)
def test_what_is_no_name_ends_with_2(name: str):
    result = run(name)
    assert result.exit_code == 2
    assert "\x1b" not in result.output
