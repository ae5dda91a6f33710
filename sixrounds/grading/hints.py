"""The hints product: public probe inputs, digests of what they give, and the hints. No code.

A learner's check and a page's drill replay the inputs on an answer and compare digests; that tells
which mistake it makes without shipping a solution.
"""

import contextlib
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sixrounds import testing
from sixrounds.editions.products import Files, edition
from sixrounds.grading import kernels, queries
from sixrounds.grading.cells import Names, deadline, execute
from sixrounds.grading.diagnose import MIN_CALLS
from sixrounds.grading.plan import ExercisePlan, plan
from sixrounds.grading.proofs import fingerprint
from sixrounds.grading.replay import SHORT, Capture, Script, replay
from sixrounds.grading.soft import soften
from sixrounds.source import Lesson

MAX_INPUTS = 64
ENOUGH = 2 * MIN_CALLS  # wrong calls per mistake, with room above what a diagnosis needs
LIMIT = 20.0
TEXT_LIMIT = 120.0
MAX_STEP = 30_000  # characters of a step; queries and launches bring their data


@edition("hints", committed=True)
def hint_files(root: Path, lessons: Sequence[Lesson]) -> Files:
    """`sixrounds/_hints/<chapter>.json`, one file for all notebooks of a chapter."""
    folder = Path("sixrounds/_hints")
    made: dict[Path, dict[str, Any]] = {}
    for lesson in lessons:
        path = folder / f"{lesson.chapter}.json"
        if path not in made:
            made[path] = kept(root / path, root / "solutions" / lesson.chapter)
        made[path][lesson.topic] = remembered(root, lesson)
    return {path: dumps(content) for path, content in made.items()}


def remembered(root: Path, lesson: Lesson) -> dict[str, Any]:
    """The hints of a notebook, from `build/` if neither it nor the grader has changed."""
    path = root / "build" / "hints" / f"{lesson.key}.json"
    name = fingerprint(root, lesson, seed_count=1)
    try:
        found = json.loads(path.read_text())
        if found["fingerprint"] == name:
            return dict(found["hints"])
    except (OSError, ValueError, KeyError, TypeError):
        pass  # none yet, or half-written: make them
    made = hints_of(lesson)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"fingerprint": name, "hints": made}))
    return made


def kept(path: Path, sources: Path) -> dict[str, Any]:
    """What the file holds of other notebooks that still have a source: not all may be asked for."""
    found = dict(json.loads(path.read_text())) if path.is_file() else {}
    return {topic: item for topic, item in found.items() if (sources / f"{topic}.py").is_file()}


def dumps(content: Mapping[str, Any]) -> str:
    """JSON with one input or result a line, so that a change is a small diff."""
    blocks = []
    for topic in sorted(content):
        exercises = []
        for name, item in content[topic].items():
            lines = [f'   "{key}": {lined(value)}' for key, value in item.items()]
            exercises.append(f"  {json.dumps(name)}: {{\n" + ",\n".join(lines) + "\n  }")
        blocks.append(f" {json.dumps(topic)}: {{\n" + ",\n".join(exercises) + "\n }")
    return "{\n" + ",\n".join(blocks) + "\n}\n"


def lined(value: Any) -> str:
    """A list with an item a line."""
    items = [json.dumps(item, ensure_ascii=False, separators=(",", ":")) for item in value]
    return "[\n    " + ",\n    ".join(items) + "\n   ]" if items else "[]"


def hints_of(lesson: Lesson) -> dict[str, Any]:
    """The hints of one notebook, by exercise. Runs our own code only."""
    recipe = plan(lesson)
    testing.use_seed(testing.PUBLIC_SEED)
    setup: Names = {"__name__": "__main__"}
    for source in recipe.setup:
        execute(source, "<setup>", setup)
    return {exercise.id: hints_for(exercise, setup) for exercise in recipe.exercises}


def hints_for(exercise: ExercisePlan, setup: Names) -> dict[str, Any]:
    """Inputs that tell the mistakes of one exercise apart, and what each answers to them."""
    reference = answer(exercise, exercise.reference, setup)
    wrong = [answer(exercise, item.source, setup) for item in exercise.mistakes]
    scripts = inputs(exercise, reference, setup)
    with deadline(LIMIT):
        table = [replay(one, exercise.id, scripts) for one in (reference, *wrong)]
    table = [[[step[:SHORT] for step in script] for script in column] for column in table]
    chosen = choose(table, scripts)
    return {
        "inputs": [scripts[place] for place in chosen],
        "reference": [table[0][place] for place in chosen],
        "mistakes": [
            {
                "name": item.name,
                "hint": item.hint,
                "results": [column[place] for place in chosen],
            }
            for item, column in zip(exercise.mistakes, table[1:], strict=True)
        ],
    }


def inputs(exercise: ExercisePlan, reference: Any, setup: Names) -> list[Script]:
    """What may be asked of an answer: none of one that is data."""
    if callable(reference):
        return capture(exercise, reference, setup)
    if isinstance(reference, str):
        steps = {json.dumps(step_of(one)): None for one in asked(exercise, reference, setup)}
        return [[json.loads(step)] for step in steps if len(step) <= MAX_STEP]
    return []


def answer(exercise: ExercisePlan, source: str, setup: Names) -> Any:
    """What an answer binds to the exercise's name."""
    names = dict(setup)
    for needed in exercise.needs:
        execute(needed, "<an earlier exercise>", names)
    execute(source, f"<{exercise.id}>", names)
    return names[exercise.id]


def capture(exercise: ExercisePlan, reference: Any, setup: Names) -> list[Script]:
    """The scripts that the tests ask under the public seed."""
    recorder = Capture(exercise.id)
    names = dict(setup)
    for needed in exercise.needs:
        execute(needed, "<an earlier exercise>", names)
    names[exercise.id] = recorder.stand_in(exercise.id, reference)
    for probe in exercise.probes:
        execute(probe, "<probe>", names)
    for test in exercise.tests:
        with deadline(LIMIT):
            exec(compile(soften(test.source, "<tests>"), "<tests>", "exec"), names)
    return recorder.scripts()


def asked(exercise: ExercisePlan, answer: str, setup: Names) -> list[Any]:
    """What the tests of an exercise ask of a text under the seed in use, in order.

    Each is a `sixrounds.sql.Asked` or a `sixrounds.cuda.Asked`.
    """
    found: list[Any] = []
    names = dict(setup)
    names[exercise.id] = answer
    with observing(found.append):
        for probe in exercise.probes:
            execute(probe, "<probe>", names)
        for test in exercise.tests:
            with deadline(TEXT_LIMIT):
                exec(compile(soften(test.source, "<tests>"), "<tests>", "exec"), names)
    return found


def step_of(question: Any) -> list[Any]:
    """A question as a step of a script."""
    if hasattr(question, "kernel"):
        return kernels.as_step(question)
    return queries.as_step(question)


@contextlib.contextmanager
def observing(note: Callable[[Any], None]) -> Iterator[None]:
    """In the block, every query and launch that a test makes is noted."""
    rooms = []
    if "sixrounds.sql" in sys.modules:  # a lesson with queries has imported it
        from sixrounds import sql  # noqa: PLC0415

        sql.observe(lambda question, _answer, _raised: note(question))
        rooms.append(sql)
    if "sixrounds.cuda" in sys.modules:
        from sixrounds import cuda  # noqa: PLC0415

        cuda.observe(lambda question, _seen: note(question))
        rooms.append(cuda)
    try:
        yield
    finally:
        for room in rooms:
            room.observe(None)


def choose(table: Sequence[Sequence[Sequence[str]]], scripts: Sequence[Script]) -> list[int]:
    """The places of inputs that tell every mistake from the reference and from each other.

    Greedy: each step takes the input that adds most to what is told apart least, small ones first.
    """
    reference, wrong = table[0], table[1:]
    pairs = [(mine, other) for mine in range(len(wrong)) for other in range(len(wrong) + 1)]
    told = dict.fromkeys(pairs, 0)
    size = [len(json.dumps(script)) for script in scripts]
    left = set(range(len(scripts)))
    chosen: list[int] = []

    def gains(place: int) -> dict[tuple[int, int], int]:
        """Steps at which a mistake is wrong, and answers otherwise than another (or at all)."""
        found = {}
        for mine, other in pairs:
            column = wrong[mine][place]
            rival = wrong[other][place] if other < len(wrong) and other != mine else None
            found[mine, other] = sum(
                step != right and (rival is None or step != rival[number])
                for number, (step, right) in enumerate(zip(column, reference[place], strict=True))
            )
        return found

    gain = {place: gains(place) for place in left}
    while left and len(chosen) < MAX_INPUTS:
        value = {
            place: sum(
                min(count, ENOUGH - told[pair]) / (1 + told[pair])
                for pair, count in gain[place].items()
                if told[pair] < ENOUGH
            )
            for place in left
        }
        best = max(left, key=lambda place: (value[place] / size[place], -place))
        if value[best] <= 0:
            break
        chosen.append(best)
        left.remove(best)
        for pair, count in gain[best].items():
            told[pair] += count
    return sorted(chosen)
