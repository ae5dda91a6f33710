"""Hands in notebooks and zips that are not honest, each by a function named in the catalog."""

import io
import json
import os
import stat
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CHAPTER = "round2_coding"
TOPIC = "01_tiny"
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>"
RIGHT = "def shelved(deliveries, space):\n    return min(sum(deliveries), space)\n"
WRONG = "def shelved(deliveries, space):\n    return -1\n"


@dataclass
class Desk:
    """Where one student hands in: their folder, and an honest notebook to begin with."""

    submitted: Path
    student: str
    honest: str  # the text of a notebook with right answers
    other: str  # the text of the notebook of another lesson

    def put(self, content: str | bytes, student: str = "") -> Path:
        """Hand in a notebook."""
        path = self.submitted / (student or self.student) / CHAPTER / f"{TOPIC}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def notebook(self, source: str = RIGHT) -> dict[str, Any]:
        """The honest notebook with another answer."""
        content: dict[str, Any] = json.loads(self.honest)
        cell(content, "shelved")["source"] = source
        return content

    def put_notebook(self, content: dict[str, Any]) -> None:
        """Hand in a notebook that is not text yet."""
        self.put(json.dumps(content))


def cell(content: dict[str, Any], name: str) -> dict[str, Any]:
    """The cell of a grade id."""
    found: dict[str, Any] = next(
        one for one in content["cells"] if grade_id(one).get("grade_id") == name
    )
    return found


def grade_id(one: dict[str, Any]) -> dict[str, Any]:
    """nbgrader's metadata of a cell; empty if it has none."""
    found: dict[str, Any] = one["metadata"].get("nbgrader", {})
    return found


def script_in_answer(desk: Desk) -> None:
    """HTML in code."""
    code = f'# {SCRIPT}\n"""{SCRIPT} </code></pre>{SCRIPT}"""\n{RIGHT}'
    desk.put_notebook(desk.notebook(code))


def script_in_message(desk: Desk) -> None:
    """HTML in an exception."""
    code = (
        f"def shelved(deliveries, space):\n    raise type({SCRIPT!r}, (ValueError,), {{}})"
        f"({SCRIPT!r} * 3)\n"
    )
    desk.put_notebook(desk.notebook(code))


def script_in_words(desk: Desk) -> None:
    """HTML in an answer in words, also in the forms that Markdown turns into HTML."""
    content = desk.notebook()
    cell(content, "why_limit")["source"] = (
        f'{SCRIPT}\n\n[click](javascript:alert(3)) ![x](x" onerror="alert(4))\n\n'
        "<svg/onload=alert(5)>\n\n<!-- -->\n\n    <b onclick=alert(6)>"
    )
    desk.put_notebook(content)


def script_as_student(desk: Desk) -> None:
    """A name that is HTML; a folder's name can have no slash."""
    desk.student = "<img src=x onerror=alert(7)>"
    desk.put(desk.honest)


def strange_students(desk: Desk) -> None:
    """Names that could mean another place, or look like another one."""
    for name in ("line\nend", "back\\slash", "right\u202eleft", ".hidden", " blank ", "nul\x01"):
        desk.put(desk.honest, name)


def link_to_notebook(desk: Desk) -> None:
    """A link to the first honest student's notebook."""
    folder = desk.submitted / desk.student / CHAPTER
    folder.mkdir(parents=True)
    (folder / f"{TOPIC}.ipynb").symlink_to(desk.submitted / "a_honest" / CHAPTER / f"{TOPIC}.ipynb")


def link_to_folder(desk: Desk) -> None:
    """A link to the first honest student's folder."""
    (desk.submitted / desk.student).mkdir()
    (desk.submitted / desk.student / CHAPTER).symlink_to(desk.submitted / "a_honest" / CHAPTER)


def pipe(desk: Desk) -> None:
    """A named pipe."""
    folder = desk.submitted / desk.student / CHAPTER
    folder.mkdir(parents=True)
    os.mkfifo(folder / f"{TOPIC}.ipynb")


def time_stamp(desk: Desk) -> None:
    """A time that is none."""
    path = desk.put(desk.honest)
    (path.parent / "timestamp.txt").write_text(f"99999-99-99 ../../etc/passwd {SCRIPT}")


def deep_json(desk: Desk) -> None:
    """A million lists in each other."""
    desk.put('{"cells": ' + "[" * 1_000_000 + "]" * 1_000_000 + "}")


def huge_numbers(desk: Desk) -> None:
    """Numbers that Python refuses, or makes infinite."""
    numbers = f'"a": {"9" * 1_000_000}, "b": 1e999999, "c": NaN, "d": -Infinity'
    desk.put(desk.honest.replace('"metadata": {', '"metadata": {' + numbers + ", ", 1))


def repeated_keys(desk: Desk) -> None:
    """A first list of cells with a wrong answer, a second with the right one."""
    wrong = json.dumps(desk.notebook(WRONG)["cells"])
    content = json.dumps(desk.notebook())
    desk.put('{"cells": ' + wrong + ", " + content[1:])


def million_cells(desk: Desk) -> None:
    """A million cells."""
    content = json.dumps(desk.notebook())
    many = '{"cell_type":"code"},' * 900_000
    desk.put(content.replace('"cells": [', '"cells": [' + many, 1))


def huge_text(desk: Desk) -> None:
    """Ten megabytes of code."""
    content = desk.notebook()
    content["cells"].insert(0, {"cell_type": "code", "source": "x = 1\n" * 1_700_000})
    desk.put_notebook(content)


def huge_outputs(desk: Desk) -> None:
    """25 megabytes that were printed."""
    content = desk.notebook()
    cell(content, "shelved")["outputs"] = [{"output_type": "stream", "text": "x" * 25_000_000}]
    desk.put_notebook(content)


def unparsable(desk: Desk) -> None:
    """An answer that breaks the parser, and above it cells that do."""
    content = desk.notebook("-" * 100_000 + "1\n" + RIGHT)
    for source in ("a" + ".b" * 20_000, "not " * 50_000 + "1", "(" * 50_000, "9" * 50_000):
        content["cells"].insert(0, {"cell_type": "code", "metadata": {}, "source": source})
    desk.put_notebook(content)


def surrogates(desk: Desk) -> None:
    """Half of a character, in code and in words."""
    content = desk.notebook("# \ud800 \udfff\n" + RIGHT + "x = '\ud800'\n")
    cell(content, "why_limit")["source"] = "because \udc80"
    desk.put_notebook(content)


def null_bytes(desk: Desk) -> None:
    """Control characters."""
    desk.put_notebook(desk.notebook("x = '\x00\x1b[2J\x07'\n" + RIGHT))


def backwards(desk: Desk) -> None:
    """Code that reads as the right one and is not."""
    code = (
        "def shelved(deliveries, space):\n    '''\u2066 right \u2069'''; return -1 #\u202e ecaps\n"
    )
    desk.put_notebook(desk.notebook(code))


def edited_points(desk: Desk) -> None:
    """A wrong answer with another opinion of itself."""
    content = desk.notebook(WRONG)
    for one in content["cells"]:
        if grade_id(one):
            grade_id(one).update(points=99, locked=False, score=99, schema_version=99)
    content["metadata"]["nbgrader"] = {"score": 99, "grade": "passed"}
    desk.put_notebook(content)


def edited_tests(desk: Desk) -> None:
    """A wrong answer with tests of its own, and their outputs."""
    content = desk.notebook(WRONG)
    for name in ("test-shelved", "test-shelved-2"):
        said = {"output_type": "execute_result", "data": {"text/plain": "5.0"}, "metadata": {}}
        cell(content, name).update(source="pass", outputs=[said])
    desk.put_notebook(content)


def deleted_tests(desk: Desk) -> None:
    """A wrong answer without tests."""
    content = desk.notebook(WRONG)
    content["cells"] = [one for one in content["cells"] if not grade_id(one).get("grade")]
    desk.put_notebook(content)


def exchanged_marks(desk: Desk) -> None:
    """A wrong answer under other marks."""
    content = desk.notebook(WRONG)
    for one in content["cells"]:
        mark = grade_id(one)
        if mark.get("grade_id") == "shelved":
            mark.update(grade=True, solution=False, locked=True)
        elif mark.get("grade"):
            mark.update(grade=False, solution=True, grade_id="shelved", locked=False)
    desk.put_notebook(content)


def answer_twice(desk: Desk) -> None:
    """Three answers of which the last one is wrong."""
    content = desk.notebook()
    place = content["cells"].index(cell(content, "shelved"))
    for source in (RIGHT, WRONG):
        place += 1
        content["cells"].insert(place, dict(cell(content, "shelved"), source=source))
    desk.put_notebook(content)


def reversed_cells(desk: Desk) -> None:
    """The last cell first."""
    content = desk.notebook()
    content["cells"].reverse()
    desk.put_notebook(content)


def other_kernel(desk: Desk) -> None:
    """A kernel that would run a command."""
    content = desk.notebook()
    content["metadata"]["kernelspec"] = {"name": "; touch /tmp/kernel", "language": "bash"}
    content["metadata"]["language_info"] = {"name": SCRIPT}
    content.update(nbformat=99, nbformat_minor=-1)
    desk.put_notebook(content)


def other_notebook(desk: Desk) -> None:
    """The notebook of another lesson."""
    desk.put(desk.other)


def packed(desk: Desk, entries: dict[str, bytes], mode: int = 0) -> None:
    """Give the instructor a zip, beside `submitted/`."""
    path = desk.submitted.parent / f"{desk.student}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
        archive.writestr(f"z_{desk.student}/{TOPIC}.ipynb", desk.honest)


def zip_paths(desk: Desk) -> None:
    """Names that lead elsewhere, and an honest notebook among them."""
    names = (
        f"../../{desk.student}/{TOPIC}.ipynb",
        f"/tmp/{desk.student}/{TOPIC}.ipynb",
        f"C:/{desk.student}/{TOPIC}.ipynb",
        f"..\\..\\{desk.student}\\{TOPIC}.ipynb",
        f"{desk.student}\nx/{TOPIC}.ipynb",
        f".../{TOPIC}.ipynb",
    )
    packed(desk, {name: desk.honest.encode() for name in names})


def zip_links(desk: Desk) -> None:
    """A link in a zip."""
    packed(desk, {f"{desk.student}/{TOPIC}.ipynb": b"/etc/passwd"}, stat.S_IFLNK | 0o777)


def zip_bomb(desk: Desk) -> None:
    """A notebook of blanks, and a zip in a zip in a zip."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.zip", b"PK")
    entries = {f"{desk.student}/{TOPIC}.ipynb": b" " * 200_000_000, "y.zip": inner.getvalue()}
    packed(desk, entries)


def zip_names(desk: Desk) -> None:
    """Names that a regular expression takes long to look at."""
    names = ("a" * 60_000 + ".ipynb", "a_1_1_" * 60 + f"{TOPIC}.ipynb", "/".join("ab" * 99))
    packed(desk, dict.fromkeys(names, b"{}"))


BY_NAME: dict[str, Callable[[Desk], None]] = {
    name: value
    for name, value in globals().items()
    if callable(value) and getattr(value, "__module__", "") == __name__ and isinstance(name, str)
}
