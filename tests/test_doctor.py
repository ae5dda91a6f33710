"""`sixrounds doctor`: every line true, every mend exact, and no probe that stops the others."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from sixrounds import cli, doctor
from sixrounds.doctor import Finding, State, attempt, examine
from sixrounds.errors import SixRoundsError
from sixrounds.grading.jail import choose


def test_all_probes_here(capsys: pytest.CaptureFixture[str]) -> None:
    """A probe would be broken on the reference machine itself, where learners' packages are."""
    assert cli.main(["doctor", "--json"]) == 0
    found = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert list(found) == [name for name, _ in doctor.PROBES]
    for name in ("Python", *doctor.LEARNER, *doctor.AUTHOR, "kernel"):
        assert found[name]["status"] == "ok", found[name]
    assert not any("could not be looked at" in row["detail"] for row in found.values())
    try:
        jail = ("ok", f"other people's answers run in {choose().name}", "")
    except SixRoundsError:
        jail = (
            "optional",
            "none holds: grade only people you trust, with --unsafe",
            "mend bubblewrap, or else Landlock",
        )
    assert tuple(found["jail"][key] for key in ("status", "detail", "mend")) == jail


def test_a_probe_that_raises() -> None:
    """One strange machine would get a traceback instead of a report."""

    def broken() -> Finding:
        raise OSError("strange\nmachine")

    def slow() -> Finding:
        raise subprocess.TimeoutExpired("java", 20)

    def fine() -> Finding:
        return Finding("fine", State.OK, "1.0")

    found = list(examine([("broken", broken), ("slow", slow), ("fine", fine)]))
    assert [one.name for one in found] == ["broken", "slow", "fine"]
    assert "OSError: strange machine" in found[0].detail
    assert found[1].detail == "no answer within 20 s"
    assert found[2].status is State.OK


def test_missing_package(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A learner without a package would be told that all is well, or not how to get it."""
    probes = [doctor.bound(doctor.for_learners, "numpy-that-is-not")]
    monkeypatch.setattr(doctor, "PROBES", probes)
    assert cli.main(["doctor"]) == 1
    said = capsys.readouterr().out
    assert f"mend: {sys.executable} -m pip install numpy-that-is-not" in said
    assert "missing for learners: numpy-that-is-not" in said


def test_missing_for_authors_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A learner's script would stop for want of what only authors use."""
    monkeypatch.setattr(doctor, "PROBES", [doctor.bound(doctor.for_authors, "no-such-tool")])
    assert cli.main(["doctor"]) == 0


def test_other_version_of_the_book() -> None:
    """An author would build with a Jupyter Book that makes another site."""
    found = doctor.package("jupyter-book", State.OPTIONAL, "mend it", "0.1")
    assert found.status is State.OPTIONAL
    assert "built with 0.1" in found.detail


def fake(folder: Path, name: str, script: str) -> None:
    """A program of that name."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Old, broken or absent programs would be reported as usable."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert doctor.java().detail.startswith("not installed")
    assert doctor.compiler("g++").status is State.OPTIONAL
    assert doctor.gpu().status is State.OPTIONAL
    fake(tmp_path, "java", "echo 'openjdk version \"11.0.2\"' >&2")
    assert doctor.java().detail == "11.0.2; Spark needs 17 or later"
    fake(tmp_path, "java", "echo 'java version \"1.8.0_402\"' >&2")
    assert doctor.java().status is State.OPTIONAL
    fake(tmp_path, "java", "echo 'openjdk version \"21\" 2023-09-19' >&2")
    assert doctor.java().status is State.OK
    fake(tmp_path, "g++", '[ "$1" = --version ] && echo "g++ 12.2.0"')
    assert "cannot compile" in doctor.compiler("g++").detail
    fake(tmp_path, "git", "exit 1")
    assert doctor.program("git", "authors need it").status is State.OPTIONAL


def test_a_program_that_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The report would never end."""
    fake(tmp_path, "node", "exec /bin/sleep 30")
    monkeypatch.setenv("PATH", str(tmp_path))

    def probe() -> Finding:
        return Finding("node", State.OK, str(doctor.output("node", "--version", seconds=0.2)))

    assert attempt("node", probe).detail == "no answer within 0.2 s"


def test_doctor_needs_nothing() -> None:
    """Without numpy the one command that says so would itself be a traceback."""
    program = (
        "import sys; sys.modules['numpy'] = sys.modules['msgpack'] = None\n"
        "from sixrounds import doctor\nfrom sixrounds.cli import main\n"
        "doctor.PROBES = (('Python', doctor.python),)\n"
        "code = main(['doctor'])\n"
        "sys.exit(code or main(['check', 'a.ipynb']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2, done.stderr
    assert "a learner has everything" in done.stdout
    assert "`sixrounds doctor` says how to mend it" in done.stderr
