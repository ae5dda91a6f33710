"""Launches of a kernel as plain data, so that they can be shipped and asked again."""

from typing import Any

LAUNCH = "launch"  # the method of a step that launches a kernel


def as_step(question: Any) -> list[Any]:
    """A `sixrounds.cuda.Asked` as a step of a script: plain data."""
    return [LAUNCH, [question.step()], {}, None]


def ask_kernel(code: Any, step: list[Any]) -> Any:
    """What is seen of a kernel in such a step, or the kind of its error."""
    from sixrounds.cuda import Asked  # noqa: PLC0415  only kernels need it

    return Asked.of(step[1][0]).ask(str(code))
