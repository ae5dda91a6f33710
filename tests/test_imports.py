"""What our commands do without, and that nothing is lost by it."""

import json
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import nbformat
import pytest

from sixrounds.imports import UNUSED


def test_a_command_does_without_it() -> None:
    """Broken: every command takes a second longer to start."""
    program = (
        "import sys\nfrom sixrounds.cli import main\ntry: main(['--version'])\n"
        "except SystemExit: import nbformat, jupytext\n"
        f"sys.exit(sys.modules[{UNUSED!r}] is not None or 'lark' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_program_and_a_module_are_run_so(tmp_path: Path) -> None:
    """Broken: a notebook's worker or the book's build would not start, or lose its arguments."""
    text = (
        f"import json, sys\nprint(json.dumps([__name__, sys.argv[1:], {UNUSED!r} in sys.modules]))"
    )
    (tmp_path / "shown.py").write_text(text)
    for what in ("shown", str(tmp_path / "shown.py")):
        done = subprocess.run(
            [sys.executable, "-m", "sixrounds.imports", what, "-x", "y"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
        assert json.loads(done.stdout) == ["__main__", ["-x", "y"], True]


def test_no_schema_of_notebooks_needs_it() -> None:
    """Broken: a notebook would be taken for valid because a check was left out."""
    schemas = [*(files("nbformat") / "v4").iterdir(), *(files("nbformat") / "v3").iterdir()]
    texts = [path.read_text("utf-8") for path in schemas if path.name.endswith(".schema.json")]
    assert len(texts) > 4
    assert not any('"iri' in text for text in texts)
    broken = nbformat.from_dict({"cells": [{}], "metadata": {}, "nbformat": 4, "nbformat_minor": 4})
    with pytest.raises(nbformat.ValidationError):
        nbformat.validate(broken)
