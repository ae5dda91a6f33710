"""Validation: each fault an author can make is refused, at its line, with its mend."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from small import PATH, SOURCE, lesson, line_of, problems, swap

from sixrounds.errors import SixRoundsError
from sixrounds.paths import find_root
from sixrounds.source import Problem, SourceError, load, parse, validate
from sixrounds.source.validate import MAX_ID


@dataclass(frozen=True)
class Fault:
    """The small lesson with `old` turned into `new`, and what must be said about it.

    The line to blame is the first that holds `at` in the broken text; without `at` it is the one
    where the change begins, plus `shift`. `more` allows other problems that follow from it.
    """

    name: str
    old: str
    new: str
    what: str
    mend: str
    at: str = ""
    shift: int = 0
    more: bool = False

    @property
    def text(self) -> str:
        """The broken source."""
        return swap(self.old, self.new)

    @property
    def line(self) -> int:
        """The line to blame."""
        if self.at:
            return line_of(self.at, self.text)
        return SOURCE[: SOURCE.index(self.old)].count("\n") + 1 + self.shift


HIDDEN = '    assert double(value) == sum([value, value]), "a random number"'
FIRST = "from sixrounds.testing import pyrandom"
LAST = "### END HIDDEN TESTS"
SHOWN = "print(half(4))"
WORDS = "# One idea."
LONG = "x" * (MAX_ID + 1)
WIDE = "y = " + "y" * 76
TWO = 'mistake="QUERY" active="py" name="two"'
WRITTEN = 'manual="why_double"'
TALLY_TESTS = 'tests="Tally" points=3'
IN_CELL = "in the same cell"
SAY = "name the kind of case in a string, without its data"
DRAW = 'draw from sixrounds.testing.rng("double") or .pyrandom("double")'
EXERCISE_LINE = 'exercise="QUERY"'


def draw(line: str, what: str) -> Fault:
    """A line in the hidden tests that makes cases of its own."""
    return Fault(line, HIDDEN, f"{HIDDEN}\n{line}", what, DRAW, shift=1)


def silent(line: str, what: str, mend: str = SAY) -> Fault:
    """A line in the hidden tests that fails without saying what kind of case it was."""
    return Fault(line, HIDDEN, f"{HIDDEN}\n{line}", what, mend, shift=1)


def mark(old: str, new: str, what: str, mend: str, more: bool = False) -> Fault:
    """A change of the line that starts a cell."""
    return Fault(new, old, new, what, mend, more=more)


RANDOMNESS = [
    draw("default_rng(7)", "default_rng(…) has a seed of its own"),
    draw("np.random.default_rng(7)", "np.random.default_rng(…) has a seed"),
    draw("np.random.seed(1)", "np.random.seed(…) has a seed"),
    draw("np.random.normal()", "np.random.normal(…) draws outside of the seed"),
    draw("random.Random(1)", "random.Random(…) has a seed"),
    draw("random.random()", "random.random(…) draws outside of the seed"),
    draw("    random.random()", "random.random(…) draws outside of the seed"),
    draw("from random import Random, choice", "import choice draws outside of the seed"),
    draw("draw.seed(1)", "draw.seed(…) has a seed"),
    draw("torch.manual_seed(3)", "torch.manual_seed(…) has a seed"),
    draw("shift(9, seed=4)", "shift(…) has a seed"),
    draw("norm.rvs(3, random_state=4)", "norm.rvs(…) has a seed"),
    draw('rng("other")', "rng(…) does not name its own exercise"),
    draw('sixrounds.testing.rng("other")', "rng(…) does not name its own exercise"),
    draw("pyrandom()", "pyrandom(…) does not name its own exercise"),
]
MESSAGES = [
    silent("assert 2 > 1", "a hidden assert without a plain message"),
    silent('assert 2 > 1, f"{draw}"', "a hidden assert without a plain message"),
    silent('assert 2 > 1, "got " + str(draw)', "a hidden assert without a plain message"),
    silent('assert 2 > 1, ""', "a hidden assert without a plain message"),
    silent("raise AssertionError", "a hidden AssertionError without a plain message"),
    silent("raise AssertionError()", "a hidden AssertionError without a plain message"),
    silent('raise AssertionError(f"{draw}")', "a hidden AssertionError without a plain message"),
    Fault("first hidden line", FIRST, f"assert 1\n{FIRST}", "a hidden assert", SAY),
    Fault("last hidden line", LAST, f"assert 1\n{LAST}", "a hidden assert", SAY),
    silent("np.testing.assert_allclose(1, 1)", "prints the data of its case", "write assert"),
    Fault(
        "the answer's number last",
        LAST,
        f"double(3)\n{LAST}",
        "ends in what the answer returns",
        "nbgrader takes a number there",
    ),
]
NAMES = [
    Fault(
        "two exercises of one name",
        f"# %% {TWO}",
        f'# %% exercise="double"\ndouble = 3\n\n# %% {TWO}',
        f"the id 'double' is taken by {PATH}:{line_of('def double') - 1}",
        "choose another name",
        more=True,
    ),
    mark(WRITTEN, 'manual="Tally"', "the id 'Tally' is taken by", "choose another name"),
    mark(WRITTEN, f'manual="{LONG}"', "is not a grade id", f"at most {MAX_ID}"),
    mark(WRITTEN, 'manual="why-double"', "'why-double' is not a grade id", "letters, digits and _"),
    mark(WRITTEN, 'manual="why double"', "'why double' is not a grade id", "letters, digits and _"),
    mark(WRITTEN, 'manual=""', "'' is not a grade id", "letters, digits and _"),
    mark(WRITTEN, "manual=5", "'5' is not a grade id", "letters, digits and _"),
    Fault(
        "reference of another name",
        'def double(value):\n    """Twice',
        'def twice(value):\n    """Twice',
        "the reference does not define 'double'",
        "name the id after what it defines",
        at='exercise="double"',
    ),
    Fault(
        "variant of another name",
        'QUERY = "SELECT 2 AS two"',
        'QUERY_2 = "SELECT 2 AS two"',
        "'two' does not define 'QUERY'",
        "with the exercise's own name",
        at=TWO,
    ),
    Fault(
        "accepted answer of another name",
        'QUERY = "SELECT 1 AS one"',
        "pass",
        "'one line' does not define 'QUERY'",
        "with the exercise's own name",
        at='name="one line"',
    ),
    mark(f" {TWO}", ' mistake="QUERY" active="py"', "an answer of QUERY without a name", "name="),
    Fault(
        "two answers of one name",
        'accepts="QUERY" active="py" name="one line"',
        'accepts="QUERY" active="py" name="two"',
        "two answers of QUERY are called 'two'",
        "give each a name of its own",
        more=True,
    ),
]
PARTS = [
    Fault(
        "exercise without tests",
        '# %% tests="QUERY" points=1\nassert "one" in QUERY\n\n',
        "",
        "QUERY: an exercise without tests",
        'add a cell `# %% tests="QUERY"`',
        at=EXERCISE_LINE,
    ),
    Fault(
        "exercise without a solution",
        '### BEGIN SOLUTION\nQUERY = """\nSELECT 1 AS one\n"""\n### END SOLUTION',
        "QUERY = 1",
        "QUERY: no solution region",
        "### BEGIN/END SOLUTION",
        at=EXERCISE_LINE,
    ),
    mark(TALLY_TESTS, 'tests="Tally"', "tests without points", "add points=1 or more"),
    mark(TALLY_TESTS, 'tests="Tally" points=0', "tests without points", "a whole number"),
    mark(TALLY_TESTS, 'tests="Tally" points=-1', "tests without points", "a whole number"),
    mark(TALLY_TESTS, 'tests="Tally" points=1.5', "tests without points", "a whole number"),
    mark(TALLY_TESTS, 'tests="Tally" points="3"', "tests without points", "a whole number"),
    mark(f"{WRITTEN} points=4", WRITTEN, "manual without points", "add points=1"),
    Fault(
        "mistake without a hint",
        "# What does a 1 add?\n",
        "",
        "the mistake 'forgets to double' has no hint",
        "start the cell with a comment that asks the right question",
        shift=-1,
    ),
    Fault(
        "hint below the code",
        "# What does a 1 add?\nclass Tally:",
        "class Tally:\n    # What does a 1 add?",
        "the mistake 'forgets to double' has no hint",
        "start the cell with a comment",
        shift=-1,
    ),
    Fault(
        "one mistake for a short reference",
        'mistake="QUERY" active="py" name="no name"',
        'accepts="QUERY" active="py" name="no name"',
        "QUERY: 1 mistakes",
        "write at least 2, each with exactly one misconception",
        at=EXERCISE_LINE,
    ),
    Fault(
        "two mistakes for a longer reference",
        'mistake="Tally" active="py" name="counts"',
        'accepts="Tally" active="py" name="counts"',
        "Tally: 2 mistakes",
        "write at least 3",
        at='exercise="Tally"',
    ),
    Fault(
        "nothing accepted",
        '# %% accepts="QUERY" active="py" name="one line"\nQUERY = "SELECT 1 AS one"\n',
        "",
        "QUERY: no accepts",
        "add a right answer in another style",
        at=EXERCISE_LINE,
    ),
    Fault(
        "no rubric",
        "# ### BEGIN RUBRIC\n# Four points for a reason.\n# ### END RUBRIC\n",
        "",
        "lacks a question, a model answer or a rubric",
        "then BEGIN/END RUBRIC",
        at=WRITTEN,
    ),
    Fault(
        "empty rubric", "# Four points for a reason.", "#", "lacks", "BEGIN/END RUBRIC", at=WRITTEN
    ),
    Fault("no model answer", "# Because half is not enough.", "#", "lacks", "SOLUTION", at=WRITTEN),
    Fault("no question", "# Why double anything?", "#", "lacks a question", "first", at=WRITTEN),
    Fault(
        "todo without its import",
        "import sixrounds\n",
        "import math\n",
        "QUERY: the stub needs `import sixrounds`",
        "import it in a setup cell",
        at=EXERCISE_LINE,
    ),
    Fault(
        "class whose stub cannot be defined",
        "    def __init__(self):\n        ### BEGIN SOLUTION\n",
        "    ### BEGIN SOLUTION\n    def __init__(self):\n",
        "the stub of the class Tally could not even be defined",
        "inside each method",
        at='exercise="Tally"',
    ),
]
MARKS = [
    mark(EXERCISE_LINE, 'excercise="QUERY"', "unknown mark 'excercise'", "write 'exercise'", True),
    mark('tags=["setup"]', 'tag=["setup"]', "unknown mark 'tag'", "write 'tags'", True),
    Fault(
        "a figure hidden by a value",
        SHOWN,
        "half(4)",
        "a figure cell that ends with a value",
        "semicolon",
        at="mystnb=",
    ),
    mark("mystnb=", "zzz=", "unknown mark 'zzz'", "see the marks in CONTRIBUTING.md"),
    mark('probe="Tally"', "probe=Tally", "'probe=Tally' is no mark", 'write marks as key="text"'),
    mark("# %% mystnb=", "# %% Halves mystnb=", "'Halves' is no mark", 'key="text"'),
    mark('probe="Tally"', 'probe="Tally" tests="Tally"', "can have one mark", "split the cell"),
    mark('probe="Tally"', 'probe="Tally" tags=["setup"]', "can have one mark", "split the cell"),
    mark('tests="QUERY"', 'tests="QUERRY"', "'QUERRY', which is no exercise", "'QUERY'", True),
    mark('probe="Tally"', 'probe="other"', "probe for 'other', which is no exercise", "add the"),
    mark('needs="double"', 'needs="QUERY"', "needs='QUERY' is no earlier", "one that comes before"),
    mark('needs="double"', 'needs="Tally"', "needs='Tally' is no earlier", "one that comes before"),
    mark('needs="double"', 'needs="x"', "needs='x' is no earlier", "one that comes before"),
    mark(
        TALLY_TESTS, f'{TALLY_TESTS} needs="double"', "needs= on a cell of kind tests", "exercise"
    ),
    mark(EXERCISE_LINE, f"{EXERCISE_LINE} points=3", "points= on a cell of kind exercise", "tests"),
    mark('probe="Tally"', 'probe="Tally" name="x"', "name= on a cell of kind probe", "mistake"),
    Fault(
        "tests before the exercise",
        "# One idea.\n",
        '# One idea.\n\n# %% tests="double" points=1\nassert True\n',
        "tests before the exercise 'double'",
        "move it below the exercise cell",
        shift=2,
    ),
    mark(TWO, 'mistake="QUERY" name="two"', "mistake cell that is code", 'write active="py"'),
    mark('accepts="QUERY" active="py"', 'accepts="QUERY"', "accepts cell that is code", "active="),
    mark(
        'tests="QUERY"', 'tests="QUERY" active="py"', "tests cell that is raw", "remove [markdown]"
    ),
    mark("# %% mystnb=", '# %% active="py" mystnb=', "lesson cell that is raw", "and active="),
    mark("[markdown] manual=", "manual=", "manual cell that is code", "write [markdown]", True),
]
REGIONS = [
    Fault(
        "solution never closed",
        '    ### END SOLUTION\n\n# %% tests="double" points=1',
        '\n# %% tests="double" points=1',
        "BEGIN SOLUTION is never closed",
        IN_CELL,
        at="### BEGIN SOLUTION",
    ),
    Fault(
        "hidden tests never opened",
        "### BEGIN HIDDEN TESTS\n",
        "",
        "END HIDDEN TESTS without its BEGIN",
        IN_CELL,
        at="### END HIDDEN TESTS",
    ),
    Fault(
        "one region in another",
        "draw = pyrandom",
        "### BEGIN SOLUTION\ndraw = pyrandom",
        "BEGIN SOLUTION inside the open HIDDEN TESTS",
        IN_CELL,
    ),
    Fault(
        "closed by another",
        "### END HIDDEN TESTS",
        "### END SOLUTION",
        "END SOLUTION without its BEGIN",
        IN_CELL,
    ),
    Fault(
        "solution in a lesson cell",
        SHOWN,
        f"### BEGIN SOLUTION\n{SHOWN}\n### END SOLUTION",
        "BEGIN SOLUTION in a lesson cell",
        "remove the markers or mark the cell",
    ),
    Fault(
        "hidden tests in text",
        WORDS,
        "# ### BEGIN HIDDEN TESTS\n# x\n# ### END HIDDEN TESTS",
        "BEGIN HIDDEN TESTS in a text cell",
        "remove the markers",
    ),
    Fault(
        "solution in tests",
        'assert "one" in QUERY',
        'x = 1\n### BEGIN SOLUTION\nassert "one" in QUERY\n### END SOLUTION',
        "BEGIN SOLUTION in a tests cell",
        "remove the markers",
        shift=1,
    ),
    Fault(
        "solution in a mistake",
        'QUERY = "SELECT 2 AS two"',
        '### BEGIN SOLUTION\nQUERY = "SELECT 2 AS two"\n### END SOLUTION',
        "BEGIN SOLUTION in a mistake cell",
        "remove the markers",
        more=True,
    ),
    Fault(
        "unknown region",
        'assert "one" in QUERY',
        '### BEGIN ANSWER\nassert "one" in QUERY\n### END ANSWER',
        "BEGIN ANSWER in a tests cell",
        "remove the markers",
    ),
    *(
        Fault(
            begin,
            'assert "one" in QUERY',
            f'x = 1\n{begin}\nassert "one" in QUERY\n{begin.replace("BEGIN", "END")}',
            "this looks like a marker and is none",
            "write exactly one of ### BEGIN SOLUTION, ### BEGIN HIDDEN TESTS",
            shift=1,
            more=True,  # its END
        )
        for begin in ("## BEGIN HIDDEN TESTS", "###BEGIN HIDDEN TESTS", "### BEGIN hidden tests:")
    ),
]
SHAPE = [
    Fault(
        "lesson of 16 lines",
        SHOWN,
        "\n".join([SHOWN] * 15),
        "a lesson cell of 16 lines",
        "split it: one idea a cell, 15 lines at most",
        at="mystnb=",
    ),
    *(
        Fault(f"80 columns {where}", old, f"{old}\n{line}", "80 columns", "at 79", shift=1)
        for where, old, line in [
            ("in a lesson", SHOWN, WIDE),
            ("in a setup cell", "import sixrounds", WIDE),
            ("in a solution", "        self.count += 1", f"        {WIDE[8:]}"),
            ("below hidden tests", "### END HIDDEN TESTS", WIDE),
        ]
    ),
    Fault(
        "80 columns between solutions",
        '    def add(self, value):\n        """Count',
        f'    # {WIDE[6:]}\n    def add(self, value):\n        """Count',
        "80 columns",
        "break it at 79",
    ),
    *(
        Fault(
            f"syntax error in {where}",
            old,
            f"{old}\n{' ' * (len(old) - len(old.lstrip()))}x = = 1",
            "not Python: invalid syntax",
            "mend the syntax",
            shift=1,
            more=where == "a solution",
        )
        for where, old in [
            ("a lesson", SHOWN),
            ("a solution", "    return value + value"),
            ("hidden tests", HIDDEN),
            ("a mistake", 'QUERY = "SELECT 1"'),
            ("a probe", "    tally = Tally()"),
        ]
    ),
    Fault("never closed", SHOWN, "print(\n1,\n", "not Python", "mend the syntax"),
    Fault("a magic", SHOWN, "%timeit half(4)", "not Python", "mend the syntax"),
    Fault(
        "text that is no comment",
        WORDS,
        f"{WORDS}\nAnother idea.",
        "a line of text that is no comment",
        "start it with #",
        shift=1,
    ),
    Fault(
        "empty line in a text",
        "#\n# One idea.",
        "\n# One idea.",
        "a line of text that is no comment",
        "an empty one too",
    ),
    Fault(
        "cell marker in a string",
        SHOWN,
        'text = """\n# %% not a cell\n"""',
        "cell markers but",
        "keep `# %%` out of strings",
        shift=1,
    ),
    Fault(
        "code before the first cell",
        "# %% [markdown]\n# # A small",
        "x = 1\n\n# %% [markdown]\n# # A small",
        "cell markers but",
        "a header like that of `sixrounds new`, then a `# %%` cell",
        shift=2,
    ),
]
FAULTS = RANDOMNESS + MESSAGES + NAMES + PARTS + MARKS + REGIONS + SHAPE


def test_small_lesson_has_no_fault() -> None:
    """If this breaks, authors of right lessons are refused, and the table below proves nothing."""
    assert problems(SOURCE) == []
    assert len(lesson().cells) == SOURCE.count("# %%")


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_fault_is_named_at_its_line_with_its_mend(fault: Fault) -> None:
    """If this breaks, an author ships this fault, or searches for it in a wrong place."""
    found = problems(fault.text)
    said = "\n".join(map(str, found)) or "nothing"
    right = [
        one
        for one in found
        if one.line == fault.line and fault.what in one.what and fault.mend in one.mend
    ]
    assert right, f"wanted line {fault.line}: {fault.what}: {fault.mend}; found {said}"
    assert fault.more or len(found) == 1, f"one fault was reported as several: {said}"


def test_wide_lines_and_seeds_are_free_where_nobody_sees_them() -> None:
    """If this breaks, authors must reformat hidden tests and mistakes that no page shows."""
    for old, new in [
        (HIDDEN, f"{HIDDEN}\n    # {WIDE}"),
        ("    # not the hint", f"    # {WIDE}"),
        ("assert double(0) == 0", "assert double(0) == 0\nassert double(1)"),
        (LAST, f"{LAST}\nassert double(1)"),
        ("assert double(2) == 4", "assert double(2) == 4\nrandom.seed(1)"),
        (WORDS, f"# {WIDE}"),
    ]:
        assert problems(swap(old, new)) == []


def test_lesson_cell_of_15_lines_and_79_columns_is_fine() -> None:
    """If this breaks, the limits of the style guide and of the validator differ."""
    text = swap(SHOWN, "\n".join([SHOWN] * 13 + ["y = " + "y" * 75]))
    assert problems(text) == []
    assert max(len(cell.source.split("\n")) for cell in lesson(text).cells[:3]) == 15


def test_id_of_50_characters_is_fine() -> None:
    """If this breaks, the limit stated in the error is not the real one."""
    assert problems(SOURCE.replace("why_double", LONG[1:])) == []


def test_all_faults_of_a_file_are_reported_at_once_and_in_order() -> None:
    """If this breaks, an author mends one fault per run."""
    text = SOURCE
    for old, new in [
        ("mystnb=", "zzz="),
        (HIDDEN, f"{HIDDEN}\n    random.random()"),
        ("# What does a 1 add?\n", ""),
        (TALLY_TESTS, 'tests="Tally"'),
        (WRITTEN, 'manual="why-double"'),
    ]:
        text = swap(old, new, text)
    lines = [problem.line for problem in problems(text)]
    parts = ("zzz=", "    random.random()", 'tests="Tally"', "forgets to double", "why-double")
    assert lines == [line_of(part, text) for part in parts]


def test_all_unreadable_cells_are_reported_at_once() -> None:
    """If this breaks, an author mends one marker per run."""
    text = swap("### END HIDDEN TESTS\n", "")
    text = swap('probe="Tally"', 'probe="Tally" tests="Tally"', text)
    found = problems(text)
    assert [one.line for one in found] == [line_of("BEGIN HIDDEN", text), line_of("probe=", text)]


def test_problem_reads_as_file_line_fault_and_mend() -> None:
    """If this breaks, editors cannot jump to the fault and authors do not learn its mend."""
    (problem,) = problems(swap(TALLY_TESTS, 'tests="Tally"'))
    line = line_of(TALLY_TESTS)
    mend = "tests without points: add points=1 or more, a whole number"
    assert str(problem) == f"{PATH}:{line}: {mend}"
    error = SourceError([problem, Problem(PATH, 1, "x", "y")])
    assert str(error).split("\n") == [f"{PATH}:1: x: y", str(problem)]
    assert isinstance(error, SixRoundsError)


def test_id_taken_in_another_file() -> None:
    """If this breaks, two notebooks overwrite each other's scores in the gradebook."""
    other = PATH.with_name("08_other.py")
    with pytest.raises(SourceError) as caught:
        validate([lesson(), lesson(path=other)])
    found = caught.value.problems
    assert {one.path for one in found} == {other}
    lines = [line_of(f'exercise="{name}"') for name in ("double", "Tally", "QUERY")]
    assert [one.line for one in found] == [*lines, line_of(WRITTEN)]
    assert f"the id 'double' is taken by {PATH}:{lines[0]}" in found[0].what


def tree(root: Path, files: dict[str, bytes]) -> Path:
    """A project with these sources of round 2."""
    folder = root / "solutions" / "round2_coding"
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return root


def test_missing_file_is_one_clear_line(tmp_path: Path) -> None:
    """If this breaks, a mistyped path gives a traceback."""
    with pytest.raises(SourceError, match=r"01_gone\.py:1: no such file: check the path$"):
        parse(tmp_path / "01_gone.py")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty: run `sixrounds new CHAPTER TOPIC`"),
        (b" \n\n", "the file is empty: run `sixrounds new CHAPTER TOPIC`"),
        (SOURCE.encode("utf-16"), "not UTF-8 text: save it as UTF-8"),
        (b"x = 1\n", "0 cell markers but 1 cells: start with a header"),
    ],
    ids=["empty", "blank", "utf-16", "no cells"],
)
def test_unusable_file_is_one_clear_line_beside_the_faults_of_others(
    tmp_path: Path, content: bytes, said: str
) -> None:
    """If this breaks, one bad file hides the faults of all others, or gives a traceback."""
    broken = swap(TALLY_TESTS, 'tests="Tally"').encode()
    root = tree(tmp_path, {"01_bad.py": content, "02_small.py": broken})
    with pytest.raises(SourceError) as caught:
        load(root)
    first, second = caught.value.problems
    assert (first.path.name, first.line) == ("01_bad.py", 1)
    assert said in str(first)
    assert (second.path.name, second.line) == ("02_small.py", line_of(TALLY_TESTS))
    with pytest.raises(SourceError) as caught:
        load(root, "02_small")
    assert [*caught.value.problems] == [second], "who works on one lesson need not mend the others"


def test_windows_files_are_read_as_others(tmp_path: Path) -> None:
    """If this breaks, an author on Windows is told that a right lesson has no cells."""
    content = ("\ufeff" + SOURCE.replace("\n", "\r\n")).encode()
    (read,) = load(tree(tmp_path, {"07_small.py": content}))
    assert [cell.source for cell in read.cells] == [cell.source for cell in lesson().cells]


def test_load_selects_and_orders(tmp_path: Path) -> None:
    """If this breaks, `sixrounds prove PATTERN` proves other lessons than asked for."""
    plain = b"# %%\nx = 1\n"
    root = tree(tmp_path, {"02_b.py": plain, "01_a.py": plain})
    (root / "solutions" / "round1_recruiter_screen").mkdir()
    (root / "solutions" / "round1_recruiter_screen" / "09_c.py").write_bytes(plain)
    assert [one.topic for one in load(root)] == ["09_c", "01_a", "02_b"]
    assert [one.topic for one in load(root, "round2*")] == ["01_a", "02_b"]
    with pytest.raises(SixRoundsError, match=r"^nothing: matches no notebook; there are: round1"):
        load(root, "nothing")


@pytest.mark.parametrize("name", ["frames", "heavy"])
def test_the_lessons_of_the_benchmarks_are_valid(name: str) -> None:
    """`make bench` would stop at its first step, and nobody would know before a release."""
    root = find_root(Path(__file__))
    assert load(root, folder=root / "benchmarks" / "lessons" / name)
