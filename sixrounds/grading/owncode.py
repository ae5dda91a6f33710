"""What is rested on besides lessons and submissions: the sources of the grader."""

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parent
SOURCES = (".py", ".j2", ".txt", ".h", ".cpp")
# What is done before answers run and after they are judged: it changes no verdict and no call.
LEFT_OUT = frozenset(
    "adversary archive assignments autograded choice cohort course database engine exports "
    "feedback files flat gradebook handout hints intake jail/probes jail/trial late markdown "
    "names notes once preview products proofs prove roster stock structure times work".split()
)
# Outside of the grader's folder: what tests call, by what it is called in a setup.
ROOMS = ("sql", "cuda")
SHARED = ("testing.py", "placeholder.py", "source/code.py", "source/markers.py")


@cache
def own_code() -> str:
    """All sources of the grader: when they change, everything is graded again."""
    return "".join(path.read_text(encoding="utf-8") for path in files(PACKAGE))


def judging_code(setup: Iterable[str]) -> str:
    """The sources that a verdict on a lesson, or a trace of its calls, depends on."""
    text = "\n".join(setup)
    return judging_code_of(tuple(room for room in ROOMS if room in text))


@cache
def judging_code_of(rooms: tuple[str, ...]) -> str:
    """The sources that judge an answer of a lesson that uses these rooms."""
    paths = [path for path in files(PACKAGE) if judges(path)]
    paths += [PACKAGE.parent / name for name in SHARED]
    paths += [path for room in rooms for path in files(PACKAGE.parent / room)]
    return "".join(path.read_text(encoding="utf-8") for path in paths)


def judges(path: Path) -> bool:
    """Whether a file of the grader can change a verdict or a trace."""
    name = path.relative_to(PACKAGE).with_suffix("")
    return not any(part.as_posix() in LEFT_OUT for part in (name, *name.parents))


def files(folder: Path) -> Iterator[Path]:
    """The sources below a folder, in an order that is always the same."""
    return (path for path in sorted(folder.rglob("*")) if path.suffix in SOURCES)
