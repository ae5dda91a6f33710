"""What `sixrounds doctor` says of the jail: what holds, and the mend for what does not."""

import sys
from pathlib import Path

import pytest
from jailing import lacking

from sixrounds import doctor_jail
from sixrounds.errors import SixRoundsError
from sixrounds.finding import State
from sixrounds.grading import jail
from sixrounds.grading.jail import choice, probes
from sixrounds.grading.jail.probes import Result

HELD = Result("network", True, ())
BROKEN = Result("signals", True, ("1", "2"))
OPEN = Result("names of files", False, ("secret.txt",))


def test_here() -> None:
    """The report would say that a rung holds without having tried, or not say what it lacks."""
    why = choice.failure("landlock")
    if why:
        lacking(f"landlock does not hold here: {why}")
    found = doctor_jail.landlock()
    assert found.status is State.OK, found
    assert "holds against 26 of 26 attempts" in found.detail
    assert "never withholds: names of files, box size" in found.detail


def test_an_attempt_that_succeeds(monkeypatch: pytest.MonkeyPatch) -> None:
    """An instructor would take a jail with a hole for one that holds."""
    monkeypatch.setattr(probes, "examine", lambda jail: [HELD, BROKEN, OPEN])
    found = doctor_jail.rung("bubblewrap", "0.8.0")
    assert found.status is State.OPTIONAL
    assert found.detail == (
        "0.8.0; holds against 1 of 2 attempts (it never withholds: names of files); "
        "not against: signals (1)"
    )
    assert found.mend


@pytest.mark.parametrize(
    ("said", "mend"),
    [
        ("ModuleNotFoundError: No module named 'pyseccomp'", "pip install pyseccomp"),
        ("RuntimeError: Unable to find libseccomp", "apt-get install bubblewrap libseccomp2"),
        ("this kernel has no Landlock", "lsm=landlock"),
        ("bwrap: setting up uid map: Permission denied", "the switch"),
    ],
)
def test_a_rung_that_does_not_start(said: str, mend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Someone would install, restart or switch off the wrong thing."""

    def examine(_: jail.Jail) -> list[Result]:
        raise OSError(said)

    monkeypatch.setattr(probes, "examine", examine)
    monkeypatch.setattr(doctor_jail, "allow_namespaces", lambda: "the switch")
    found = doctor_jail.rung("bubblewrap", "0.8.0")
    assert found.status is State.OPTIONAL
    assert said in found.detail
    assert mend in found.mend


def test_who_refuses_namespaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On Ubuntu 24.04 and in Docker, the mend would be a guess."""
    monkeypatch.setattr(doctor_jail, "IN_CONTAINER", (str(tmp_path / "container"),))
    switches = [
        (str(tmp_path / name), on, f"sysctl {name}") for name, on in (("a", "1"), ("b", "0"))
    ]
    monkeypatch.setattr(doctor_jail, "SWITCHES", switches)
    assert doctor_jail.allow_namespaces() == doctor_jail.REPORT
    (tmp_path / "container").touch()
    (tmp_path / "a").write_text("0\n")
    (tmp_path / "b").write_text("1\n")
    assert "--security-opt seccomp=unconfined" in doctor_jail.allow_namespaces()
    (tmp_path / "b").write_text("0\n")
    assert doctor_jail.allow_namespaces() == "sysctl b"
    (tmp_path / "a").write_text("1\n")
    assert doctor_jail.allow_namespaces() == "sysctl a"


def test_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one line that mends it would be missing."""
    monkeypatch.setenv("PATH", "/nonexistent")
    assert "apt-get install bubblewrap libseccomp2" in doctor_jail.bubblewrap().mend


def test_without_the_graders_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    """A learner's report would hold a traceback's last line, and no mend."""
    monkeypatch.setitem(sys.modules, "sixrounds.grading.jail", None)
    for found in (doctor_jail.rung("bubblewrap", "0.8.0"), doctor_jail.jail()):
        assert found.status is State.OPTIONAL
        assert "sixrounds[course]" in found.mend


def test_no_jail_is_no_fault_of_a_learner(monkeypatch: pytest.MonkeyPatch) -> None:
    """A learner on a Mac would be told that something is missing."""

    def choose() -> jail.Jail:
        raise SixRoundsError("none")

    monkeypatch.setattr(jail, "choose", choose)
    monkeypatch.setattr(sys, "platform", "darwin")
    for found in (doctor_jail.jail(), doctor_jail.landlock()):
        assert found.status is State.OPTIONAL
        assert "grade on Linux" in found.mend
