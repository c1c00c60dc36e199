"""What a stopped run leaves is whole, belongs to one task, and is held by one process."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow
import pytest

from hermetic.deploy.batch.state import FileState, folder_of_file, open_state, state_folder
from hermetic.errors import UsageError

TASK = {"model": "0" * 64, "method": "predict"}
IDENTITY = {"path": "rows.csv", "length": 9, "sha256": "1" * 64}


def batch(*values: int) -> pyarrow.RecordBatch:
    return pyarrow.RecordBatch.from_pydict({"prediction": list(values)})


@pytest.fixture
def state(tmp_path: Path) -> FileState:
    made = FileState(str(tmp_path / "state"))
    made.begin(IDENTITY)
    return made


def answers(state: FileState) -> list[int]:
    return [value for own in state.read_parts() for value in own.column(0).to_pylist()]


def test_the_state_stands_beside_the_output_and_is_hidden(tmp_path: Path):
    assert state_folder(str(tmp_path / "out.csv")) == str(tmp_path / ".out.csv.predicting")
    assert state_folder(str(tmp_path / "out") + os.sep) == str(tmp_path / ".out.predicting")
    assert os.path.basename(state_folder(".")) == f".{Path.cwd().name}.predicting"


def test_parts_follow_each_other_and_are_read_in_order(state: FileState):
    state.write_part(0, [batch(1, 2), batch(3)])
    state.write_part(3, [batch(4)])
    assert state.n_rows_answered() == 4
    assert answers(state) == [1, 2, 3, 4]


def test_a_part_behind_a_gap_does_not_count(state: FileState):
    state.write_part(0, [batch(1, 2)])
    state.write_part(3, [batch(4)])
    assert state.n_rows_answered() == 2
    assert answers(state) == [1, 2]


def test_a_part_that_was_not_written_whole_has_another_name_and_does_not_count(state: FileState):
    state.write_part(0, [batch(1, 2)])
    Path(state.folder, ".000000000000002-000000000000004.arrow.0123abcd.tmp").write_bytes(b"half")
    Path(state.folder, "000000000000002-4.arrow").write_bytes(b"other")
    assert state.n_rows_answered() == 2


def test_nothing_is_answered_at_first(state: FileState):
    assert (state.n_rows_answered(), state.n_rows_done(), answers(state)) == (0, None, [])


def test_a_finished_file_lets_go_of_its_parts_and_remembers_its_rows(state: FileState):
    state.write_part(0, [batch(1, 2)])
    state.finish(IDENTITY, 2)
    assert (state.n_rows_done(), state.parts()) == (2, [])
    state.begin(IDENTITY)
    assert state.n_rows_done() == 2


@pytest.mark.parametrize("changed", [{"length": 8}, {"sha256": "2" * 64}, {"path": "other.csv"}])
def test_another_input_is_refused_once_something_was_answered(state: FileState, changed: dict):
    state.begin({**IDENTITY, **changed})
    state.begin(IDENTITY)
    state.write_part(0, [batch(1)])
    with pytest.raises(UsageError, match="the input is another one"):
        state.begin({**IDENTITY, **changed})


def test_the_folder_of_a_file_does_not_depend_on_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    assert folder_of_file("state", "a.csv") == folder_of_file("state", str(tmp_path / "a.csv"))
    assert folder_of_file("state", "a.csv") != folder_of_file("state", "b.csv")


def begun(output: str, task: dict = TASK, *, restart: bool = False, answered: bool = True) -> list[str]:
    """Begin, answer a row and be interrupted; give what was there at the beginning."""
    found: list[str] = []
    with pytest.raises(KeyboardInterrupt), open_state(output, task, restart=restart) as folder:
        found = sorted(os.listdir(folder))
        if answered:
            state = FileState(folder_of_file(folder, "rows.csv"))
            state.begin(IDENTITY)
            state.write_part(0, [batch(1)])
        raise KeyboardInterrupt
    return found


def test_what_was_answered_is_there_the_next_time_and_gone_at_the_end(tmp_path: Path):
    output = str(tmp_path / "deep" / "out.csv")
    assert begun(output) == ["lock", "task.json"]
    with open_state(output, TASK, restart=False) as folder:
        assert FileState(folder_of_file(folder, "rows.csv")).n_rows_answered() == 1
    assert not os.path.exists(state_folder(output))


def test_without_answers_nothing_stays(tmp_path: Path):
    begun(str(tmp_path / "out.csv"), answered=False)
    assert os.listdir(tmp_path) == []


def test_another_task_is_refused_and_named_or_begins_anew_by_wish(tmp_path: Path):
    output = str(tmp_path / "out.csv")
    begun(output)
    other = {**TASK, "method": "predict_proba"}
    with (
        pytest.raises(UsageError, match="begun with another method") as caught,
        open_state(output, other, restart=False),
    ):
        pass
    assert "--restart" in caught.value.next_step
    assert begun(output, other, restart=True, answered=False) == ["lock", "task.json"]


def test_a_task_that_was_killed_before_it_answered_anything_is_no_obstacle(tmp_path: Path):
    output = str(tmp_path / "out.csv")
    os.makedirs(state_folder(output))
    Path(state_folder(output), "task.json").write_text('{"method": "other"}')
    assert begun(output) == ["lock", "task.json"]


def test_a_state_is_held_by_one_at_a_time(tmp_path: Path):
    output = str(tmp_path / "out.csv")
    refused = pytest.raises(UsageError, match="another process is predicting this output")
    with open_state(output, TASK, restart=False), refused, open_state(output, TASK, restart=True):
        pass
