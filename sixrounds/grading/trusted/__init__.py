"""The tests' side: runs our setup and tests, and asks the learner's process for its answers.

shape       what a stub says the answer is: a function, a class or a value
stand_ins   what the tests get in its place
looks       of a test's function, as decorators ask for them
peer        one conversation with the learner's process
hosts       asks the fork server for such processes, and ends them
answer      from a task to what its tests cells need
"""
