"""Attempts to get out of the jail, through the same command and `enter` as an answer.

examine(jail) -> [Result]    every attempt on that rung: what was tried, and whether it held

outside      lays out what there is to find, starts the attempts, and looks whether it was touched
inside       in the jail's shell: one locked-down fork for each attempt
files, sockets, others, kernel, amounts, honest    the attempts
"""

from sixrounds.grading.jail.probes.outside import Result, examine

__all__ = ["Result", "examine"]
