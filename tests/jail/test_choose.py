"""Which rung is chosen: never one that does not hold, and never silently none."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from jailing import lacking

from sixrounds.errors import SixRoundsError
from sixrounds.grading.jail import Jail, bubblewrap, choice, choose, landlock


@pytest.fixture(autouse=True)
def _tried_anew() -> Iterator[None]:
    """Nothing is known of rungs from before, nor to others after."""
    choice.failure.cache_clear()
    yield
    choice.failure.cache_clear()


def test_best_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with namespaces would use the weaker rung."""
    monkeypatch.setattr(choice, "failure", lambda name: "")
    assert choose() == Jail("bubblewrap")


def test_refuses_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers would run with the instructor's rights, unasked; or nobody would know why not."""
    monkeypatch.setattr(bubblewrap, "command", lambda argv, readable: ["/nonexistent/bwrap", *argv])
    monkeypatch.setattr(landlock, "command", lambda argv, readable: ["/nonexistent/env", *argv])
    with pytest.raises(SixRoundsError) as caught:
        choose()
    said = str(caught.value)
    assert "\n" not in said
    assert "bubblewrap: /nonexistent/bwrap is not installed; landlock: /nonexistent/env is" in said
    assert "`sixrounds doctor`" in said
    assert "--unsafe" in said
    assert choose(unsafe=True) == Jail("none")


def test_no_namespaces_within_the_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where bubblewrap starts and a fork may make no namespaces, grading would fail, or worse."""
    why = choice.failure("landlock")
    if why:
        lacking(f"landlock does not hold here: {why}")
    ours = bubblewrap.command

    def refusing(argv: Sequence[str], readable: Sequence[Path]) -> list[str]:
        """No more user namespaces below this one."""
        command = ours(argv, readable)
        set_it = 'echo 0 > /proc/sys/user/max_user_namespaces; exec "$@"'
        return ["unshare", "--user", "--map-root-user", "bash", "-c", set_it, "-", *command]

    monkeypatch.setattr(bubblewrap, "command", refusing)
    assert choice.failure("bubblewrap")
    assert choose() == Jail("landlock")


NOT_ENTERED = (
    "import sixrounds.grading.jail.trial as trial; "
    "trial.prepare = trial.enter = lambda *_: None; main("
)


@pytest.mark.parametrize("rung", choice.RUNGS)
def test_a_shell_alone_is_not_enough(rung: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rung whose forks are not locked down would be chosen because its server starts."""
    why = choice.failure(rung)
    if why:
        lacking(f"{rung} does not hold here: {why}")
    choice.failure.cache_clear()
    monkeypatch.setattr(choice, "TRY", choice.TRY.replace("main; main(", "main; " + NOT_ENTERED))
    assert choice.failure(rung).startswith("it does not hold: ")


def test_other_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a Mac, the message would be about a program that does not exist there."""
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(SixRoundsError, match="only on Linux"):
        choose()


@pytest.mark.parametrize("platform", ["darwin", "win32", "linux"])
def test_a_learner_needs_none_of_it(platform: str) -> None:
    """`sixrounds check` would not start without a package that only graders install."""
    program = (
        "import sys; sys.modules['pyseccomp'] = None\n"
        "import sixrounds.grading.jail as jail\n"
        f"sys.platform = {platform!r}\n"
        "import sixrounds.checking.check, sixrounds.grading\n"
        "assert jail.choose('none', unsafe=True).name == 'none'\n"
        "linux = {'kernel', 'filters', 'landlock', 'bubblewrap'}\n"
        "found = {name for name in linux if f'sixrounds.grading.jail.{name}' in sys.modules}\n"
        "sys.exit(f'imported at once: {found}' if found else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
