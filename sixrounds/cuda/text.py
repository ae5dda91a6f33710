"""What can be read from a text: its kernels, their parameters, and what is not here yet."""

import re
from dataclasses import dataclass

from sixrounds.cuda.errors import NotHereError

GPU_ONLY = "lane gpu has it"
COMPILED = "lanes gpu and compile have it"
# Pattern, what it is, who has it. Matched outside comments and strings.
ABSENT = (
    (
        r"\b(?:cooperative_groups|cg)\s*(?:::|;)|\bthis_thread_block\b",
        "cooperative groups",
        COMPILED,
    ),
    (r"\bnvcuda\b|\bwmma\b|\b__wmma\w*|\bmma\.h\b", "tensor core intrinsics (wmma)", COMPILED),
    (r"\b(?:asm|__asm__|__asm)\b", "inline PTX (asm)", COMPILED),
    (
        r"\b__pipeline_\w+|\bmemcpy_async\b|\bcuda::pipeline\b",
        "asynchronous copies (cp.async)",
        COMPILED,
    ),
    (r"\bthis_grid\b|\bgrid_group\b", "synchronizing the whole grid", GPU_ONLY),
    (r"\bcub::", "CUB", COMPILED),
    (r"\bthrust::", "Thrust", GPU_ONLY),
    (
        r"<<<",
        "a launch by <<< >>>: use kernel(grid, block, args)",
        "no lane has it: launches are in Python",
    ),
    (
        r"\bcuda(?:Malloc|Free|Memcpy|DeviceSynchronize|Stream\w*|Event\w*)\w*\b",
        "the host API",
        "no lane has it: arrays and launches are in Python",
    ),
    (
        r"\btex[123]D\w*\b|\bsurf[123]D\w*\b|\bcudaTextureObject_t\b",
        "textures and surfaces",
        GPU_ONLY,
    ),
    (
        r"\b(?:__nanosleep|__cluster\w*|__nv_\w*barrier\w*)\b|\bcuda::barrier\b|\bcuda::atomic\w*\b",
        "libcu++ and newer device functions",
        COMPILED,
    ),
)
INCLUDES_ABSENT = {
    "cooperative_groups": "cooperative groups",
    "mma.h": "tensor core intrinsics (wmma)",
    "cub/": "CUB",
    "thrust/": "Thrust",
    "cuda_pipeline": "asynchronous copies (cp.async)",
    "cuda/": "libcu++",
}  # fmt: skip


def blanked(code: str) -> str:
    """The text with spaces for comments, strings and characters; lines stay where they are."""

    def blank(found: re.Match[str]) -> str:
        return re.sub(r"[^\n]", " ", found.group())

    pattern = r'//[^\n]*|/\*.*?(?:\*/|\Z)|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])\''
    return re.sub(pattern, blank, code, flags=re.DOTALL)


def line_at(code: str, position: int) -> int:
    """The line of a position, from 1."""
    return code.count("\n", 0, position) + 1


def refuse_absent(code: str, filename: str) -> None:
    """Name the first part of CUDA that the CPU lanes do not have.

    Raises:
        NotHereError: there is one.
    """
    for number, line in enumerate(code.split("\n"), 1):
        included = re.match(r'\s*#\s*include\s*[<"]([^>"]+)', line)
        for start, what in INCLUDES_ABSENT.items():
            if included and included[1].startswith(start):
                raise NotHereError(
                    f"{filename}:{number}: {what} is not in the CPU lanes; {COMPILED}"
                )
    plain = blanked(code)
    for pattern, what, who in ABSENT:
        found = re.search(pattern, plain)
        if found:
            place = line_at(plain, found.start())
            raise NotHereError(f"{filename}:{place}: {what} is not in the CPU lanes; {who}")


@dataclass(frozen=True)
class Declared:
    """A kernel as its text declares it."""

    name: str
    parameters: tuple[str, ...]
    template: bool
    line: int


def declared(code: str) -> dict[str, Declared]:
    """The kernels of a text by name, in its order."""
    plain = blanked(code)
    kernels: dict[str, Declared] = {}
    for mark in re.finditer(r"\b__global__\b", plain):
        bounds = r"(?:__launch_bounds__\s*\([^()]*\)\s*)?"
        head = rf"\s*(?:static\s+|inline\s+)*{bounds}void\s+{bounds}(\w+)\s*\("
        found = re.compile(head).match(plain, mark.end())
        if not found:
            continue
        inside = _parenthesized(plain, found.end())
        names = tuple(_parameter_name(part) for part in _split(inside) if part.strip() != "void")
        before = plain[max(plain.rfind(end, 0, mark.start()) for end in ";}") + 1 : mark.start()]
        template = re.search(r"\btemplate\s*<", before) is not None
        kernels.setdefault(
            found[1], Declared(found[1], names, template, line_at(plain, mark.start()))
        )
    return kernels


def _parenthesized(plain: str, start: int) -> str:
    """From just after an opening parenthesis to before the one that closes it."""
    depth = 1
    for position in range(start, len(plain)):
        depth += {"(": 1, ")": -1}.get(plain[position], 0)
        if depth == 0:
            return plain[start:position]
    return plain[start:]


def _split(inside: str) -> list[str]:
    """Split at commas that are in no bracket of any kind."""
    parts, depth, last = [], 0, 0
    for position, sign in enumerate(inside):
        depth += 1 if sign in "(<[{" else -1 if sign in ")>]}" else 0
        if sign == "," and depth == 0:
            parts.append(inside[last:position])
            last = position + 1
    parts.append(inside[last:])
    return [part for part in parts if part.strip()]


def _parameter_name(part: str) -> str:
    words = re.findall(r"[A-Za-z_]\w*", re.sub(r"[=\[].*", "", part, flags=re.DOTALL))
    return words[-1] if words else "?"
