"""Where learners' code runs, so that all it can do is compute.

choose() -> Jail                  the best that holds on this machine, or a refusal
Jail.command(argv, readable)      starts the fork server
prepare(name)                     in the server, before the setup
enter(name, limits)               in a fork of it, before the learner's code
reap(pids)                        in the server, after an answer
"""

from sixrounds.grading.jail.choice import Jail, choose
from sixrounds.grading.jail.limits import Limits
from sixrounds.grading.jail.lockdown import enter, prepare, reap

__all__ = ["Jail", "Limits", "choose", "enter", "prepare", "reap"]
