"""An answer reaches nothing of the machine, takes no more than its share, and leaves nothing."""

from arena import Arena, Findings, SharedProcess
from holding import answers, assert_holds, each, skip_without_jail

from sixrounds.book.attacks import Attack
from sixrounds.grading.jail import Jail


@each(answers("4_escape", "5_exhaustion"))
def test_nothing_is_reached_taken_or_left(
    attack: Attack, arena: Arena, jail: Jail, shared_process: SharedProcess, findings: Findings
) -> None:
    """Broken: a submission reads or changes what is not its own, or stops the class."""
    skip_without_jail(attack, jail)
    assert_holds(attack, arena.see(attack), arena, shared_process, findings)
