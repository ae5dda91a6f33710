"""What a notebook imports: light, safe to import anywhere, and the same seed everywhere."""

import subprocess
import sys
from pathlib import Path

import pytest

import sixrounds
from sixrounds import testing
from sixrounds.cli import COMMANDS, main

ROOT = Path(__file__).parents[1]


def test_import_is_light() -> None:
    """Colab would wait for, or lack, packages that only authors need."""
    program = "import sys, sixrounds, sixrounds.testing; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "sixrounds.testing" in loaded
    assert not loaded & {"nbformat", "jupytext", "papermill", "nbgrader", "pandas", "matplotlib"}


@pytest.mark.parametrize(
    "use",
    [
        "q + 'x'",
        "'x' + q",
        "str(q)",
        "repr(q)",
        "f'{q}'",
        "len(q)",
        "q == 1",
        "q != 1",
        "bool(q)",
        "q.strip()",
        "q[0]",
        "list(q)",
        "q()",
        "hash(q)",
        "'a' in q",
        "q @ 1",
        "int(q)",
        "open(q)",
        "print(q)",
    ],
)
def test_unwritten_variable(use: str) -> None:
    """A query not written yet would fail with something no beginner understands."""
    with pytest.raises(NotImplementedError, match="late_sql is not written yet"):
        eval(use, {"q": sixrounds.todo("late_sql")})


def test_seeds() -> None:
    """Cases would differ between machines or exercises, or not differ between courses."""
    assert testing.pyrandom("a").random() == testing.pyrandom("a").random()
    assert testing.pyrandom("a").random() != testing.pyrandom("b").random()
    assert testing.rng("a").random() == testing.rng("a").random()
    # written down: a change of the derivation would silently change every released test
    assert testing.pyrandom("parts_ever_negative").randrange(10**6) == FIRST
    try:
        public = testing.pyrandom("a").random()
        testing.use_seed(b"a course's")
        assert testing.pyrandom("a").random() != public
    finally:
        testing.use_seed(testing.PUBLIC_SEED)


FIRST = 744893


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A command in the guide would not exist."""
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert f"usage: sixrounds {command}" in capsys.readouterr().out


def test_outside_of_a_clone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Somebody in the wrong folder would get a traceback."""
    monkeypatch.chdir(tmp_path)
    assert main(["prove"]) == 2
    assert "not inside a clone of Six Rounds" in capsys.readouterr().err


def test_modules_stay_small() -> None:
    """A room would grow until nobody finds anything in it."""
    modules = sorted((ROOT / "sixrounds").rglob("*.py"))
    assert len(modules) > 40
    assert {str(p): n for p in modules if (n := len(p.read_text().splitlines())) > 400} == {}
