"""Executes notebooks: each once, in a process of its own, in parallel, cached.

`run_notebooks` takes jobs and returns a result for each, never an exception for a notebook that
fails. `learner_subset` cuts a learner's edition down to what the worked one does not cover.
`fresh_record` says whether outputs are up to date. Needs the "author" extra.
"""

from sixrounds.run.cache import Record, fresh_record, read_record
from sixrounds.run.learner import learner_subset
from sixrounds.run.model import Job, RunResult
from sixrounds.run.notebooks import read_notebook, write_notebook
from sixrounds.run.scheduler import run_notebooks
from sixrounds.run.versions import Ran, noted

__all__ = [
    "Job",
    "Ran",
    "Record",
    "RunResult",
    "fresh_record",
    "learner_subset",
    "noted",
    "read_notebook",
    "read_record",
    "run_notebooks",
    "write_notebook",
]
