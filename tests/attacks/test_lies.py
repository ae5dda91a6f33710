"""A lie earns nothing, and what is hidden stays hidden."""

from arena import Arena, Findings, SharedProcess
from holding import answers, assert_holds, each, skip_without_jail

from sixrounds.book.attacks import Attack
from sixrounds.grading.jail import Jail


@each(answers("1_forging", "2_leaking", "3_text_that_is_code", "8_kernels"))
def test_a_lie_earns_nothing(
    attack: Attack, arena: Arena, jail: Jail, shared_process: SharedProcess, findings: Findings
) -> None:
    """Broken: an answer that is wrong gets points, or tells a class the hidden cases."""
    skip_without_jail(attack, jail)
    assert_holds(attack, arena.see(attack), arena, shared_process, findings)
