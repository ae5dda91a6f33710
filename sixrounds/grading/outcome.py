"""What one tests cell says, in words a learner may read.

A failure in the visible part is told with its line and values. A failure in the hidden part is
told by the kind of case alone: the plain message that every hidden assert must have.
"""

import ast
import traceback
from dataclasses import dataclass

from sixrounds.grading.verdict import Status
from sixrounds.grading.watch import compared, shown
from sixrounds.grading.wire.channel import GoneError
from sixrounds.source import markers

NO_KIND = "a hidden test"
UNSUPPORTED = "the answer gives what cannot be graded automatically; it will be looked at by hand"
MISMATCHES = {("sixrounds.sql.judge", "Mismatch"), ("sixrounds.cuda.expect", "Mismatch")}


class OutOfTimeError(BaseException):
    """The deadline passed. Not an Exception, so that `except Exception` cannot swallow it."""


class UnsupportedError(BaseException):
    """A value cannot cross between the answer and its tests: a person has to look."""


@dataclass(frozen=True)
class Outcome:
    """The result of one tests cell; `credit` is the points of an answer that earned a part."""

    status: Status
    message: str = ""
    credit: float | None = None


def credited(given: float, points: float, grade_id: str) -> Outcome:
    """The outcome of a tests cell that gives so many of its points."""
    if given > points:
        said = f"{grade_id} gives {given:g} of {points:g} points, an error of the tests"
        return Outcome(Status.UNSUPPORTED, f"{said}; it will be looked at by hand")
    if given == points:
        return Outcome(Status.PASSED)
    return Outcome(Status.FAILED, f"{given:g} of {points:g} points", given)


def describe(  # noqa: PLR0911  one return per kind of end
    error: BaseException, source: str, filename: str, limit: float, *, met_hidden: bool = False
) -> Outcome:
    """The outcome of a tests cell that raised.

    Once an answer has met hidden cases, here or in an earlier cell (`met_hidden`), it could have
    kept them and put them into any later error: from then on no text of its own is shown.
    """
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno or 0 for frame in frames if frame.filename == filename]
    line = lines[-1] if lines else 0
    start = first_hidden(source)
    hidden = met_hidden or (start is not None and line >= start)
    if isinstance(error, OutOfTimeError):
        kind = f" on {kind_of(source, line)}" if hidden else ""
        return Outcome(Status.TIMEOUT, f"stopped after {limit:g} s of computing{kind}")
    if isinstance(error, NotImplementedError):
        said = "" if hidden else str(error)  # an answer can put a hidden case into it
        return Outcome(Status.UNWRITTEN, said or "raises NotImplementedError")
    if isinstance(error, UnsupportedError | GoneError):
        return unusable(error, told=not hidden)
    name = type(error).__name__
    if is_mismatch(error, frames, filename):
        kind = str(getattr(error, "kind", NO_KIND))
        return Outcome(Status.FAILED, f"a hidden test failed: {kind}" if hidden else str(error))
    if isinstance(error, AssertionError) and frames and frames[-1].filename == filename:
        kind = f"a hidden test failed: {kind_of(source, line)}"
        visible = "" if hidden else failed_message(error, source, filename, line)
        return Outcome(Status.FAILED, visible or kind)
    if hidden:  # an answer can put a hidden case into the name of a class, too
        name = next(kind.__name__ for kind in type(error).__mro__ if kind.__module__ == "builtins")
        return Outcome(Status.ERROR, f"raised {name} in a hidden test: {kind_of(source, line)}")
    detail = f": {error}" if str(error) else ""
    return Outcome(Status.ERROR, f"raised {name}{detail}, at: {statement_at(source, line)}")


def unusable(error: UnsupportedError | GoneError, *, told: bool = True) -> Outcome:
    """The outcome when an answer cannot be asked, or not understood; `told`: with the details."""
    if isinstance(error, UnsupportedError):
        return Outcome(Status.UNSUPPORTED, f"{UNSUPPORTED}: {error}" if told else UNSUPPORTED)
    if error.late:
        return Outcome(Status.TIMEOUT, "your code did not stop")
    said = "its answer cannot be read" if error.damaged else "your code ended the process"
    return Outcome(Status.ERROR, said)


def is_mismatch(error: BaseException, frames: traceback.StackSummary, filename: str) -> bool:
    """Whether `sixrounds.sql` or `sixrounds.cuda` itself found something else than is wanted.

    An answer could raise the same class with any text; then a cell of its own is in the traceback.
    """
    cells = {frame.filename for frame in frames if frame.filename.startswith("<")}
    ours = {cell for cell in cells if cell.startswith("<setup ")}  # helpers of the tests
    found = (type(error).__module__, type(error).__name__)
    return found in MISMATCHES and cells - ours == {filename}


def failed_message(error: AssertionError, source: str, filename: str, line: int) -> str:
    """What a visible assert says: its message, the values it compared, and what had to hold."""
    sides = compared(error.__traceback__, filename, line)
    parts = [str(error)] if str(error) else []
    if sides:
        words = ("off by", "allowed") if has_tolerance(source, line) else ("got", "expected")
        parts.append(f"{words[0]} {shown(sides[0])}, {words[1]} {shown(sides[1])}")
    return "; ".join([*parts, f"this did not hold: {statement_at(source, line)}"])


def has_tolerance(source: str, line: int) -> bool:
    """Whether an assert asks for a difference to be small: `abs(a - b) < 1e-9`, perhaps twice."""
    pairs = [
        pair
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Assert) and node.lineno <= line <= (node.end_lineno or 0)
        for pair in ast.walk(node.test)
        if isinstance(pair, ast.Compare)
    ]
    return bool(pairs) and all(
        isinstance(pair.left, ast.Call)
        and ast.unparse(pair.left.func) == "abs"
        and isinstance(pair.ops[0], ast.Lt | ast.LtE)
        for pair in pairs
    )


def first_hidden(source: str) -> int | None:
    """The first line (from 1) of the hidden part; None without one."""
    lines = [piece.line + 1 for piece in markers.split(source) if piece.region == markers.HIDDEN]
    return min(lines, default=None)


def statement_at(source: str, line: int) -> str:
    """The innermost statement that covers a line, on one line.

    Of an assert it is what must hold, without the message; of a block its first line.
    """
    found = ""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or 0):
            shown = node.test if isinstance(node, ast.Assert) else node
            text = ast.get_source_segment(source, shown) or ""
            found = text.split("\n")[0] if hasattr(node, "body") else text
    return " ".join(found.split())


def kind_of(source: str, line: int) -> str:
    """The kind of case that a hidden line belongs to: its own message, else the next one."""
    said = []
    for node in ast.walk(ast.parse(source)):
        text = message_of(node)
        if text is not None and isinstance(node, ast.stmt):
            said.append((node.lineno, node.end_lineno or node.lineno, text))
    for _, last, text in sorted(said):
        if last >= line:
            return text
    return NO_KIND


def message_of(node: ast.AST) -> str | None:
    """The plain message of an assert or of a raised AssertionError."""
    given: ast.expr | None = None
    if isinstance(node, ast.Assert):
        given = node.msg
    elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
        given = node.exc.args[0]
    if isinstance(given, ast.Constant) and isinstance(given.value, str):
        return given.value
    return None
