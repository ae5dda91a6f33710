"""What the jail withholds, tried from inside; and that the attempts see a jail that is weaker."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from jailing import EXAMINE, HERE, lacking

from sixrounds.grading.jail import Jail
from sixrounds.grading.jail.probes import Result, examine
from sixrounds.grading.jail.probes.inside import ESCAPES

RUNGS = ("bubblewrap", "landlock")
NEVER_WITHHELD = {"bubblewrap": set(), "landlock": {"names of files", "box size"}}
NAMES = [one.name for one in ESCAPES]
Examined = Callable[[str], dict[str, Result]]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("rung", RUNGS)
def test_holds(rung: str, name: str, examined: Examined) -> None:
    """An answer would read, change, reach or take what the rung says that it withholds."""
    if name in NEVER_WITHHELD[rung]:
        assert not examined(rung)[name].promised
    else:
        assert examined(rung)[name].promised
        assert examined(rung)[name].got == ()


@pytest.mark.parametrize("rung", RUNGS)
def test_holds_for_an_ordinary_user(rung: str, as_nobody: list[str], examined: Examined) -> None:
    """It would hold where CI is root, and not for the instructor, who is not."""
    examined(rung)  # or skipped
    done = subprocess.run(
        [*as_nobody, sys.executable, "-c", EXAMINE, rung],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    got = {name: got for name, promised, got in json.loads(done.stdout) if promised and got}
    assert got == {}
    assert len(json.loads(done.stdout)) == len(NAMES)


@dataclass(frozen=True)
class Leaky(Jail):
    """The first rung, with a view that shows the course, and not what was given."""

    def command(self, argv: Sequence[str], readable: Sequence[Path]) -> list[str]:
        """Its command, with other folders."""
        package, given, *others = readable
        return super().command(argv, [package, given.parent / "course", *others])


@dataclass(frozen=True)
class Talkative(Jail):
    """The second rung, with the whole environment."""

    def environment(self) -> dict[str, str]:
        """All of ours."""
        return super().environment() | dict(os.environ)


NO_FILTER = {"interfaces", "namespaces"}
NO_LIMITS = {"process count", "memory", "file size", "file count", "processor time"}
WEAKENED = {
    "no filter, limits or loss of rights": (
        Jail("bubblewrap"),
        "filter limits rights closing",
        NO_FILTER | NO_LIMITS | {"rights", "mounts", "open descriptors"},
    ),
    "no namespaces of its own": (
        Jail("bubblewrap"),
        "namespaces limits reap",
        {"the box before", "the answer beside", "signals", "left running", "box size"},
    ),
    "a wrong view": (
        Leaky("bubblewrap"),
        "",
        {"other files", "names of files", "honest work"},
    ),
    "no Landlock, and what is left lives on": (
        Talkative("landlock"),
        "landlock reap",
        {"other files", "writing elsewhere", "left running", "environment"},
    ),
}


@pytest.mark.parametrize("weakness", WEAKENED)
def test_a_weakened_jail_is_seen(weakness: str, examined: Examined) -> None:
    """A part of the jail could be lost without any attempt noticing."""
    jail, parts, expected = WEAKENED[weakness]
    examined(jail.name)  # or skipped
    program = [sys.executable, str(HERE / "weakened.py"), parts]
    got = {one.name: one.got for one in examine(jail, [HERE], program)}
    assert {name for name in expected if not got[name]} == set(), got
    assert not any("could not be tried" in one for name in expected for one in got[name]), got


def test_every_attempt_can_fail(examined: Examined) -> None:
    """An attempt that never gets anything, jail or not, would prove nothing."""
    seen = {name for name, result in examined("none").items() if not result.held}
    for _, _, expected in WEAKENED.values():
        seen |= expected
    assert set(NAMES) - seen == set()
    assert not any(result.promised for result in examined("none").values())


def test_a_shell_that_does_not_start(monkeypatch: pytest.MonkeyPatch, examined: Examined) -> None:
    """The report would be empty, and read as if all held."""
    examined("bubblewrap")
    program = [sys.executable, "-c", "import sys; sys.exit('no kernel for this')"]
    with pytest.raises(OSError, match="no kernel for this"):
        examine(Jail("bubblewrap"), [], program)


def test_lacking(monkeypatch: pytest.MonkeyPatch) -> None:
    """CI would be green without having tried the jail at all."""
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no bwrap; run `make jail`"):
        lacking("no bwrap")
    monkeypatch.delenv("CI")
    with pytest.raises(pytest.skip.Exception, match="no bwrap"):
        lacking("no bwrap")
