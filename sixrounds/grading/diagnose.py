"""Which known mistake an answer makes, judged by what it returns where it is wrong."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sixrounds.grading.digest import digest
from sixrounds.grading.outcome import OutOfTimeError
from sixrounds.grading.verdict import Call

MIN_CALLS = 5
MIN_SHARE = 0.9
MIN_LEAD = 0.2
OUT_OF_TIME = digest(OutOfTimeError.__name__)

Results = Mapping[tuple[str, int], Call]


@dataclass(frozen=True)
class Known:
    """A mistake and what it answers."""

    name: str
    hint: str
    trace: tuple[Call, ...]


def results(trace: Iterable[Call]) -> dict[tuple[str, int], Call]:
    """Calls by what was asked; the same question asked again is told apart by its order."""
    seen: Counter[str] = Counter()
    found = {}
    for call in trace:
        found[call.key, seen[call.key]] = call
        seen[call.key] += 1
    return found


def differing(answer: Results, reference: Results) -> list[tuple[str, int]]:
    """The questions that both were asked and answered differently."""
    return [
        key
        for key, call in answer.items()
        if key in reference and reference[key].result != call.result
    ]


def shares(
    answer: Sequence[Call], reference: Sequence[Call], known: Sequence[Known]
) -> tuple[int, list[float]]:
    """How many calls are wrong, and of those, the share that each mistake answers alike."""
    mine, right = results(answer), results(reference)
    wrong = differing(mine, right)
    alike = []
    for mistake in known:
        theirs = results(mistake.trace)
        equal = sum(key in theirs and theirs[key].result == mine[key].result for key in wrong)
        alike.append(equal / len(wrong) if wrong else 0.0)
    return len(wrong), alike


def diagnose(
    answer: Sequence[Call], reference: Sequence[Call], known: Sequence[Known]
) -> Known | None:
    """The mistake an answer makes, or None if it is not plainly one of those known.

    Shown only on at least MIN_CALLS wrong calls, of which the best mistake explains MIN_SHARE and
    leads the next by MIN_LEAD. An answer that is right but out of time is the mistake that is
    right but out of time, if there is just one.
    """
    if only_slow(answer, reference):
        slow = [mistake for mistake in known if only_slow(mistake.trace, reference)]
        return slow[0] if len(slow) == 1 else None
    count, alike = shares(answer, reference, known)
    if count < MIN_CALLS or not known:
        return None
    order = sorted(range(len(known)), key=lambda place: -alike[place])
    best = alike[order[0]]
    second = alike[order[1]] if len(order) > 1 else 0.0
    if best >= MIN_SHARE and second <= best - MIN_LEAD:
        return known[order[0]]
    return None


def only_slow(answer: Sequence[Call], reference: Sequence[Call]) -> bool:
    """Whether an answer ran out of time and was right as far as it came."""
    late = [call for call in answer if call.result == OUT_OF_TIME]
    done = [call for call in answer if call.result != OUT_OF_TIME]
    return bool(late) and not differing(results(done), results(reference))
