"""What a fork server lives by: warm caches, boxes that go, limits on top of what the setup took."""

from collections.abc import Callable
from typing import Any

import pytest
from jailing import SERVER

RUNGS = ("bubblewrap", "landlock")
Run = Callable[..., Any]

CACHE = """
cache = Path(os.environ['HOME'], '.cache')
cache.mkdir()
compiled = cache / 'compiled'
compiled.write_text('warm')
"""


@pytest.mark.parametrize("rung", RUNGS)
def test_caches_stay_clean(rung: str, run: Run) -> None:
    """An answer would leave code in a cache, for the next one and for the server to run."""
    work = """
def spoil():
    compiled.write_text('spoiled')
say(spoil)
print(json.dumps([say(compiled.read_text) == 'spoiled', compiled.read_text()]))
"""
    assert run(rung, SERVER.format(setup=CACHE, work=work)) == [False, "warm"]


def test_caches_are_warm(run: Run) -> None:
    """PyTensor would compile in each answer what the setup compiled already: seconds."""
    work = "print(json.dumps(say(compiled.read_text)))"
    assert run("bubblewrap", SERVER.format(setup=CACHE, work=work)) == "warm"


def test_caches_can_grow(run: Run) -> None:
    """PyTensor could not compile in an answer what the setup did not."""
    work = """
def grow():
    (cache / 'more').write_text('more')
    return (cache / 'more').read_text()
print(json.dumps([say(grow), (cache / 'more').exists()]))
"""
    assert run("bubblewrap", SERVER.format(setup=CACHE, work=work)) == ["more", False]


@pytest.mark.parametrize("rung", RUNGS)
def test_memory_comes_on_top(rung: str, run: Run) -> None:
    """Answers of a torch lesson would have no memory at all, or those of others all there is."""
    setup = "import mmap; large = mmap.mmap(-1, 4 << 30)"
    work = """
def take(mb):
    return len(bytearray(mb << 20)) >> 20
small = Limits(memory_mb=300)
print(json.dumps([say(lambda: take(200), small), say(lambda: take(400), small)]))
"""
    said = run(rung, SERVER.format(setup=setup, work=work))
    assert said == [200, "MemoryError: "]


@pytest.mark.parametrize("rung", [*RUNGS, "none"])
def test_boxes_are_removed(rung: str, run: Run, tmp_path: Any) -> None:
    """What answers wrote would fill the disk, or lie there to be read."""
    work = """
def write():
    Path('mine').write_text('x')
    return os.getcwd()
where = [say(write), say(write)]
print(json.dumps([Path(one, 'mine').exists() for one in where]))
"""
    assert run(rung, SERVER.format(setup="", work=work)) == [False, False]
    assert not list(tmp_path.rglob("mine"))
    assert not list(tmp_path.rglob("box-*"))


@pytest.mark.parametrize("rung", RUNGS)
def test_what_is_shown(rung: str, run: Run) -> None:
    """The editable install would not import, or bring the whole repository with it."""
    work = """
def look():
    import sixrounds.testing
    top = Path(sixrounds.__file__).parents[1]
    names = ('solutions', 'tests', '.git', 'build', 'notebooks')
    return [name for name in names if listed(top / name)]
def listed(path):
    try:
        return bool(os.listdir(path))
    except OSError:
        return False
print(json.dumps(say(look)))
"""
    assert run(rung, SERVER.format(setup="import sixrounds", work=work)) == []


@pytest.mark.parametrize("rung", RUNGS)
def test_the_first_process_is_enough(rung: str, run: Run) -> None:
    """Killing what `fork` named, which is all that the server knows, would not end the answer."""
    work = """
import time
reader, writer = os.pipe()
pid = os.fork()
if not pid:
    dumpable(True)
    enter(sys.argv[1], Limits())
    os.write(writer, b'+')
    while True:
        pass
os.close(writer)
os.read(reader, 1)
os.kill(pid, 9)
import select
ended = bool(select.select([reader], [], [], 5)[0]) and not os.read(reader, 1)
reap([pid])
print(json.dumps(ended))
"""
    assert run(rung, SERVER.format(setup="", work=work)) is True


def test_out_of_the_shell(run: Run) -> None:
    """An answer would run where the rung does not hold, instead of nowhere."""
    work = """
sys.argv[1] = 'bubblewrap'
print(json.dumps(say(lambda: 'entered')))
"""
    assert "Error" in run("none", SERVER.format(setup="", work=work))
