"""What rungs hold on machines unlike this one, and against attacks of more than one call."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jailing import HERE, PACKAGE, SERVER, lacking

from sixrounds.grading.jail import Jail, choice, filters, landlock, view
from sixrounds.grading.jail.probes import examine

RUNGS = ("bubblewrap", "landlock")
Run = Callable[..., Any]
# In the fixture root stays root, to whom no limit of processes applies, and who has a root's name.
OF_ROOT = {"process count", "rights"} if os.geteuid() == 0 else set()
BEFORE_SIGNALS = {"honest work"}  # programs that it started cannot be ended
# What Docker leaves to root in a container.
DOCKER = (
    "-all,+chown,+dac_override,+fsetid,+fowner,+mknod,+net_raw,+setgid,+setuid,+setfcap,"
    "+setpcap,+net_bind_service,+sys_chroot,+kill,+audit_write"
)


@pytest.mark.parametrize("version", [1, 3, 5])
def test_older_versions_of_landlock(version: int) -> None:
    """Files could be emptied, or processes ended, where the kernel is not the newest."""
    if landlock.version() < version:
        lacking(f"this kernel has only version {landlock.version()} of Landlock")
    program = [sys.executable, str(HERE / "old_landlock.py"), str(version)]
    results = examine(Jail("landlock"), [HERE], program)
    expected = OF_ROOT | (BEFORE_SIGNALS if version < landlock.SCOPES_SINCE else set())
    got = {one.name: one.got for one in results if one.promised and one.got}
    assert {name: what for name, what in got.items() if name not in expected} == {}
    assert got.get("honest work", ()) in ((), ("it could not end a program",))
    assert len(results) > 20


def test_emptying_is_refused(tmp_path: Path) -> None:
    """Before version 3 of Landlock, an answer could empty the instructor's own Python."""
    target = tmp_path / "library.py"
    target.write_text("kept")
    program = (
        "import os, sys; from sixrounds.grading.jail import filters, kernel; "
        "kernel.no_new_privileges(); "
        "kernel.install_filter(filters.compiled(shared=True, owner=True, truncation=True)); "
        "tries = [lambda: os.open(sys.argv[1], os.O_RDONLY | os.O_TRUNC), "
        "lambda: os.open(sys.argv[1], os.O_ACCMODE | os.O_TRUNC), "
        "lambda: os.truncate(sys.argv[1], 0), lambda: os.chmod(sys.argv[1], 0)]\n"
        "for attempt in tries:\n"
        "    try: attempt(); sys.exit('done')\n"
        "    except PermissionError: pass\n"
        "print(open(sys.argv[1]).read())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(target)], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("kept\n", "")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be like root in a container")
def test_root_in_a_container() -> None:
    """In Docker, where people are root, grading would refuse, or tell nothing of why."""
    why = choice.failure("landlock")
    if why:
        lacking(f"landlock does not hold here: {why}")
    program = "from sixrounds.grading.jail.choice import failure; print(failure('landlock'))"
    done = subprocess.run(
        ["setpriv", f"--bounding-set={DOCKER}", sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
    )
    closed = [path for path in view.python() if not open_to_all(path)]
    expected = f"{closed[0]} is for root alone to read" if closed else ""
    assert done.stdout.strip().endswith(expected)
    assert done.stdout.strip() if closed else not done.stdout.strip()


def open_to_all(path: Path) -> bool:
    """Whether every user can come to a folder."""
    return all(one.stat().st_mode & 0o001 for one in (path, *path.parents))


@pytest.mark.parametrize("private", ["home", "working folder", "solutions"])
def test_python_beside_private_files(private: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment made in the clone's own folder would show the solutions with it."""
    folder = {"home": Path.home(), "working folder": Path.cwd(), "solutions": PACKAGE.parent}
    monkeypatch.setattr(sys, "prefix", str(folder[private]))
    choice.failure.cache_clear()
    try:
        assert choice.failure("bubblewrap").startswith(f"{folder[private]} is shown with Python")
    finally:
        choice.failure.cache_clear()


def test_no_environment_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret of the shell that grades would reach the fork server."""
    monkeypatch.setenv("SIXROUNDS_SEED", "secret")
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    for rung in (*RUNGS, "none"):
        given = Jail(rung).environment()
        assert not {"SIXROUNDS_SEED", "PYTHONPATH"} & given.keys()
        assert given["OMP_NUM_THREADS"] == "1"
        command = Jail(rung).command(["true"], [PACKAGE])
        assert not any("secret" in word for word in command)


@pytest.mark.parametrize("rung", [*RUNGS, "none"])
def test_a_signal_to_the_group(rung: str, run: Run) -> None:
    """One call, which no namespace stops, would end the fork server and the class with it."""
    setup = "import signal; met = []; signal.signal(signal.SIGUSR1, lambda *_: met.append(1))"
    work = """
def call():
    os.kill(0, signal.SIGUSR1)
    return 'called'
print(json.dumps([say(call), len(met)]))
"""
    assert run(rung, SERVER.format(setup=setup, work=work)) == ["called", 0]


def test_deep_folders(run: Run, tmp_path: Path) -> None:
    """The server would end while it removes folders that lie deeper than Python may recurse."""
    work = """
def dig():
    for _ in range(sys.getrecursionlimit() + 100):
        os.mkdir('d')
        os.chdir('d')
    return 'deep'
print(json.dumps([say(dig), say(lambda: os.listdir('.'))]))
"""
    assert run("landlock", SERVER.format(setup="", work=work)) == ["deep", []]
    assert not list(tmp_path.glob("jail-*/box-*"))


@pytest.mark.parametrize("rung", RUNGS)
def test_caches_of_the_setup_are_read(rung: str, run: Run) -> None:
    """Every answer would compile again what the setup compiled."""
    setup = "cache = Path.home() / 'compiled'; cache.write_text('warm')"
    work = "print(json.dumps(say(cache.read_text)))"
    assert run(rung, SERVER.format(setup=setup, work=work)) == "warm"


@pytest.mark.parametrize("rung", RUNGS)
def test_processors_can_be_read(rung: str, run: Run) -> None:
    """torch would refuse half precision, and a right answer would be an error."""
    work = "print(json.dumps(say(lambda: len(Path('/proc/cpuinfo').read_text()) > 100)))"
    assert run(rung, SERVER.format(setup="", work=work)) is True


@pytest.mark.parametrize("rung", RUNGS)
def test_a_course_below_tmp(rung: str, tmp_path: Path) -> None:
    """In a clone that lies in /tmp, the box would hide the lesson's data and packages."""
    given = tmp_path / "data" / "rows.csv"
    given.parent.mkdir()
    given.write_text("1,2")
    why = choice.failure(rung)
    if why:
        lacking(f"{rung} does not hold here: {why}")
    work = f"""
def look():
    Path('mine').write_text('x')
    return Path({str(given)!r}).read_text()
print(json.dumps(say(look)))
"""
    jail, folder = Jail(rung), tmp_path / "work"
    folder.mkdir()
    program = [sys.executable, "-c", SERVER.format(setup="", work=work), rung]
    done = subprocess.run(
        jail.command(program, [PACKAGE, given.parent]),
        env=jail.environment(),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout.strip(), done.returncode) == ('"1,2"', 0), done.stderr


def test_every_refused_call_is_known() -> None:
    """A misspelled name would let its call through, or stop every answer."""
    assert len(filters.compiled()) < len(filters.compiled(shared=True))
    both = {"shared": True, "owner": True, "truncation": True}
    assert len(filters.compiled(**both)) < len(filters.compiled(**both, alone=1234))
