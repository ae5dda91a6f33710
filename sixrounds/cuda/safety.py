"""What a text must not contain to be run for a grade, and what its object code must not ask for.

A kernel on the CPU is native code: it could write its own report, or leave its process. The engine
checks its accesses; here is refused what would go around the engine. Expected values never are in
the process that runs a kernel, so that results cannot be forged in any case, only reports.
"""

import functools
import re
import shutil
import subprocess
from pathlib import Path

from sixrounds.cuda.build import RUNTIME, Built
from sixrounds.cuda.compilers import compiler
from sixrounds.cuda.errors import RefusedError
from sixrounds.cuda.text import blanked, line_at

INCLUDES = {path.name for path in (RUNTIME / "include").iterdir()} | {
    *("math.h", "stdint.h", "float.h", "limits.h", "stddef.h", "assert.h", "limits"),
    *("cmath", "cstdint", "cfloat", "climits", "cstddef", "cassert", "type_traits", "utility"),
}
DIRECTIVES = {"include", "define", "undef", "if", "ifdef", "ifndef", "elif", "else", "endif"}
CONDITIONS = {"defined", "__CUDA_ARCH__", "__CUDACC__"}
KEYWORDS = set(
    "alignas auto bool char const constexpr decltype double else enum extern float for if inline "
    "int long namespace return short signed sizeof static struct switch template thread_local "
    "typedef typename union unsigned using void volatile while".split()
)
# Pattern, what is wrong with it.
PATTERNS = (
    (r"\b(?:asm|__asm|__asm__)\b", "assembler"),
    (r"\b__attribute(?:__)?\b|\b__declspec\b|\[\s*\[", "attributes"),
    (r"\b_Pragma\b", "pragmas"),
    (r"##|%:|<:|<%|\?\?[=/'()!<>-]", "words put together by the preprocessor"),
    (r"\\[uU]", "characters by number in names"),
    (r"\b(?:sr|SR)_\w*|\b_(?:GLIBCXX|GNU|LIBC|LIBCPP|OPENMP)\w*", "names of the CPU build"),
    (r"\bgoto\b", "goto"),
    (r"\bnamespace\s+(?:std|sr)\b", "a namespace of the CPU build"),
    (
        r"\b(?:throw|try|catch|new|delete|virtual|dynamic_cast|typeid)\b",
        "C++ that devices run badly",
    ),
    (r"\bthread_local\b|\bregister\b", "storage that only the CPU has"),
)
# What the object may ask of the rest of the program.
ENGINE = {
    *(
        "sr_thread",
        "sr_block",
        "sr_block_size",
        "sr_grid_size",
        "sr_barrier",
        "sr_fence",
        "sr_stop",
    ),
    *("sr_printf", "sr_clock", "sr_warp", "sr_active", "sr_atomic", "sr_describe"),
    *("sr_memcpy", "sr_memmove", "sr_memset", "__sanitizer_cov_trace_pc"),
    "__ubsan_handle_out_of_bounds",
}
HOOKS = re.compile(
    r"__tsan_(?:init|func_entry|func_exit|read_range|write_range|memcpy|memset|memmove|"
    r"(?:unaligned_|volatile_)?(?:read|write|read_write)(?:1|2|4|8|16))"
)
# memcpy and memset: the compiler's own, for copies that the hooks have seen.
LIBRARY = {"memcpy", "memset", "_GLOBAL_OFFSET_TABLE_"}
MATHS = (
    "acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh erf erfc exp exp2 expm1 "
    "fabs fdim floor fma fmax fmin fmod frexp hypot ilogb ldexp lgamma llrint llround log log10 "
    "log1p log2 logb lrint lround modf nearbyint nextafter pow remainder rint round scalbn sin "
    "sincos sinh sqrt tan tanh tgamma trunc"
).split()


@functools.cache
def known_names() -> frozenset[str]:
    """CUDA's names that start with two underscores, as the headers define them."""
    text = "".join(path.read_text("utf-8") for path in sorted((RUNTIME / "device").glob("*.h")))
    names = set(re.findall(r"\b__[a-zA-Z]\w*", text))
    ours = ("__builtin", "__attribute", "__asm", "__tsan", "__VA_ARGS__")
    return frozenset(name for name in names if not name.startswith(ours)) | {"__func__"}


def refuse_text(code: str, filename: str = "kernel.cu") -> None:
    """Refuse a text that could go around the engine.

    Raises:
        RefusedError: it could; says what and where.
    """
    joined = re.sub(r"\\[ \t]*\n", "", code)
    plain = blanked(joined)
    _refuse_directives(joined, plain, filename)
    for pattern, what in PATTERNS:
        found = re.search(pattern, plain)
        if found:
            _refuse(filename, line_at(plain, found.start()), f"{what} ({found.group().strip()})")
    for found in re.finditer(r"\b__[a-zA-Z]\w*", plain):
        if found.group() not in known_names():
            line = line_at(plain, found.start())
            _refuse(filename, line, f"a name that CUDA does not have ({found.group()})")


def _refuse(filename: str, line: int, what: str) -> None:
    raise RefusedError(f"{filename}:{line}: not graded: {what}")


def _refuse_directives(joined: str, plain: str, filename: str) -> None:
    own = set(re.findall(r"^\s*#\s*define\s+(\w+)", plain, re.MULTILINE))
    for number, (line, bare) in enumerate(
        zip(joined.split("\n"), plain.split("\n"), strict=True), 1
    ):
        found = re.match(r"\s*#\s*(\w*)(.*)", bare)
        if not found:
            continue
        word, rest = found[1], found[2]
        if word == "pragma":
            if not re.fullmatch(r"\s*(?:once|unroll(?:\s+\d+|\s*\(\d+\))?|nounroll)\s*", rest):
                _refuse(filename, number, f"a pragma ({bare.strip()})")
        elif word not in DIRECTIVES:
            _refuse(filename, number, f"a directive ({bare.strip()})")
        elif word == "include":
            name = re.match(r'\s*#\s*include\s*[<"]([^>"]*)[>"]\s*(?://.*)?$', line)
            if not name or name[1] not in INCLUDES:
                _refuse(filename, number, f"an include ({line.strip()})")
        elif word in ("if", "ifdef", "ifndef", "elif"):
            asked = set(re.findall(r"[A-Za-z_]\w*", rest)) - own - CONDITIONS
            if asked:
                _refuse(filename, number, f"a question about the compiler ({bare.strip()})")
        elif word in ("define", "undef"):
            name = re.match(r"\s*(\w+)", rest)
            if name and (name[1] in KEYWORDS or name[1].startswith("__") or name[1] in CONDITIONS):
                _refuse(filename, number, f"a new meaning for {name[1]}")


def allowed_symbol(name: str) -> bool:
    """Whether object code may ask for this symbol."""
    maths = {suffixed for base in MATHS for suffixed in (base, base + "f")}
    return name in ENGINE or name in LIBRARY or name in maths or HOOKS.fullmatch(name) is not None


def replaces(name: str, kernels: tuple[str, ...]) -> bool:
    """Whether a function of this name could stand in for one of the engine or its libraries."""
    if name.startswith("_Z"):
        return re.match(r"_Z(?:N[KVRO]*)?(?:St|Sa|Ss|2sr|[nd][wla])", name) is not None
    return not name.startswith("sr_") and name not in kernels


def refuse_object(built: Built) -> None:
    """Refuse object code that asks for more than the engine, or jumps to computed addresses.

    Raises:
        RefusedError: it does, or it cannot be looked at.
    """
    by = compiler()
    if by.family != "g++":
        # clang's sanitizer skips stores through pointers into local arrays, which reach the stack.
        raise RefusedError(f"kernels are graded with g++ alone, not with {by.version}")
    asked = [name for name in built.undefined if not allowed_symbol(name)]
    if asked:
        raise RefusedError(f"{built.filename}: not graded: it calls {', '.join(asked[:3])}")
    bad = [name for name in built.defined if replaces(name, built.kernels)]
    if bad:
        raise RefusedError(f"{built.filename}: not graded: it defines {', '.join(bad[:3])}")
    listing = disassembled(built.program.parent / "kernel.o")
    jump = re.search(
        r"\b(?:call|jmp)q?\s+\*.*|\b(?:syscall|sysenter|int\s+\$0x80)\b.*|\bbl?r\s+x\d+", listing
    )
    if jump:
        raise RefusedError(
            f"{built.filename}: not graded: it calls a computed address ({jump.group().strip()})"
        )


def disassembled(path: Path) -> str:
    """The instructions of an object file.

    Raises:
        RefusedError: there is no objdump.
    """
    tool = shutil.which("objdump")
    if tool is None:
        raise RefusedError("kernels are graded where objdump is; sudo apt-get install binutils")
    command = [tool, "-d", "--no-show-raw-insn", str(path)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    if ran.returncode:
        raise RefusedError(f"{path.name}: objdump cannot read it")
    return ran.stdout
