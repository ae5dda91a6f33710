"""The four-state proof: does each exercise grade rightly?

For every exercise, through the real grader and from a real notebook file: the untouched stub gets
nothing and is told so, the reference and every accepted answer get full marks, every mistake loses
points on valid input and is given its own hint. A notebook that is missing, empty or broken is
reported as such. All of it under several seeds.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sixrounds import testing
from sixrounds.editions.fill import fill
from sixrounds.editions.notebook import dumps
from sixrounds.editions.render import learner
from sixrounds.grading.diagnose import differing, only_slow, results, shares
from sixrounds.grading.executor import Executor, WarmProcesses
from sixrounds.grading.grade import grade
from sixrounds.grading.jail import choose
from sixrounds.grading.key import AnswerKey, Keys
from sixrounds.grading.once import Asked, Once
from sixrounds.grading.plan import ExercisePlan, Plan, plan
from sixrounds.grading.submission import read
from sixrounds.grading.verdict import Status, Verdict
from sixrounds.source import Exercise, Lesson

BROKEN: Mapping[str, bytes | None] = {
    "missing": None,
    "empty": b"",
    "not JSON": b'{"cells": [',
    "not UTF-8": b"\xff\xfe\x00caf\xe9",
}


@dataclass
class State:
    """One answer's grades over all seeds; `fault` is the first thing that was wrong."""

    kind: str  # stub | reference | accepts | mistake
    name: str
    fault: str = ""
    caught: bool = True  # a mistake lost points, on valid input
    hint_shown: bool = True

    def blame(self, fault: str) -> None:
        """Keep the first fault."""
        self.fault = self.fault or fault


@dataclass(frozen=True)
class Finding:
    """What one grading of one state showed; no fault is "" ."""

    fault: str = ""
    caught: bool = True
    hint_shown: bool = True


@dataclass
class Proof:
    """The proof of one exercise."""

    lesson: Lesson
    exercise: Exercise
    states: list[State] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        """What is wrong, one line each."""
        place = f"{self.lesson.path}:{self.exercise.line}"
        return [
            f"{place}: {self.exercise.id}: {state.kind} {state.name}".rstrip() + f": {state.fault}"
            for state in self.states
            if state.fault
        ]

    def row(self) -> dict[str, Any]:
        """The proof as plain data."""
        by_kind = {
            kind: [state for state in self.states if state.kind == kind]
            for kind in ("stub", "reference", "accepts", "mistake")
        }
        stub, reference = by_kind["stub"][0], by_kind["reference"][0]
        return {
            "id": self.exercise.id,
            "chapter": self.lesson.chapter,
            "notebook": self.lesson.topic,
            "stub": stub.fault or "caught",
            "reference": reference.fault or "full",
            "accepts": [{"name": one.name, "full": not one.fault} for one in by_kind["accepts"]],
            "mistakes": [
                {"name": one.name, "caught": one.caught, "hint_shown": one.hint_shown}
                for one in by_kind["mistake"]
            ],
        }


def seeds(count: int) -> list[bytes]:
    """The public seed, then as many others as are asked for, always the same."""
    return [testing.PUBLIC_SEED, *(f"proof seed {n}".encode() for n in range(2, count + 1))]


def prove(
    lessons: Sequence[Lesson],
    *,
    seed_count: int = 1,
    workers: int = 2,
    key_folder: Path | None = None,
    done: Callable[[str], None] = lambda line: None,
) -> list[Proof]:
    """Prove all exercises of the lessons.

    `done` is called with a line for each finished (lesson, seed).
    """
    jail = choose(unsafe=True)  # it is our own code that runs; CI has one
    proofs = {lesson.key: blank(lesson) for lesson in lessons}
    # The largest first, so that none is left to run alone at the end; and seed by seed, so that
    # what is slow is known when the next begins.
    ordered = sorted(lessons, key=lambda one: -sum(len(p.states) for p in proofs[one.key]))
    work = [(lesson, seed) for seed in seeds(seed_count) for lesson in ordered]
    slow: set[Asked] = set()

    def one(item: tuple[Lesson, bytes]) -> tuple[Lesson, list[tuple[State, Finding]]]:
        lesson, seed = item
        with WarmProcesses(jail) as processes:  # ended with its lesson: there will be many
            executor = Once(processes, slow)
            keys = Keys(executor, key_folder)
            return lesson, list(examine(lesson, proofs[lesson.key], seed, executor, keys))

    # Threads: all computing is in the executors' own processes.
    with ThreadPoolExecutor(workers) as pool:
        for lesson, found in pool.map(one, work):
            for state, finding in found:
                if finding.fault:
                    state.blame(finding.fault)
                state.caught = state.caught and finding.caught
                state.hint_shown = state.hint_shown and finding.hint_shown
            done(lesson.key)
    for lesson in lessons:
        check_broken(lesson, proofs[lesson.key])
    return [proof for lesson in lessons for proof in proofs[lesson.key]]


def blank(lesson: Lesson) -> list[Proof]:
    """A proof for each exercise, with nothing examined yet."""
    made = []
    for exercise in lesson.exercises:
        states = [State("stub", ""), State("reference", "")]
        states += [State("accepts", variant.name) for variant in exercise.accepts]
        states += [State("mistake", variant.name) for variant in exercise.mistakes]
        made.append(Proof(lesson, exercise, states))
    return made


def examine(
    lesson: Lesson, proofs: list[Proof], seed: bytes, executor: Executor, keys: Keys
) -> Iterator[tuple[State, Finding]]:
    """Grade all states of a lesson under one seed."""
    recipe = plan(lesson)
    for layer in layers(proofs):
        answers = {
            proof.exercise.id: source_of(proof.exercise, state)
            for proof, state in layer
            if state.kind != "stub"
        }
        verdicts = hand_in(lesson, recipe, answers, seed, executor, keys)
        for proof, state in layer:
            verdict = verdicts[proof.exercise.id]
            if state.kind == "mistake":
                key = keys.get(recipe, item_of(recipe, proof.exercise), seed)
                yield state, judge_mistake(proof.exercise, state, verdict, key)
            else:
                yield state, Finding(judge(state, verdict))


def layers(proofs: list[Proof]) -> Iterator[list[tuple[Proof, State]]]:
    """All states, one of each exercise at a time, so that a layer is one whole notebook."""
    deepest = max((len(proof.states) for proof in proofs), default=0)
    for depth in range(deepest):
        yield [(proof, proof.states[depth]) for proof in proofs if depth < len(proof.states)]


def hand_in(
    lesson: Lesson,
    recipe: Plan,
    answers: Mapping[str, str],
    seed: bytes,
    executor: Executor,
    keys: Keys,
) -> dict[str, Verdict]:
    """Write a notebook with these answers to disk and grade it from there."""
    with tempfile.TemporaryDirectory(prefix="sixrounds-prove-") as folder:
        path = Path(folder) / f"{lesson.topic}.ipynb"
        path.write_text(dumps(fill(learner(lesson), answers)))
        submission = read(path, recipe)
    verdicts = grade(recipe, submission, seed=seed, executor=executor, keys=keys)
    return {verdict.exercise: verdict for verdict in verdicts}


def source_of(exercise: Exercise, state: State) -> str:
    """The code of a state's answer."""
    if state.kind == "reference":
        return exercise.reference
    variants = exercise.accepts if state.kind == "accepts" else exercise.mistakes
    return next(variant.source for variant in variants if variant.name == state.name)


def hint_of(exercise: Exercise, state: State) -> str:
    """The hint of a mistake."""
    return next(item.hint for item in exercise.mistakes if item.name == state.name)


def judge(state: State, verdict: Verdict) -> str:
    """What is wrong with the verdict on a stub or a right answer, or ""."""
    if state.kind == "stub":
        right = verdict.status is Status.UNWRITTEN and not verdict.score and verdict.message
        return "" if right else f"the untouched stub got {said(verdict)}"
    full = verdict.status is Status.PASSED and verdict.score == verdict.max_score
    return "" if full else f"a right answer got {said(verdict)}"


def judge_mistake(exercise: Exercise, state: State, verdict: Verdict, key: AnswerKey) -> Finding:
    """A mistake must lose points on valid input, and be told by its own hint."""
    shown = verdict.hint == hint_of(exercise, state)
    if verdict.score >= verdict.max_score:
        return Finding(f"a wrong answer got full marks: {overlap(verdict, key)}", False, False)
    if verdict.status in (Status.UNWRITTEN, Status.MISSING, Status.UNREADABLE):
        return Finding(f"it was not graded: {said(verdict)}", False, False)
    if only_invalid(verdict, key):
        return Finding("it is wrong only on invalid input", False, shown)
    if not shown:
        other = next((item.name for item in exercise.mistakes if item.hint == verdict.hint), None)
        given = f"the hint of {other!r}" if other else "no hint"
        fault = f"{given} was shown instead of its own: {overlap(verdict, key)}"
        return Finding(fault, True, False)
    return Finding()


def said(verdict: Verdict) -> str:
    """A verdict in a few words."""
    got = f"{verdict.score:g} of {verdict.max_score:g}, {verdict.status}"
    return f"{got} ({verdict.message})" if verdict.message else got


def item_of(recipe: Plan, exercise: Exercise) -> ExercisePlan:
    """The plan of one exercise."""
    return next(item for item in recipe.exercises if item.id == exercise.id)


def only_invalid(verdict: Verdict, key: AnswerKey) -> bool:
    """Whether a mistake differs only where the reference refuses its input."""
    reference, _ = key
    if only_slow(verdict.trace, reference):
        return False
    right = results(reference)
    wrong = differing(results(verdict.trace), right)
    return all(right[call].raised for call in wrong)


def overlap(verdict: Verdict, key: AnswerKey) -> str:
    """How far each mistake explains an answer: what an author needs to tell two of them apart."""
    reference, known = key
    count, alike = shares(verdict.trace, reference, known)
    told = ", ".join(
        f"{mistake.name!r} explains {share:.2f}"
        for share, mistake in sorted(
            zip(alike, known, strict=True), key=lambda pair: pair[0], reverse=True
        )[:3]
    )
    return f"of {count} calls with a wrong result {told}" if count else "no call is wrong"


def check_broken(lesson: Lesson, proofs: list[Proof]) -> None:
    """Files that are no notebook must be reported as such for every exercise."""
    recipe = plan(lesson)
    for what, content in BROKEN.items():
        with tempfile.TemporaryDirectory(prefix="sixrounds-prove-") as folder:
            path = Path(folder) / f"{lesson.topic}.ipynb"
            if content is not None:
                path.write_bytes(content)
            verdicts = grade(recipe, read(path, recipe))  # of which nothing can be run
        for proof, verdict in zip(proofs, verdicts, strict=False):
            if verdict.status is not Status.UNREADABLE or verdict.score or not verdict.message:
                proof.states[0].blame(f"a notebook that is {what} got {verdict.row()}")
