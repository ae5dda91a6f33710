"""The suite itself: that it can fail, and that its attacks are real ones."""

from dataclasses import replace

import pytest
from arena import ROOT, Arena, Seen
from handing import BY_NAME
from holding import judge

from sixrounds.book.attacks import Attack, read_catalog
from sixrounds.grading.verdict import Status, Verdict

ATTACKS = [attack for group in read_catalog(ROOT) for attack in group.attacks]
LIE = Attack("group", "a lie", "Lies.", "Nothing.", answer="x", status=(Status.FAILED,))
HELD = Seen(
    Verdict("shelved", Status.FAILED, 0, 4, "a hidden test failed"),
    neighbor=Status.PASSED,
    then=None,
    next_student=Status.PASSED,
    processes=[],
    files=[],
)


def test_what_holds_is_said_to_hold() -> None:
    """Broken: the cases below would fail for another reason than theirs."""
    judge(LIE, HELD, ("987654321",))


@pytest.mark.parametrize(
    "changed",
    [
        {"verdict": replace(HELD.verdict, score=4)},
        {"verdict": replace(HELD.verdict, status=Status.ERROR)},
        {"verdict": replace(HELD.verdict, message="got 987654321")},
        {"verdict": replace(HELD.verdict, hint="got 987654321")},
        {"neighbor": Status.ERROR},
        {"then": Status.PASSED},
        {"next_student": Status.TIMEOUT},
        {"processes": ["1 sleep"]},
        {"files": ["/tmp/left"]},
    ],
    ids=" ".join,
)
def test_what_does_not_hold_is_found(changed: dict[str, object]) -> None:
    """Broken: an attack that works is said to be held."""
    with pytest.raises(AssertionError):
        judge(LIE, replace(HELD, **changed), ("987654321",))


def test_a_message_has_to_be_the_right_one() -> None:
    """Broken: an attack whose own code is broken is taken for one that is held."""
    with pytest.raises(AssertionError):
        judge(replace(LIE, says="PermissionError"), HELD, ())


def test_a_right_answer_is_not_a_lie(arena: Arena) -> None:
    """Broken: the arena gives no points to anybody, so that every attack is held."""
    right = arena.plan.exercises[0].reference
    seen = arena.see(replace(LIE, answer=right))
    assert seen.verdict.score == seen.verdict.max_score == 4
    with pytest.raises(AssertionError):
        judge(LIE, seen, ())


def test_there_are_enough_attacks_and_they_are_real() -> None:
    """Broken: the suite shrinks, or is of attacks that would fool nobody anywhere."""
    assert len(ATTACKS) >= 160
    assert sum(attack.shared == "full marks" for attack in ATTACKS) >= 40
    assert {attack.hand_in for attack in ATTACKS if attack.hand_in} <= set(BY_NAME)
