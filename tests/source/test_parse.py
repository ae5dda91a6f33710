"""Parsing: everything downstream reads lessons only through what is checked here."""

from pathlib import Path

from small import SOURCE, lesson, line_of

import sixrounds
from sixrounds.source import Kind, parse, validate

NEWSVENDOR = Path(__file__).parents[1] / "fixtures" / "round2_coding" / "00_newsvendor.py"


def test_each_mark_gives_its_kind() -> None:
    """If this breaks, cells land in the wrong edition: hidden tests could reach learners."""
    counted = [cell.kind for cell in lesson().cells]
    double = [Kind.EXERCISE, Kind.TESTS, Kind.TESTS, Kind.MISTAKE, Kind.MISTAKE, Kind.ACCEPTS]
    tally = [Kind.EXERCISE, Kind.PROBE, Kind.TESTS, *[Kind.MISTAKE] * 3, Kind.ACCEPTS]
    query = [Kind.EXERCISE, Kind.TESTS, Kind.MISTAKE, Kind.MISTAKE, Kind.ACCEPTS]
    plain = [Kind.TEXT, Kind.SETUP, Kind.LESSON]
    assert counted == [*plain, *double, *tally, *query, Kind.MANUAL]


def test_cells_know_their_lines() -> None:
    """If this breaks, every error message sends the author to a wrong line."""
    lines = SOURCE.split("\n")
    starts = [number for number, line in enumerate(lines, 1) if line.startswith("# %%")]
    cells = lesson().cells
    assert [cell.line for cell in cells] == starts
    code = [cell for cell in cells if cell.form != "markdown"]
    assert all(cell.source.split("\n")[0] == lines[cell.line] for cell in code)
    assert lesson().exercise("Tally").line == line_of('exercise="Tally"')
    assert lesson().exercise("double").mistakes[1].line == line_of('name="adds two"')
    assert lesson().written[0].line == line_of('manual="why_double"')


def test_comments_stay_comments() -> None:
    """If this breaks, a comment like `# copy the rows` becomes code in every notebook."""
    shown = next(cell for cell in lesson().cells if cell.kind is Kind.LESSON)
    assert shown.source.split("\n")[0] == "# copy the result of half"
    words = ("ls of parts", "Why?", "!important", "echo of it", "%timeit x")
    comments = "\n".join(f"# {word}" for word in words)
    assert lesson(f"# %%\n{comments}\nx = 1\n").cells[0].source == f"{comments}\nx = 1"


def test_stub_of_a_function_keeps_signature_and_docstring() -> None:
    """If this breaks, a learner gets the solution, or a cell that is no Python."""
    assert lesson().exercise("double").stub == (
        'def double(value):\n    """Twice a number."""\n    # YOUR CODE HERE\n'
        '    raise NotImplementedError("double is not written yet")'
    )


def test_stub_of_a_class_keeps_every_method() -> None:
    """If this breaks, a learner cannot see which methods to write."""
    stub = lesson().exercise("Tally").stub
    body = '        # YOUR CODE HERE\n        raise NotImplementedError("Tally is not written yet")'
    assert stub == (
        'class Tally:\n    """Adds up doubled numbers."""\n\n'
        f"    def __init__(self):\n{body}\n\n"
        f'    def add(self, value):\n        """Count one number."""\n{body}'
    )
    names: dict[str, type] = {}
    exec(stub, names)  # the class itself can be defined
    assert names["Tally"]


def test_stub_of_a_variable_is_a_todo() -> None:
    """If this breaks, an unwritten query fails with a NameError instead of a clear message."""
    stub = lesson().exercise("QUERY").stub
    assert stub == '# YOUR CODE HERE\nQUERY = sixrounds.todo("QUERY")'
    names = {"sixrounds": sixrounds}
    exec(stub, names)
    try:
        "one" in names["QUERY"]  # noqa: B015
    except NotImplementedError as error:
        assert str(error) == "QUERY is not written yet"
    else:
        raise AssertionError("a todo could be used")


def test_reference_is_the_answer_without_markers() -> None:
    """If this breaks, the reference that grades learners is not what the author wrote."""
    double, query = lesson().exercise("double"), lesson().exercise("QUERY")
    assert double.reference == (
        'def double(value):\n    """Twice a number."""\n    return value + value'
    )
    assert query.reference == 'QUERY = """\nSELECT 1 AS one\n"""'
    assert "BEGIN SOLUTION" in next(c for c in lesson().cells if c.exercise == "double").source


def test_hint_is_the_first_comment_block_and_leaves_the_code() -> None:
    """If this breaks, learners get no hint, or a comment from the middle of the code as one."""
    squares, adds = lesson().exercise("double").mistakes
    assert squares.name == "squares"
    assert squares.hint == "copy 3 into your answer: what is it doubled, and what squared?"
    assert squares.source == "def double(value):\n    # not the hint\n    return value * value"
    assert adds.hint == "Which number is two more than itself twice?"


def test_accepted_answer_keeps_its_comments() -> None:
    """If this breaks, the book shows accepted answers without the author's explanation."""
    (accepted,) = lesson().exercise("double").accepts
    assert accepted.hint == ""
    assert accepted.source.startswith("# An accepted answer has no hint.\ndef double")


def test_points_tests_needs_and_probes_are_gathered() -> None:
    """If this breaks, marks in the gradebook are wrong."""
    double, tally = lesson().exercise("double"), lesson().exercise("Tally")
    assert [cell.points for cell in double.tests] == [1, 2]
    assert (double.points, tally.points) == (3, 3)
    assert (double.needs, tally.needs) == (None, "double")
    assert double.probes == ()
    assert len(tally.probes) == 1
    assert tally.probes[0].startswith("def totals(values):")


def test_written_answer_has_three_parts() -> None:
    """If this breaks, a learner reads the model answer in the question."""
    (written,) = lesson().written
    assert (written.id, written.points) == ("why_double", 4)
    assert written.question == "Why double anything?"
    assert written.answer == "Because half is not enough."
    assert written.rubric == "Four points for a reason."


def test_metadata_keeps_what_is_not_ours() -> None:
    """If this breaks, figures in the book lose their captions and alt texts."""
    shown = next(cell for cell in lesson().cells if cell.kind is Kind.LESSON)
    assert shown.metadata == {"mystnb": {"figure": {"caption": "None."}}}
    assert all(not cell.metadata for cell in lesson().cells if cell.exercise)


def test_path_gives_chapter_and_topic() -> None:
    """If this breaks, products of a lesson are written to a wrong place."""
    assert (lesson().chapter, lesson().topic) == ("round2_coding", "07_small")
    assert lesson().key == "round2_coding/07_small"


def test_model_lesson_parses_and_validates() -> None:
    """If this breaks, the example that every author copies is refused."""
    newsvendor = parse(NEWSVENDOR)
    validate([newsvendor])
    (exercise,) = newsvendor.exercises
    assert exercise.id == "order_quantity"
    assert exercise.points == 4
    assert len(exercise.mistakes) == 4
    assert len(exercise.accepts) == 1
    assert len([cell for cell in newsvendor.cells if cell.kind is Kind.LESSON]) == 4
