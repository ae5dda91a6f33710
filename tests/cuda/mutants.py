"""Deletes what keeps a kernel right, one thing at a time.

Barriers, fences, masks, atomics and bound checks. Each mutant is a text of its own namespace, so
that all mutants of an operator are compiled at once.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

GUARD = re.compile(r"(?:\bif \(|= |\()([^=;?(){}\[\]]*[<>][^;?(){}\[\]]*?)(\) return;|\)| \? )")
# A loop over all elements of a problem: its end is a bound check.
LOOP = re.compile(r"; (i < (?:n|cols)); i \+=")
CALL = re.compile(r"(?:__syncthreads|__syncwarp|__threadfence)\(\);")
MASK = re.compile(r"_sync\(ALL,")
ATOMIC = re.compile(r"atomicAdd\(&([^,]+), ([^;]+?)\)(?=[;\s])")


@dataclass(frozen=True)
class Mutant:
    """One deletion: what, in which line of the text, and the kernel that shows it."""

    what: str
    line: int
    kernel: str
    text: str

    def __str__(self) -> str:
        return f"{self.kernel}, line {self.line}: without {self.what}"


def edits(code: str) -> Iterator[tuple[int, int, str, str]]:
    """Where to put what instead, and what is deleted by it."""
    for found in CALL.finditer(code):
        yield found.start(), found.end(), ";", found.group()
    for found in MASK.finditer(code):
        yield found.start(), found.end(), "_sync(0x7fffffffu,", "lane 31 in the mask"
    for found in ATOMIC.finditer(code):
        target, value = found[1], found[2]
        yield found.start(), found.end(), f"(({target} += {value}) - {value})", "the atomic"
    for found in LOOP.finditer(code):
        yield found.start(1), found.end(1), "true", f"`{found[1]}` of the loop"
    for found in GUARD.finditer(code):
        if "for (" in code[code.rfind("\n", 0, found.start()) : found.start()]:
            loop = code[code.rfind("for (", 0, found.start()) : found.start()]
            if loop.count("(") > loop.count(")"):
                continue  # the condition of a loop, not a check
        neutral = "false" if "return" in found[2] else "true"
        start = found.start(1)
        for part in re.finditer(r"[^&|]+", found[1]):
            yield start + part.start(), start + part.end(), f" {neutral} ", f"`{part[0].strip()}`"


def chunks(code: str) -> list[tuple[int, str]]:
    """The top-level definitions with where they start; they are apart by empty lines."""
    found = []
    for block in re.finditer(r"(?:^[^\n]+\n)+?(?:(?=\n)|\Z)", code, re.MULTILINE):
        text = block.group()
        while text.count("{") > text.count("}"):  # an empty line within a function
            text = code[block.start() : code.index("\n}\n", block.start()) + 3]
        found.append((block.start(), text))
    return found


def defined(chunk: str) -> str:
    """The name of the function of a chunk; empty: none."""
    found = re.search(r"(?:__global__|__forceinline__)[^(]*?(\w+)\(", chunk)
    return found[1] if found else ""


def shows(code: str, position: int) -> str:
    """The first kernel that runs the code at a position."""
    parts = chunks(code)
    inside = next(text for start, text in reversed(parts) if start <= position)
    names = {defined(inside)}
    for _, text in parts:
        if defined(text) in names or any(re.search(rf"\b{name}[(<]", text) for name in names):
            names.add(defined(text))
            if "__global__" in text:
                return defined(text)
    raise AssertionError(f"no kernel runs {inside!r}")


def mutants(code: str) -> list[Mutant]:
    """All of a text, each in a namespace m0, m1, …; `kernel` is its name there."""
    plain = re.sub(r"//[^\n]*", lambda found: " " * len(found.group()), code)
    made = []
    for start, end, instead, what in edits(plain):
        kernel, name = shows(plain, start), f"m{len(made)}"
        changed = plain[:start] + instead + plain[end:]
        kept = [
            text.replace('extern "C" ', "")
            for _, text in chunks(changed)
            if "__global__" not in text or defined(text) == kernel
        ]
        body = "\n".join(kept)
        line = code.count("\n", 0, start) + 1
        text = f"namespace {name} {{\n{body}\n}}\n"
        made.append(Mutant(what, line, f"{name}::{kernel}", text))
    return made
