"""The frame of the command line: commands are imported on use, errors become messages and exit statuses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import click
import pytest
from click.testing import CliRunner, Result

import hermetic as package
from hermetic.cli import main
from hermetic.errors import FormatError, HermeticError, UntrustedType

OFFERS_A_COMMAND = '__all__ = ["command"]'
SOURCE = Path(package.__file__).resolve().parents[1]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(SOURCE)}


def run_python(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, timeout=120, check=False)


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch):
    """Gives a function that runs `hermetic probe`, a command which raises the given error."""

    def run(error: Exception) -> Result:
        @click.command(name="probe")
        def probe() -> None:
            raise error

        module = ModuleType("hermetic.cli.probe")
        module.command = probe
        monkeypatch.setitem(sys.modules, "hermetic.cli.probe", module)
        monkeypatch.setitem(main.COMMANDS, "probe", "Raise an error.")
        return CliRunner().invoke(main.hermetic, ["probe"])

    return run


def test_every_command_of_the_table_has_a_file_and_the_reverse():
    files = {path.stem for path in (SOURCE / "hermetic/cli").glob("*.py") if OFFERS_A_COMMAND in path.read_text()}
    assert files == main.COMMANDS.keys()


@pytest.mark.parametrize("name", main.COMMANDS)
def test_help_text_fits_on_one_line(name: str):
    assert len(main.COMMANDS[name]) <= 65
    assert main.COMMANDS[name].endswith(".")


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["nonsense"], []], ids=" ".join)
def test_the_frame_imports_no_heavy_library(arguments: list[str]):
    script = (
        "import json, sys\n"
        "from hermetic.cli.main import hermetic\n"
        f"try: hermetic({arguments!r}, prog_name='hermetic')\n"
        "except SystemExit: pass\n"
        "print(json.dumps(sorted(name for name in sys.modules if '.' not in name)))\n"
    )
    modules = set(json.loads(run_python("-c", script).stdout.splitlines()[-1]))
    assert "hermetic" in modules
    assert modules.isdisjoint({"numpy", "sklearn", "scipy", "pandas", "rich", "msgspec", "isal", "joblib"})


def test_help_lists_commands_exit_statuses_and_shell_completion():
    result = run_python("-m", "hermetic", "--help")
    assert result.returncode == 0
    assert result.stdout.startswith("Usage: hermetic ")
    assert all(name in result.stdout for name in main.COMMANDS)
    assert "3 refused by policy" in " ".join(result.stdout.split())
    assert "_HERMETIC_COMPLETE=bash_source" in result.stdout


def test_version_is_the_one_of_the_package():
    assert CliRunner().invoke(main.hermetic, ["--version"]).output == f"hermetic {package.__version__}\n"


@pytest.mark.parametrize("arguments", [["nonsense"], ["--nonsense"], ["demo", "--nonsense"]], ids=" ".join)
def test_wrong_usage_is_2(arguments: list[str]):
    if arguments[0] == "demo":
        pytest.importorskip("hermetic.persistence")
    result = CliRunner().invoke(main.hermetic, arguments)
    assert result.exit_code == 2
    assert "nonsense" in result.stderr


def test_an_error_is_its_message_without_a_traceback(failing):
    result = failing(FormatError("the file is empty", where="model.hermetic", next_step="Save it again."))
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr == "hermetic: the file is empty\n  at model.hermetic\n  Save it again.\n"


def test_a_refusal_by_policy_is_3(failing):
    assert failing(UntrustedType([("package.Kind", "constructed", "$")])).exit_code == 3


def test_text_from_a_file_in_a_message_cannot_steer_the_terminal(failing):
    result = failing(HermeticError("the file names \x1b[2J\u202e", where="a\rb"))
    assert result.stderr == "hermetic: the file names \\x1b[2J\\u202e\n  at a\\rb\n"


def test_a_missing_file_is_2_and_named(failing):
    result = failing(FileNotFoundError(2, "No such file or directory", "missing.hermetic"))
    assert result.exit_code == 2
    assert result.stderr == "hermetic: No such file or directory: missing.hermetic\n"


def test_an_error_of_the_system_without_a_file_is_2(failing):
    result = failing(OSError("disk on fire"))
    assert result.exit_code == 2
    assert result.stderr == "hermetic: disk on fire\n"


def test_an_unexpected_error_keeps_its_traceback(failing):
    assert isinstance(failing(ZeroDivisionError()).exception, ZeroDivisionError)


def test_completion_offers_commands_without_importing_them():
    context = click.Context(main.hermetic, info_name="hermetic")
    offered = {item.value: item.help for item in main.hermetic.shell_complete(context, "de")}
    assert offered == {name: text for name, text in main.COMMANDS.items() if name.startswith("de")}
