"""Which wheels go into a container: for Linux, only what serving needs, from the index or from a lock alone."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest

from hermetic.deploy.containers import planning
from hermetic.deploy.containers.planning import ContainerPlan, plan_container
from hermetic.deploy.environments.installers import CannotResolve, Installer
from hermetic.deploy.environments.lock import LockedWheel
from hermetic.deploy.environments.pins import Pin, Target
from hermetic.errors import UsageError
from tests.deploy.environments.test_pins import distribution
from tests.deploy.environments.test_planning import PYTHON, save

SERVED = ("starlette", "uvicorn")
MINOR = PYTHON.rpartition(".")[0]


class Index(Installer):
    """Gives every wheel in the version that is asked for, but those that it lacks."""

    lacking: tuple[str, ...] = ()
    asked: list[Target] = []  # noqa: RUF012

    def resolve(
        self, requirements: list[str], target: Target, *, with_dependencies: bool
    ) -> tuple[list[LockedWheel], list[str]]:
        assert not with_dependencies
        self.asked.append(target)
        wheels = []
        for requirement in requirements:
            name, _, version = requirement.partition("==")
            if name.partition(">")[0] in self.lacking or not version:
                raise CannotResolve("no such thing")
            wheels.append(LockedWheel(name=name, version=version, sha256="a" * 64, file=f"{name}.whl"))
        return wheels, []


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> type[Index]:
    own = [Pin(name=name, version="1.0") for name in ("click", "httptools", "isal", *SERVED)]

    def pins(extras: tuple[str, ...] = ()) -> tuple[Pin, ...]:
        return tuple(pin for pin in own if pin.name in extras or pin.name in ("click", "isal"))

    monkeypatch.setattr(planning, "own_pins", pins)
    monkeypatch.setattr("hermetic.deploy.environments.planning.own_pins", pins)
    monkeypatch.setattr(Index, "lacking", ())
    monkeypatch.setattr(Index, "asked", [])
    return Index


@pytest.fixture
def model(tmp_path: Path) -> str:
    recorded = [distribution("own-one", "1.0"), distribution("own-other", "1.0", is_needed=False)]
    return save(tmp_path, *recorded, machine="sparc", platform="Solaris-1")


def plan(
    model: str, *, lock: Path | None = None, is_serving: bool = True, takes_nearest: bool = False
) -> ContainerPlan:
    def find() -> Installer:
        assert lock is None, "with a lock no index is asked"
        return Index(name="own", command=())

    return plan_container(model, lock=lock, is_serving=is_serving, takes_nearest=takes_nearest, find=find)


def names(found: ContainerPlan) -> list[str]:
    return [wheel.name for wheel in found.lock.wheels]


def test_wheels_are_for_linux_whatever_system_this_and_the_recorded_one_are(
    model: str, index: type[Index], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    monkeypatch.setattr(platform, "machine", lambda: "arm64")
    found = plan(model)
    assert found.lock.target == Target(python=MINOR, system="Linux", machine="aarch64")
    assert set(index.asked) == {found.lock.target}


def test_only_what_serving_needs_is_taken(model: str, index: type[Index]):
    assert names(plan(model)) == ["click", "httptools", "isal", "own-one", *SERVED]
    assert names(plan(model, is_serving=False)) == ["click", "isal", "own-one"]


@pytest.mark.parametrize("name", ["httptools", "isal"])
def test_what_has_a_stand_in_is_not_missed(name: str, model: str, index: type[Index], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(index, "lacking", (name,))
    found = plan(model)
    assert found.missing == ()
    assert name not in names(found)


@pytest.mark.parametrize("name", ["own-one", "starlette", "click"])
def test_everything_else_is(name: str, model: str, index: type[Index], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(index, "lacking", (name,))
    assert [one.name for one in plan(model).missing] == [name]


def test_what_no_index_can_be_asked_for_is_missing(tmp_path: Path, index: type[Index]):
    path = save(tmp_path, distribution("own-one", "1.0", origin="folder"), distribution("own two", "1.0"))
    assert [one.name for one in plan(path).missing] == ["own-one", "own two"]


def write_lock(folder: Path, *wanted: str) -> Path:
    lines = [f"{each} --hash=sha256:{'a' * 64}\n" for each in wanted]
    (folder / "lock.txt").write_text(f"# Python {MINOR}\n{''.join(lines)}")
    return folder / "lock.txt"


def test_a_lock_is_taken_as_it_is(model: str, index: type[Index], tmp_path: Path):
    wanted = ["click==1.0", "own-more==1.0", "own-one==1.0", "starlette==1.0", "uvicorn==1.0"]
    found = plan(model, lock=write_lock(tmp_path, *wanted))
    assert [f"{wheel.name}=={wheel.version}" for wheel in found.lock.wheels] == wanted
    assert found.lock.target.system == "Linux"
    assert found.notes == ()


@pytest.mark.parametrize("lacking", ["click", "own-one", "starlette", "uvicorn"])
def test_a_lock_must_have_all_that_is_needed(lacking: str, model: str, index: type[Index], tmp_path: Path):
    wanted = [f"{name}==1.0" for name in ("click", "own-one", *SERVED) if name != lacking]
    with pytest.raises(UsageError, match=f"lacks what the container needs: {lacking}") as caught:
        plan(model, lock=write_lock(tmp_path, *wanted))
    assert "--serve" in caught.value.next_step


def test_without_a_server_a_lock_needs_less(model: str, index: type[Index], tmp_path: Path):
    lock = write_lock(tmp_path, "click==1.0", "own-one==2.0")
    assert plan(model, lock=lock, is_serving=False).notes == ("own-one: locked is 2.0, recorded was 1.0",)
    with pytest.raises(UsageError) as caught:
        plan(model, lock=write_lock(tmp_path, "click==1.0"), is_serving=False)
    assert "--serve" not in caught.value.next_step


def test_a_server_that_is_not_installed_here_has_no_version(
    model: str, index: type[Index], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("hermetic.deploy.environments.planning.own_pins", lambda extras=(): ())
    with pytest.raises(UsageError, match="not installed here: starlette, uvicorn") as caught:
        plan(model)
    assert "--no-serve" in caught.value.next_step
    assert names(plan(model, is_serving=False)) == ["own-one"]
