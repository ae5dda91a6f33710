"""When a hint is shown, and when none is: a wrong hint is worse than no hint."""

from sixrounds.grading.diagnose import OUT_OF_TIME, Known, diagnose
from sixrounds.grading.verdict import Call


def trace(results: str) -> list[Call]:
    """A call for each letter: the n-th question answered so."""
    return [Call(f"question {n}", OUT_OF_TIME if x == "!" else x) for n, x in enumerate(results)]


def known(**answers: str) -> list[Known]:
    """Mistakes by name."""
    return [Known(name, f"hint {name}", tuple(trace(given))) for name, given in answers.items()]


def name(answer: str, reference: str, **mistakes: str) -> str | None:
    """The mistake found."""
    found = diagnose(trace(answer), trace(reference), known(**mistakes))
    return found.name if found else None


def test_mistake_that_explains_all_wrong_calls() -> None:
    """The plain case would show nothing."""
    assert name("bbbbbaaa", "aaaaaaaa", one="bbbbbaaa", two="cccccaaa") == "one"


def test_too_few_wrong_calls() -> None:
    """Four calls would be taken for proof."""
    assert name("bbbbaaaa", "aaaaaaaa", one="bbbbaaaa") is None
    assert name("bbbbbaaa", "aaaaaaaa", one="bbbbbaaa") == "one"


def test_share_of_nine_tenths() -> None:
    """A mistake that explains less than 90 % of what is wrong would be named."""
    assert name("b" * 10, "a" * 10, one="b" * 9 + "c") == "one"
    assert name("b" * 10, "a" * 10, one="b" * 8 + "cc") is None


def test_lead_over_the_second() -> None:
    """Of two mistakes that explain almost the same, one would be picked by chance."""
    assert name("b" * 10, "a" * 10, one="b" * 10, two="b" * 8 + "cc") == "one"
    assert name("b" * 10, "a" * 10, one="b" * 10, two="b" * 9 + "c") is None


def test_calls_where_the_answer_is_right_do_not_count() -> None:
    """Agreeing where everybody is right would pass for agreeing."""
    assert name("a" * 90 + "bcbcb", "a" * 95, one="a" * 90 + "ddddd") is None


def test_questions_are_matched_not_positions() -> None:
    """An answer whose tests stopped earlier would be compared with other questions."""
    mine = [Call(key, "wrong") for key in "pqrst"]
    reference = [Call(key, "right") for key in "zpqrst"]
    mistake = Known("one", "", tuple(Call(key, "wrong") for key in "zpqrst"))
    assert diagnose(mine, reference, [mistake]) is mistake


def test_repeated_question_is_told_apart_by_order() -> None:
    """One-shot iterators all look alike; their calls would overwrite each other."""
    mine = [Call("iterator", letter) for letter in "bcbcb"]
    reference = [Call("iterator", "a")] * 5
    first = Known("one", "", tuple(Call("iterator", letter) for letter in "bcbcb"))
    second = Known("two", "", tuple(Call("iterator", letter) for letter in "cbcbc"))
    assert diagnose(mine, reference, [second, first]) is first


def test_right_but_slow() -> None:
    """A quadratic answer would get no hint, or that of a wrong one."""
    assert name("aaaaa!", "aaaaaa", slow="aaa!", wrong="bbbbbb") == "slow"
    assert name("aaaab!", "aaaaaa", slow="aaa!") is None
    assert name("aaaaa!", "aaaaaa", slow="aaa!", other="aa!") is None


def test_nothing_known() -> None:
    """An exercise without mistakes would crash the diagnosis."""
    assert diagnose(trace("bbbbbb"), trace("aaaaaa"), []) is None
