"""A class list: a CSV file with the columns id[,first_name,last_name,email] and a header."""

import csv
from pathlib import Path

from sixrounds.errors import SixRoundsError

COLUMNS = ("id", "first_name", "last_name", "email")
MAX_ID = 128  # what nbgrader's database holds


def read_roster(path: Path) -> list[dict[str, str]]:
    """The students, each with `id` and what else is filled in.

    Raises:
        SixRoundsError: the file cannot be used; the message names the line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise SixRoundsError(f"{path}: no such roster; check the path") from None
    except (UnicodeDecodeError, OSError):
        raise SixRoundsError(f"{path}: not UTF-8 text; save the roster as CSV, UTF-8") from None
    reader = csv.reader(text.splitlines())
    header = [name.strip() for name in next(reader, [])]
    if "id" not in header or len(set(header)) < len(header) or not set(header) <= set(COLUMNS):
        found = ",".join(header) or "nothing"
        raise SixRoundsError(
            f"{path}:1: the header must name the columns id[,first_name,last_name,email], it has "
            f"{found}; mend the first line"
        )
    students: dict[str, dict[str, str]] = {}
    for row in reader:
        if not any(cell.strip() for cell in row):
            continue
        fault = fault_of(row, header, students)
        if fault:
            raise SixRoundsError(f"{path}:{reader.line_num}: {fault}")
        student = {name: cell.strip() for name, cell in zip(header, row, strict=True)}
        students[student["id"]] = {key: value for key, value in student.items() if value}
    return list(students.values())


def fault_of(row: list[str], header: list[str], students: dict[str, dict[str, str]]) -> str:
    """What is wrong with a row, and the mend, or ""."""
    if len(row) != len(header):
        return f"{len(row)} values for {len(header)} columns; quote a value that holds a comma"
    name = row[header.index("id")].strip()
    if not name:
        return "no id; every student needs one"
    if name in students:
        return f"the id {name} is there twice; remove one of the rows"
    if not is_student_id(name):
        return f"{name!r} cannot be an id; it must be able to name a folder"
    return ""


def is_student_id(name: str) -> bool:
    """Whether a name can be both a folder under submitted/ and a student in the gradebook."""
    return (
        name.isprintable()  # also false for bytes that no encoding gives
        and name == name.strip()
        and not name.startswith(".")
        and "/" not in name
        and "\\" not in name
        and 0 < len(name) <= MAX_ID
    )
