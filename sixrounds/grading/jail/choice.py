"""The jail to use on this machine: the best whose promises hold when it is tried."""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sixrounds.errors import SixRoundsError
from sixrounds.grading.jail import view

RUNGS = ("bubblewrap", "landlock")  # best first
SECONDS = 20.0  # for a try, on a machine that is busy with other things
# The jail without the rest of the grader, whose imports take longer than the try.
ALONE = (
    "import sys, types; jail = types.ModuleType('sixrounds.grading'); "
    "jail.__path__ = [sys.argv.pop(1)]; sys.modules['sixrounds.grading'] = jail; "
)
TRY = ALONE + "from sixrounds.grading.jail.trial import main; main(*sys.argv[1:])"
PACKAGE = Path(__file__).parents[2]


@dataclass(frozen=True)
class Jail:
    """A rung of the ladder: "bubblewrap", "landlock" or "none"."""

    name: str

    def command(self, argv: Sequence[str], readable: Sequence[Path]) -> list[str]:
        """What starts the fork server `argv`, able to read the system, Python and `readable`."""
        if self.name == "bubblewrap":
            from sixrounds.grading.jail import bubblewrap  # noqa: PLC0415  Linux only

            return bubblewrap.command(argv, readable)
        if self.name == "landlock":
            from sixrounds.grading.jail import landlock  # noqa: PLC0415  Linux only

            return landlock.command(argv, readable)
        return list(argv)

    def environment(self) -> dict[str, str]:
        """All that the fork server may know of our environment; `prepare` gives it a home."""
        return view.environment("/nonexistent", tempfile.gettempdir())


def choose(rung: str = "auto", *, unsafe: bool = False) -> Jail:
    """The named jail, or by "auto" the best, if it holds here; tried once per process.

    Raises:
        SixRoundsError: none holds, and `unsafe` does not say that one may do without.
    """
    if rung == "none" and unsafe:
        return Jail("none")
    found = {name: failure(name) for name in (RUNGS if rung == "auto" else [rung])}
    for name, why in found.items():
        if not why:
            return Jail(name)
    if unsafe:
        return Jail("none")
    said = "; ".join(f"{name}: {why}" for name, why in found.items())
    raise SixRoundsError(
        f"learners' code cannot be jailed on this machine ({said}); `sixrounds doctor` says how "
        "to mend it, and --unsafe runs the code of people you trust without a jail"
    )


@cache
def failure(name: str) -> str:
    """Why a rung does not hold on this machine; empty if it does."""
    if name not in RUNGS:
        return "no jail" if name == "none" else f"no such jail; there are {', '.join(RUNGS)}"
    if sys.platform != "linux":
        return "only on Linux"
    shown = exposed()
    if shown:
        return (
            f"{shown} is shown with Python and holds private files; make an environment elsewhere"
        )
    return attempt(Jail(name))


def attempt(jail: Jail) -> str:
    """What went wrong when a rung was tried."""
    with tempfile.TemporaryDirectory(prefix="sixrounds-") as folder:
        secret = Path(folder, "secret.txt")
        secret.write_text("secret")
        program = [sys.executable, "-c", TRY, str(PACKAGE / "grading"), jail.name, str(secret)]
        try:
            done = subprocess.run(
                jail.command(program, [PACKAGE]),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                cwd=folder,
                env=jail.environment(),
                timeout=SECONDS,
                check=False,
            )
        except FileNotFoundError as error:
            return f"{error.filename} is not installed"
        except subprocess.TimeoutExpired:
            return f"no answer within {SECONDS:g} s"
    last = (done.stderr.strip() or f"exit code {done.returncode}").splitlines()[-1]
    return last if done.returncode else ""


def exposed() -> Path | None:
    """A folder that any jail must show and that would show what is private with it.

    So does an environment that was made in the clone's own folder, or Python installed in a home.
    """
    private = [Path.home(), Path.cwd(), PACKAGE.parent / "solutions"]
    shown = [*view.system(), *view.python()]
    return next((path for path in shown for one in private if one.is_relative_to(path)), None)
