"""A project in a temporary folder, notebooks in it, and workers that do nothing."""

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from idle import IdleWorker

from sixrounds.run import scheduler

WriteNotebook = Callable[..., Path]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A root with the two marks of a clone, a lock file, two data sets and a small package."""
    (tmp_path / "solutions").mkdir()
    (tmp_path / "_config.yml").touch()
    (tmp_path / "requirements.lock").write_text("numpy==2.0\n", "utf-8")
    for dataset in ("lead_times", "scans"):
        (tmp_path / "data" / dataset).mkdir(parents=True)
        (tmp_path / "data" / dataset / "rows.csv").write_text("1,2,3\n", "utf-8")
    package = tmp_path / "sixrounds"
    (package / "shop").mkdir(parents=True)
    (package / "__init__.py").write_text("", "utf-8")
    (package / "tools.py").write_text("def f():\n    from sixrounds.shop import clock\n", "utf-8")
    (package / "shop" / "__init__.py").write_text("", "utf-8")
    (package / "shop" / "clock.py").write_text("from . import units\n", "utf-8")
    (package / "shop" / "units.py").write_text("SECOND = 1\n", "utf-8")
    (package / "alone.py").write_text("", "utf-8")
    return tmp_path


@pytest.fixture
def write_notebook(project: Path) -> WriteNotebook:
    """Writes `book/round2_coding/<name>.ipynb`; a cell is text or (text, metadata)."""

    def write(name: str, *cells: str | tuple[str, dict]) -> Path:
        notebook = nbformat.v4.new_notebook()
        for index, cell in enumerate(cells):
            source, metadata = (cell, {}) if isinstance(cell, str) else cell
            made = nbformat.v4.new_code_cell(source, metadata=metadata)
            made["id"] = f"cell{index}"
            notebook.cells.append(made)
        path = project / "book" / "round2_coding" / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)
        return path

    return write


@pytest.fixture
def company(monkeypatch) -> list[set[str]]:
    """After a run: the notebooks that were running whenever one was started."""
    IdleWorker.seen, IdleWorker.present = [], set()
    monkeypatch.setattr(scheduler, "Worker", IdleWorker)
    return IdleWorker.seen
