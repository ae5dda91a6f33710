"""An answer that does not stop costs its exercise, and the class some seconds.

All of these are only over when a time to wait is, so they run side by side.
"""

from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from arena import Arena, Findings, Seen, SharedProcess, World
from holding import answers, assert_holds, each, skip_without_jail

from sixrounds.book.attacks import Attack
from sixrounds.grading.jail import Jail

SLOW = answers("6_waiting")
AT_ONCE = 3


@pytest.fixture(scope="module")
def waited(jail: Jail, world: World) -> dict[str, Future[Seen]]:
    """What comes of each of them; every thread has a grader of its own."""

    futures: dict[str, Future[Seen]] = {attack.name: Future() for attack in SLOW}
    left = iter(SLOW)  # shared by the threads: each takes the next

    def see_some() -> None:
        arena = Arena(jail, world)
        for attack in left:
            try:
                futures[attack.name].set_result(arena.see(attack))
            except BaseException as error:
                futures[attack.name].set_exception(error)
        arena.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for _ in range(AT_ONCE):
            pool.submit(see_some)
    return futures


@each(SLOW)
def test_waiting_has_an_end(
    attack: Attack,
    waited: dict[str, Future[Seen]],
    arena: Arena,
    jail: Jail,
    shared_process: SharedProcess,
    findings: Findings,
) -> None:
    """Broken: one answer that never ends keeps a whole class from its grades."""
    skip_without_jail(attack, jail)
    seen = waited[attack.name].result(timeout=0)
    assert_holds(attack, seen, arena, shared_process, findings)
