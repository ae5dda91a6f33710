"""From a lesson and a submission to verdicts.

plan(lesson) -> Plan                    what to run, from our source alone
read(path, plan) -> Submission          what is taken from a learner's notebook
grade(plan, submission) -> [Verdict]    one per exercise
"""

from sixrounds.grading.executor import Executor, FreshProcesses, Run, Task
from sixrounds.grading.grade import grade
from sixrounds.grading.key import Keys
from sixrounds.grading.plan import ExercisePlan, Plan, plan
from sixrounds.grading.submission import Answer, Submission, read, read_text
from sixrounds.grading.verdict import Call, Status, Verdict

__all__ = [
    "Answer",
    "Call",
    "Executor",
    "ExercisePlan",
    "FreshProcesses",
    "Keys",
    "Plan",
    "Run",
    "Status",
    "Submission",
    "Task",
    "Verdict",
    "grade",
    "plan",
    "read",
    "read_text",
]
