"""From the words that the engine writes to a report."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from sixrounds.cuda.build import Built
from sixrounds.cuda.finding import Finding, Raw
from sixrounds.cuda.helper import Area, Ran
from sixrounds.cuda.metrics import ACCESSES, SPACES, Row, efficiency, merged
from sixrounds.cuda.places import Frames, places
from sixrounds.cuda.wording import RACES, Target, sentence

Size = tuple[int, int, int]
CODE = 0xFFFFFF  # addresses of code in requests have 24 bits
# Their second number is a kind of access, not an address.
WITH_ACCESS = ("out-of-bounds", "misaligned")


@dataclass
class Words:
    """The lines of the engine's output by their first word."""

    findings: list[Raw] = field(default_factory=list)
    requests: list[list[int]] = field(default_factory=list)
    executed: list[tuple[int, int, int]] = field(default_factory=list)
    accesses: int = 0
    barriers: int = 0
    stopped: str = ""
    printed: str = ""


def words(ran: Ran) -> Words:
    """Sort the lines; what the kernel printed comes last, as it is."""
    found = Words()
    told, _, found.printed = ran.text.partition("printed\n")
    complete = False
    for line in told.split("\n"):
        word, _, rest = line.partition(" ")
        if word == "finding":
            found.findings.append(Raw.parse(rest))
        elif word == "request":
            found.requests.append([int(number) for number in rest.split()])
        elif word == "executed":
            pc, times, lanes = (int(number) for number in rest.split())
            found.executed.append((pc, times, lanes))
        elif word == "done":
            found.accesses, found.barriers = (int(number) for number in rest.split())
            complete = True
        elif word in ("stopped", "failed"):
            found.stopped = rest
    if ran.crash or not complete:
        found.stopped = found.stopped or ran.crash or "the helper process said nothing"
    return found


def thread_index(thread: int, block: Size) -> Size:
    """A thread's number as x, y, z."""
    x, y, _ = block
    return thread % x, thread // x % y, thread // (x * y)


@dataclass(frozen=True)
class Reader:
    """Turns numbers into names for one launch."""

    built: Built
    areas: tuple[Area, ...]
    block: Size
    lines: Mapping[int, Frames]

    def line(self, address: int) -> int:
        """The innermost line of the learner's at an address; 0: none."""
        frames = self.lines.get(address, ())
        return frames[0] if frames else 0

    def finding(self, raw: Raw) -> Finding | None:
        """In words; None for barriers that are the same one in the learner's text."""
        area = self.areas[raw.region] if 0 <= raw.region < len(self.areas) else Area("", 0, 0, 0)
        is_pc = raw.kind not in WITH_ACCESS
        if raw.kind == "divergent-barrier" and self.lines.get(raw.pc) == self.lines.get(
            raw.other_pc
        ):
            return None
        other_line = self.line(raw.other_pc) if is_pc else 0
        other_thread = thread_index(raw.other_thread, self.block)
        kind = "data-race" if raw.kind in RACES else raw.kind
        target = Target(area.name, area.size, area.itemsize)
        text = sentence(raw, target, f"thread {other_thread}", other_line)
        two = kind in ("data-race", "divergent-barrier")
        return Finding(
            kind=kind,
            file=self.built.filename,
            line=self.line(raw.pc),
            text=text,
            count=raw.count,
            thread=thread_index(raw.thread, self.block),
            block=raw.block,
            array=area.name,
            other_line=other_line,
            other_thread=other_thread if two else None,
            other_block=raw.other_block if two else None,
        )

    def findings(self, raws: Iterable[Raw]) -> tuple[Finding, ...]:
        """One per kind, lines and array: repeats are counted."""
        kept: dict[tuple[object, ...], Finding] = {}
        for raw in raws:
            one = self.finding(raw)
            if one is None:
                continue
            access = raw.other_pc if raw.kind in WITH_ACCESS else raw.kind
            key = (one.kind, access, one.line, one.other_line, one.array)
            old = kept.get(key)
            kept[key] = replace(old, count=old.count + one.count) if old else one
        return tuple(kept.values())

    def rows(self, requests: Iterable[list[int]]) -> tuple[Row, ...]:
        """Rows of metrics."""
        found = []
        for pc, access, size, region, *numbers in requests:
            area = self.areas[region]
            lanes, offsets = numbers[7], numbers[8:]
            who = [lane for lane in range(32) if lanes >> lane & 1]
            sample = tuple(zip(who, offsets, strict=True))
            row = Row(
                self.line(pc), SPACES[area.space], ACCESSES[access], size, area.name,
                requests=numbers[0], lanes=numbers[1], sectors=numbers[2],
                ideal_sectors=numbers[3], wavefronts=numbers[4], ideal_wavefronts=numbers[5],
                same_address=numbers[6], sample=sample,
            )  # fmt: skip
            found.append(row)
        return tuple(merged(found))

    def by_line(self, executed: Iterable[tuple[int, int, int]]) -> dict[int, list[tuple[int, int]]]:
        """Executions of the pieces of code of each line of the learner's."""
        found: dict[int, list[tuple[int, int]]] = {}
        for pc, times, lanes in executed:
            if self.line(pc):
                found.setdefault(self.line(pc), []).append((times, lanes))
        return found


def read(ran: Ran, built: Built, block: Size) -> tuple[Words, dict[str, object]]:
    """The engine's words, and the parts of a report made of them."""
    said = words(ran)
    addresses = {raw.pc for raw in said.findings} | {request[0] for request in said.requests}
    addresses |= {raw.other_pc for raw in said.findings if raw.kind not in WITH_ACCESS}
    addresses |= {pc for pc, _, _ in said.executed}
    reader = Reader(built, ran.areas, block, places(built, addresses))
    executed = reader.by_line(said.executed)
    lines = [(line, efficiency(pairs) or 0.0) for line, pairs in sorted(executed.items())]
    findings = list(reader.findings(said.findings))
    if said.stopped and not findings:
        kind = "crash" if ran.crash else "limit"
        findings.append(Finding(kind, built.filename, 0, said.stopped, 1, (0, 0, 0), (0, 0, 0)))
    parts: dict[str, object] = {
        "findings": tuple(findings),
        "rows": reader.rows(said.requests),
        "efficiency": efficiency(pair for pairs in executed.values() for pair in pairs),
        "efficiency_by_line": tuple(lines),
    }
    return said, parts
