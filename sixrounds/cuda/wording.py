"""What a finding says: one sentence without its place, from the engine's numbers."""

from dataclasses import dataclass

from sixrounds.cuda.finding import Raw

ACCESSES = ("read", "store", "atomic")
RACES = {
    "read-after-write": ("reads", "wrote"),
    "write-after-write": ("writes", "wrote"),
    "write-after-read": ("writes", "read"),
}
# {array}, {where}, {size}, {lanes}, {other}, {line} are filled in.
TEXTS = {
    "null-pointer": "use of a null pointer",
    "wild-pointer": "use of a pointer that points into no array",
    "misaligned": "misaligned: byte {offset} of {array} is no multiple of {size}",
    "uninitialized": "reads {where}, which no thread of this block has written yet",
    "write-to-constant": "writes the constant {array}",
    "divergent-barrier": "__syncthreads at different places: here, and for {other} at line {line}",
    "exited-before-barrier": "{size} threads have returned; others wait at this __syncthreads",
    "mask-excludes-caller": "a lane calls a warp operation with mask {mask}, which leaves it out",
    "mask-names-absent-lanes": "the mask names {lanes}, which do not take part",
    "shuffle-from-absent-lane": "a shuffle reads lane {size}, which does not take part",
    "bad-shuffle-width": "shuffle width {size}: a power of two up to 32 is needed",
    "collective-never-met": "waits for ever: not all of {lanes} come to this warp operation",
    "stack-overflow": "a thread needs over 64 KB of stack: endless recursion, or a large array",
}


@dataclass(frozen=True)
class Target:
    """The array a finding is about, as far as it is known."""

    name: str
    size: int
    itemsize: int  # 0: not known; then elements are as large as the access


def element(raw: Raw, array: Target) -> str:
    """The element touched, such as tile[33]; arrays count as flat."""
    each = array.itemsize or raw.size
    return f"{array.name}[{raw.offset // each}]" if each else array.name


def sentence(raw: Raw, array: Target, other: str, line: int) -> str:
    """What is wrong.

    Args:
        other: the other thread, in words.
        line: where it was, 0 if that is not known.
    """
    if raw.kind in RACES:
        return _race(raw, array, other, line)
    if raw.kind == "out-of-bounds":
        return _bounds(raw, array) if array.name else raw.text
    filled = TEXTS.get(raw.kind, "{text}")
    return filled.format(
        array=array.name, where=element(raw, array), size=raw.size, offset=raw.offset,
        lanes=lanes(raw.size), mask=f"{raw.size:#010x}", other=other, line=line, text=raw.text,
    )  # fmt: skip


def _race(raw: Raw, array: Target, other: str, line: int) -> str:
    now, then = RACES[raw.kind]
    why = "no barrier orders them"
    if raw.block != raw.other_block:
        why = "nothing orders two blocks"
        other = f"block {raw.other_block}, {other}"
    at = f"line {line}" if line else "another line"
    return f"data race: {now} {element(raw, array)}, which {other} {then} at {at}; {why}"


def _bounds(raw: Raw, array: Target) -> str:
    what = ACCESSES[raw.other_pc] if raw.other_pc < len(ACCESSES) else "access"
    each = array.itemsize or raw.size or 1
    hint = "; pass shared_mem=bytes" if array.size == 0 else ""
    where = element(raw, array)
    return f"{what} out of bounds: {where}; {array.name} has {array.size // each} elements{hint}"


def lanes(mask: int) -> str:
    """The lanes of a mask, in words."""
    found = [i for i in range(32) if mask >> i & 1]
    if len(found) > 2 and found == list(range(found[0], found[-1] + 1)):
        return f"lanes {found[0]} to {found[-1]}"
    return "lane " + ", ".join(map(str, found[:8])) + (" …" if len(found) > 8 else "")
