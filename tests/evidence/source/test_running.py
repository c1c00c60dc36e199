"""The script or the cells that run are found, and what they have printed is not."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from hermetic.errors import UsageError
from hermetic.evidence.source.running import named_file, running_text


def put_main(monkeypatch: pytest.MonkeyPatch, file: str | None, spec: object = None) -> None:
    main = ModuleType("__main__")
    if file is not None:
        main.__file__ = file
    main.__spec__ = spec  # type: ignore[assignment]
    monkeypatch.setitem(sys.modules, "__main__", main)


def put_shell(monkeypatch: pytest.MonkeyPatch, space: dict[str, object] | None) -> None:
    shell = None if space is None else SimpleNamespace(user_ns=space)
    module = ModuleType("IPython")
    module.get_ipython = lambda: shell  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", module)


def test_a_script_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "train.py"
    path.write_text("x = 1\n")
    put_main(monkeypatch, str(path))
    text, note = running_text()
    assert text is not None
    assert (text.path, text.role, text.text, text.python, note) == (str(path), "script", "x = 1\n", "x = 1\n", "")


def test_under_pytest_there_is_no_script():
    text, note = running_text()
    assert text is None
    assert note.startswith("no script")  # a worker of pytest-xdist is a `python -c`


def test_an_interactive_session_has_no_script(monkeypatch: pytest.MonkeyPatch):
    put_main(monkeypatch, None)
    text, note = running_text()
    assert text is None
    assert "interactive" in note


def test_a_command_of_hermetic_is_no_script_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    put_main(monkeypatch, str(tmp_path / "__main__.py"), SimpleNamespace(name="hermetic.__main__"))
    assert running_text()[0] is None


def test_a_script_that_is_gone_is_a_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    put_main(monkeypatch, str(tmp_path / "gone.py"))
    text, note = running_text()
    assert text is None
    assert "gone.py" in note
    assert str(tmp_path) not in note


def test_the_cells_that_ran_are_the_source_and_outputs_are_not(monkeypatch: pytest.MonkeyPatch):
    put_shell(monkeypatch, {"In": ["", "x = 1", "%time y = 2", "  ", "print(x)"], "Out": {3: "OUTPUT"}, "_3": "OUTPUT"})
    text, note = running_text()
    assert text is not None
    assert (text.role, text.name, text.path, note) == ("notebook", "notebook", "", "")
    assert text.text == "# In [1]\nx = 1\n\n# In [2]\n%time y = 2\n\n# In [3]\nprint(x)\n"
    assert "pass  # %time y = 2" in text.python
    assert "OUTPUT" not in text.text


def test_a_notebook_is_called_by_its_name_where_the_editor_tells_it(monkeypatch: pytest.MonkeyPatch):
    put_shell(monkeypatch, {"In": ["", "x = '\ud800'"], "__vsc_ipynb_file__": "/home/ann/study.ipynb"})
    text, _ = running_text()
    assert text is not None
    assert text.name == "study.ipynb"
    assert text.text == "# In [1]\nx = '?'\n"


def test_a_notebook_where_nothing_ran_is_a_note(monkeypatch: pytest.MonkeyPatch):
    put_shell(monkeypatch, {"In": [""]})
    assert running_text() == (None, "no cell has run yet")


def test_ipython_without_a_shell_is_only_a_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "train.py"
    path.write_text("")
    put_main(monkeypatch, str(path))
    put_shell(monkeypatch, None)
    text, _ = running_text()
    assert text is not None
    assert text.role == "script"


NOTEBOOK = {
    "cells": [
        {"cell_type": "markdown", "source": ["words"]},
        {"cell_type": "code", "source": ["x = 1\n", "x"], "outputs": [{"text": ["OUTPUT"]}]},
        {"cell_type": "code", "source": "y = 2"},
        {"cell_type": "code", "source": []},
    ]
}


def test_a_notebook_that_is_named_gives_its_cells_alone(tmp_path: Path):
    path = tmp_path / "study.ipynb"
    path.write_text(json.dumps(NOTEBOOK))
    text = named_file(str(path))
    assert text.role == "notebook"
    assert text.text == "# In [1]\nx = 1\nx\n\n# In [2]\ny = 2\n"


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"cells": [1]}', '{"cells": [{"cell_type": "code"}]}'])
def test_what_is_no_notebook_is_an_error(content: str, tmp_path: Path):
    path = tmp_path / "study.ipynb"
    path.write_text(content)
    with pytest.raises(UsageError, match="no notebook"):
        named_file(str(path))


@pytest.mark.parametrize("name", [".env", "settings.yaml", "data.csv", "train"])
def test_only_python_and_notebooks_are_source(name: str, tmp_path: Path):
    (tmp_path / name).write_text("A=1\n")
    with pytest.raises(UsageError, match=r"\.py"):
        named_file(str(tmp_path / name))


def test_a_named_file_must_exist_and_be_text(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        named_file(str(tmp_path / "absent.py"))
    (tmp_path / "a.py").write_bytes(b"x = '\xff'")
    with pytest.raises(UsageError, match="no text"):
        named_file(str(tmp_path / "a.py"))
