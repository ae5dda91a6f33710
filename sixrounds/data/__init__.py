"""Data sets of the lessons: the same in a clone, in an installed package and in Colab.

data.load("lead_times")     a pandas DataFrame
data.truth("lead_times")    what a simulator put in, to judge an estimate by
data.names()                all of them

Each has a datasheet, `data/<name>/datasheet.md`: what it imitates, what it leaves out, how it was
made. Nothing is downloaded.
"""

from sixrounds.data.catalog import load, names, truth

__all__ = ["load", "names", "truth"]
