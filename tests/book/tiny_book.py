"""A very small book with one notebook that has been run."""

from pathlib import Path

import nbformat

from sixrounds.run.cache import Record, cache_key, write_record

CONFIG = """\
title: A small book
only_build_toc_files: true
execute: {execute_notebooks: cache}
sphinx:
  extra_extensions: [sixrounds.book.extension, sixrounds.book.theme, sixrounds.book.diagrams]
  config: {myst_fence_as_directive: [mermaid]}
  recursive_update: true
"""
TOC = """\
format: jb-book
root: book/index
chapters:
- file: book/round2_coding/index
  sections:
  - file: book/round2_coding/01_streams
- file: book/status
"""


def notebook(*, executed: bool) -> nbformat.NotebookNode:
    """The notebook of the small book; the executed one has what papermill adds to it."""
    title = nbformat.v4.new_markdown_cell("# Streams", id="title")
    cell = nbformat.v4.new_code_cell("print('hello')", id="hello")
    if executed:
        cell.execution_count = 1
        cell.outputs = [
            nbformat.v4.new_output("stream", name="stdout", text="from papermill, not from Sphinx")
        ]
        cell.metadata = nbformat.from_dict({"papermill": {"duration": 1.0}, "tags": []})
    made = nbformat.v4.new_notebook(cells=[title, cell])
    if executed:
        made.metadata["language_info"] = {"name": "python", "pygments_lexer": "ipython3"}
        made.metadata["sixrounds"] = {
            "finished": "2026-01-02T03:04:05+00:00",
            "versions": {"Python": "3.11.7", "numpy": "2.4.6"},
        }
    return made


def write_book(root: Path) -> Path:
    """Write the small book; returns its root."""
    chapter = root / "book" / "round2_coding"
    runs = root / "build" / "runs" / "round2_coding"
    learners = root / "notebooks" / "round2_coding"
    for folder in (chapter, runs, learners, root / "solutions"):
        folder.mkdir(parents=True)
    (root / "_config.yml").write_text(CONFIG, "utf-8")
    (root / "_toc.yml").write_text(TOC, "utf-8")
    (root / "book" / "index.md").write_text("# Small\n\n[status](status.md)\n", "utf-8")
    (chapter / "index.md").write_text("# Round 2\n", "utf-8")
    source = chapter / "01_streams.ipynb"
    nbformat.write(notebook(executed=False), source)
    nbformat.write(notebook(executed=False), learners / "01_streams.ipynb")
    nbformat.write(notebook(executed=True), runs / "01_streams.ipynb")
    record = Record(cache_key(source, root), 4.2, 111.0, "ok")
    write_record(runs / "01_streams.ipynb", record)
    return root
