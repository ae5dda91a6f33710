"""What must hold of every attack that is an answer, and the tests of a group of them."""

import re

import pytest
from arena import ROOT, Arena, Findings, Seen, SharedProcess

from sixrounds.book.attacks import Attack, read_catalog
from sixrounds.grading.jail import Jail
from sixrounds.grading.verdict import Status


def answers(*keys: str) -> list[Attack]:
    """The attacks of these groups."""
    found = [
        attack for group in read_catalog(ROOT) for attack in group.attacks if group.key in keys
    ]
    assert found
    return found


def each(attacks: list[Attack]) -> pytest.MarkDecorator:
    """A test for each of them."""
    return pytest.mark.parametrize("attack", attacks, ids=lambda attack: attack.name)


def skip_without_jail(attack: Attack, jail: Jail) -> None:
    """Under CI there is always the best one, or the fixture fails."""
    if attack.jail and jail.name == "none":
        pytest.skip("no jail holds on this machine; `sixrounds doctor` says why")
    if attack.jail == "bubblewrap" != jail.name:
        pytest.skip(f"the jail {jail.name} does not promise this; bubblewrap does")


def assert_holds(
    attack: Attack,
    seen: Seen,
    arena: Arena,
    shared_process: SharedProcess,
    findings: Findings,
) -> None:
    """Judge what came of it, and note that."""
    held, earned = False, shared_process.earned(attack)
    try:
        judge(attack, seen, arena.world.secrets())
        assert earned == attack.shared, f"where tests share the process it earns {earned}"
        held = True
    finally:
        findings.note(attack, held=held, status=str(seen.verdict.status), shared=earned)


def judge(attack: Attack, seen: Seen, secrets: tuple[str, ...]) -> None:
    """A lie earns nothing, tells nothing, costs nobody else, and leaves nothing."""
    said = f"{seen.verdict.status}: {seen.verdict.message} {seen.verdict.hint}"
    assert seen.verdict.score == attack.points, said
    assert seen.verdict.status in attack.status, said
    assert re.search(attack.says, seen.verdict.message), said
    assert not [word for word in secrets if word in said]
    assert seen.neighbor == Status.PASSED, "an exercise beside it"
    assert seen.then != Status.PASSED, "the next student got points by it"
    assert seen.next_student == Status.PASSED, "the next student"
    assert seen.processes == []
    assert seen.files == []
