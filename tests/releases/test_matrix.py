"""Models of other releases of scikit-learn are loaded with the same answers, or refused with a reason: never wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.releases.forgiving import forgiving_constructors, zoo_of_this_release
from tests.releases.matrix import INSTALLED, environments, is_good, read, summary, write
from tests.releases.read import read_models
from tests.releases.write import write_models

OTHERS = [release for release in environments() if release != INSTALLED]


@pytest.mark.matrix
@pytest.mark.skipif(not OTHERS, reason="no environments of other releases; `make test-releases` makes them")
@pytest.mark.parametrize("release", OTHERS or ["none"])
@pytest.mark.parametrize("is_forward", [True, False], ids=["from", "to"])
def test_no_model_of_another_release_answers_differently(release: str, is_forward: bool):
    source, target = (release, INSTALLED) if is_forward else (INSTALLED, release)
    found = read(target, write(source))
    wrong = {name: words for name, (verdict, words) in found.items() if not is_good(verdict, words)}
    assert not wrong, f"{source} -> {target}: {summary(found)}"


def test_a_release_reads_its_own_models_as_it_wrote_them(tmp_path: Path):
    parts = ["Ridge-", "KDTree", "tree-missing", "text-english", "BernoulliNB-unfitted"]
    written = write_models(tmp_path, parts)
    assert set(written.values()) == {"written"}
    found = read_models(tmp_path, parts)
    assert found.keys() == written.keys()
    assert {verdict for verdict, _ in found.values()} == {"equal"}


def test_a_model_with_another_answer_is_called_wrong(tmp_path: Path):
    write_models(tmp_path, ["Ridge-fitted", "Lasso-fitted"])
    (tmp_path / "Lasso-fitted.hermetic").rename(tmp_path / "Ridge-fitted.hermetic")
    [verdict, words] = read_models(tmp_path, ["Ridge-fitted"])["Ridge-fitted"]
    assert verdict == "WRONG"
    assert "predict" in words


def test_a_model_of_a_release_that_nobody_knows_is_called_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    import sklearn

    write_models(tmp_path, ["Ridge-fitted"])
    monkeypatch.setattr(sklearn, "__version__", "0.9.0")
    [verdict, words] = read_models(tmp_path, [])["Ridge-fitted"]
    assert verdict == "refused"
    assert "cannot migrate between the two yet" in words


def test_a_damaged_model_is_called_unloadable(tmp_path: Path):
    write_models(tmp_path, ["Ridge-fitted"])
    (tmp_path / "Ridge-fitted.hermetic").write_bytes(b"nothing")
    assert read_models(tmp_path, [])["Ridge-fitted"][0] == "unloadable"


def test_models_may_be_added_to_those_of_an_earlier_run(tmp_path: Path):
    write_models(tmp_path, ["Ridge-fitted"])
    write_models(tmp_path, ["Lasso-fitted"])
    index = json.loads((tmp_path / "index.json").read_text())
    assert set(index["models"]) >= {"Ridge-fitted", "Lasso-fitted"}


def test_what_a_release_lacks_is_listed_and_cannot_be_made(monkeypatch: pytest.MonkeyPatch):
    from tests.releases import forgiving

    stand_in = type("Lasso", (forgiving.Absent,), {})
    monkeypatch.setattr(forgiving.Absent, "is_listed", False)
    assert stand_in(alpha=1.0)
    monkeypatch.setattr(forgiving.Absent, "is_listed", True)
    with pytest.raises(NotImplementedError):
        stand_in(alpha=1.0)


def test_parameters_that_a_release_lacks_are_left_out_and_the_constructors_come_back():
    from sklearn.linear_model import Ridge

    with forgiving_constructors():
        assert Ridge(alpha=2.0, strength_of_1996=1.0).alpha == 2.0
    with pytest.raises(TypeError):
        Ridge(strength_of_1996=1.0)


def test_names_of_all_models_are_unique():
    names = [case.name for case in zoo_of_this_release()]
    assert len(set(names)) == len(names)
