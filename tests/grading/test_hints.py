"""The hints product must recognize every mistake from public inputs alone."""

import json
from pathlib import Path

import pytest

from sixrounds.grading.cells import execute
from sixrounds.grading.diagnose import Known, diagnose
from sixrounds.grading.plain import NotPlainError, decode, encode, settle, tap
from sixrounds.grading.plan import plan
from sixrounds.grading.replay import SHORT, replay
from sixrounds.grading.verdict import Call
from sixrounds.source import Lesson, load

ROOT = Path(__file__).parents[2]
SLOW = {  # right until they run out of time
    *("looks parts up in a list", "sorts on each call", "looks at the whole window"),
    *("looks through the whole log", "scans the earlier routes", "sums each segment anew"),
}
# Of a kernel's mistakes some are wrong only in launches that are too large to ship.
SHARE = {"optimization_role": 0.9}
# Right answers that need not be the reference's: in the digits that a digest keeps where an
# optimizer is at work, in the traffic of a kernel, and where any optimum is right.
MAY_DIFFER = {"round3_ml_modeling", "optimization_role"}
MAY_DIFFER |= {"select_routes", "charge_schedule", "segment"}


def calls(results: list[list[str]]) -> list[Call]:
    """Replayed digests as a trace."""
    return [
        Call(f"{script}.{step}", result)
        for script, steps in enumerate(results)
        for step, result in enumerate(steps)
    ]


@pytest.mark.parametrize("lesson", load(ROOT), ids=lambda lesson: lesson.key)
def test_shipped_inputs_recognize_each_mistake(lesson: Lesson) -> None:
    """A learner's check would show no hint, or a wrong one, for a mistake we know."""
    shipped = json.loads((ROOT / f"sixrounds/_hints/{lesson.chapter}.json").read_text())
    setup: dict[str, object] = {"__name__": "__main__"}
    recipe = plan(lesson)
    for source in recipe.setup:
        execute(source, "<setup>", setup)
    told: list[bool] = []
    for exercise, needs in zip(lesson.exercises, recipe.exercises, strict=True):
        item = shipped[lesson.topic][exercise.id]
        assert 0 < len(item["inputs"]) <= 64
        reference = calls(item["reference"])
        known = [Known(m["name"], m["hint"], tuple(calls(m["results"]))) for m in item["mistakes"]]
        for variant in exercise.mistakes:
            names = dict(setup)
            for needed in needs.needs:
                execute(needed, "<an earlier exercise>", names)
            execute(variant.source, "<mistake>", names)
            given = replay(names[exercise.id], exercise.id, item["inputs"])
            short = [[step[:SHORT] for step in steps] for steps in given]
            found = diagnose(calls(short), reference, known)
            assert (found.name if found else variant.name) == variant.name
            told.append(found is not None)
            assert not (found and variant.name in SLOW)
        for accepted in exercise.accepts:
            names = dict(setup)
            for needed in needs.needs:
                execute(needed, "<an earlier exercise>", names)
            execute(accepted.source, "<accepts>", names)
            given = replay(names[exercise.id], exercise.id, item["inputs"])
            short = [[step[:SHORT] for step in steps] for steps in given]
            assert diagnose(calls(short), reference, known) is None, accepted.name
            assert short == item["reference"] or MAY_DIFFER & {lesson.chapter, exercise.id}
    slow = sum(variant.name in SLOW for one in lesson.exercises for variant in one.mistakes)
    assert sum(told) >= SHARE.get(lesson.chapter, 1) * (len(told) - slow)


def test_plain_form_round_trip() -> None:
    """An input would reach the learner's function changed."""
    value = [1, 2.5, "a", None, True, (1, (2,)), {3, 4}, {(1, 2): [5]}, b"x", float("inf")]
    text = json.dumps(encode(value))
    assert decode(json.loads(text)) == value


def test_code_has_no_plain_form() -> None:
    """A function of a test could end up in the product."""
    for value in (len, object(), open):
        with pytest.raises(NotPlainError):
            encode(value)


def test_iterator_keeps_what_was_taken() -> None:
    """An answer that reads too far ahead would look right."""
    tapped = tap(iter([1, 2, 3]))
    kept = encode([tapped])
    assert (next(tapped), next(tapped)) == (1, 2)
    again = decode(json.loads(json.dumps(settle(kept))))[0]
    assert (next(again), next(again)) == (1, 2)
    with pytest.raises(RuntimeError, match="further"):
        next(again)
    whole = tap(iter([1]))
    kept = encode(whole)
    assert list(whole) == [1]
    assert list(decode(settle(kept))) == [1]
