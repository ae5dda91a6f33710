"""Public probe inputs: taken from the tests' own calls, replayed on any answer.

A *script* is a list of steps `[method, args, kwargs, taken]`: one step with method "" for a
function; for a class "new" and then its method calls. `taken` is how many items the tests took of
a lazy result, or null. A query has one step with method "query" (see queries.py), a kernel one
with method "launch" (see kernels.py).
"""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sixrounds.grading.calls import Recorder
from sixrounds.grading.digest import digest
from sixrounds.grading.kernels import LAUNCH, ask_kernel
from sixrounds.grading.plain import NotPlainError, decode, encode, settle, tap
from sixrounds.grading.queries import QUERY, ask_query

Step = list[Any]
Script = list[Step]
MAX_TEXT = 700  # characters of a script
MAX_STEPS = 30
MAX_SCRIPTS = 400
SHORT = 8  # hexadecimal digits of a digest in the shipped hints


class Capture(Recorder):
    """A recorder that keeps what was asked as scripts, for the exercise's own function or class."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._scripts: list[Script] = []
        self._objects: dict[str, Script] = {}  # by the digest of an object's history

    def scripts(self) -> list[Script]:
        """Distinct scripts in plain form, evenly over all; of one that grew only the longest."""
        whole = self._scripts + longest(list(self._objects.values()))
        texts = {json.dumps(settle(script)): None for script in whole}
        short = [text for text in texts if len(text) <= MAX_TEXT]
        step = max(1.0, len(short) / MAX_SCRIPTS)
        even = [short[int(place * step)] for place in range(min(len(short), MAX_SCRIPTS))]
        return [json.loads(text) for text in even]

    def call(self, name: str, function: Any, args: Any, kwargs: Any, history: str = "") -> Any:
        """Make the call, and keep it as a step if its arguments have a plain form."""
        asked, _, method = name.partition(".")
        if asked != self._name:
            return super().call(name, function, args, kwargs, history)
        plain_args = tuple(args)
        args = tuple(tap(item) for item in args)
        try:
            step: Step = [method, [encode(item) for item in args], {}, None]
            step[2] = {key: encode(item) for key, item in kwargs.items()}
        except NotPlainError:
            return super().call(name, function, args, kwargs, history)
        self._keep_step(function, step, history, plain_args, kwargs)
        result = super().call(name, function, args, kwargs, history)
        return counted(result, step) if isinstance(result, Iterator) else result

    def _keep_step(self, function: Any, step: Step, history: str, args: Any, kwargs: Any) -> None:
        if isinstance(function, type):
            step[0] = "new"
            self._objects[digest((args, kwargs))] = [step]
        elif not step[0]:
            self._scripts.append([step])
        elif history in self._objects and len(self._objects[history]) < MAX_STEPS:
            key = digest((history, step[0], args, kwargs))
            self._objects[key] = [*self._objects[history], step]


def counted(result: Iterator[Any], step: Step) -> Iterator[Any]:
    """A lazy result that notes in its step how much of it was taken."""
    step[3] = 0
    for item in result:
        step[3] += 1
        yield item


def longest(scripts: list[Script]) -> list[Script]:
    """Scripts that are no beginning of another one."""
    texts = [[json.dumps(settle(step)) for step in script] for script in scripts]
    inner = {tuple(text[:size]) for text in texts for size in range(1, len(text))}
    return [script for script, text in zip(scripts, texts, strict=True) if tuple(text) not in inner]


def replay(answer: Any, name: str, scripts: Sequence[Script]) -> list[list[str]]:
    """What an answer returns to each step of each script, as digests."""
    return [replay_one(answer, name, script) for script in scripts]


def replay_one(answer: Any, name: str, script: Script) -> list[str]:
    """The digests of one script; a step that could not be asked is ""."""
    if script[0][0] == QUERY:
        return [digest(ask_query(answer, step)) for step in script]
    if script[0][0] == LAUNCH:
        return [digest(ask_kernel(answer, step)) for step in script]
    recorder = Recorder()
    target = recorder.stand_in(name, answer)
    for method, args, kwargs, taken in script:
        try:
            ask: Callable[..., Any] = (
                getattr(target, method) if method not in ("", "new") else target
            )
            result = ask(*decode(args), **{key: decode(item) for key, item in kwargs.items()})
            if method == "new":
                target = result
            if isinstance(result, Iterator) and taken is not None:
                for _ in range(taken):
                    next(result)
        except Exception:
            if method == "new":
                break
    found = [call.result for call in recorder.trace()]
    return (found + [""] * len(script))[: len(script)]
