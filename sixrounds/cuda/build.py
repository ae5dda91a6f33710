"""From a kernel's text to a program: compiled, linked with the engine, and described."""

import ctypes
import json
import os
import re
import subprocess
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path

from sixrounds.cuda import cache as store
from sixrounds.cuda import elf
from sixrounds.cuda.compilers import ENGINE, Compiler, compiler
from sixrounds.cuda.errors import CompileError, CudaError
from sixrounds.cuda.lanes import Lane
from sixrounds.cuda.limits import SHARED_BYTES_OPT_IN
from sixrounds.cuda.text import declared, refuse_absent

RUNTIME = Path(__file__).parent / "runtime"
SECONDS = 120.0
LIMIT = "SIXROUNDS_CUDA_COMPILE_SECONDS"  # for a compiler's run; less where strangers compile
GUARD = "_ZGV"
# Pointers to code that runs before any kernel; the sanitizer has one of its own.
RUN_AT_START = (".init", ".preinit_array", ".ctors")
OF_SANITIZER = {".init_array.00099", ".init_array.0"}
POINTER = 8
ANCHOR = "sr_tls_anchor"
ENTRY = """
static void sr_call_{i}(void** a) __attribute__((no_sanitize("thread")));
static void sr_call_{i}(void** a) {{ sr_kernel<decltype(&{name}), &{name}>::call(a); }}
static void sr_describe_{i}(char* to, size_t room) {{
  sr_kernel<decltype(&{name}), &{name}>::describe(to, room);
}}
"""


@dataclass(frozen=True)
class Variable:
    """A shared array, or a global or constant of the module, as the program has it.

    `at` is an address; for shared arrays it is an offset from the engine's anchor.
    """

    name: str
    at: int
    size: int
    function: str = ""
    dynamic: bool = False
    constant: bool = False


@dataclass(frozen=True)
class Built:
    """A program that runs the kernels of a module in one lane."""

    program: Path
    filename: str
    lines: int
    kernels: tuple[str, ...]
    signatures: tuple[str, ...]
    shared: tuple[Variable, ...] = ()
    guards: tuple[Variable, ...] = ()  # the compiler's own, beside shared arrays of vectors
    variables: tuple[Variable, ...] = ()
    defined: tuple[str, ...] = ()  # functions
    undefined: tuple[str, ...] = ()
    text: tuple[int, int] = (0, 0)
    warnings: str = field(default="", compare=False)


@cache
def runtime_key() -> str:
    """A name for the content of the engine and headers."""
    files = sorted(path for path in RUNTIME.rglob("*") if path.suffix in (".h", ".cpp"))
    return store.key(*(f"{path.name}\n{path.read_text()}" for path in files))


@cache
def own_key() -> str:
    """A name for the code that describes programs: only what it wrote itself is read."""
    here = Path(__file__).parent
    return store.key(*((here / name).read_text("utf-8") for name in ("build.py", "elf.py")))


def run(command: list[str], folder: Path, text: str = "") -> subprocess.CompletedProcess[str]:
    """Run a compiler or linker.

    Raises:
        CompileError: it takes too long.
    """
    seconds = float(os.environ.get(LIMIT, SECONDS))
    try:
        return subprocess.run(
            command,
            cwd=folder,
            env=os.environ | {"LC_ALL": "C"},
            input=text,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise CompileError(f"the compiler was stopped after {seconds:g} s") from None


def engine(by: Compiler) -> Path:
    """The engine's object file, compiled once per compiler.

    Raises:
        CudaError: the compiler cannot build it.
    """

    def make(folder: Path) -> None:
        source = RUNTIME / "engine" / "engine.cpp"
        ran = run([*by.command, *ENGINE, "-c", str(source), "-o", "engine.o"], folder)
        if ran.returncode:
            raise CudaError(f"{by.version} cannot build the engine: {first_error(ran.stderr)}")

    name = "engine-" + store.key(by.version, ENGINE, runtime_key())
    return store.entry(name, make) / "engine.o"


def build(
    code: str, lane: Lane, options: tuple[str, ...], expressions: tuple[str, ...], filename: str
) -> Built:
    """The program for this text, from the cache if it was built before.

    Raises:
        NotHereError: it uses a part of CUDA that the CPU lanes do not have.
        CompileError: the compiler refuses it.
        CudaError: it has no kernel, or there is no compiler.
    """
    refuse_absent(code, filename)
    by = compiler()
    kernels = kernel_names(code, expressions, filename)
    flags = (*by.flags(lane), *checked_options(options))

    def make(folder: Path) -> None:
        compile_into(folder, code, kernels, flags, filename)

    name = store.key(code, kernels, flags, filename, by.version, runtime_key(), own_key())
    folder = store.entry(name, make)
    return load(folder, filename)


def kernel_names(code: str, expressions: tuple[str, ...], filename: str) -> tuple[str, ...]:
    """The kernels to make callable: those that are no templates, and the expressions asked for."""
    found = declared(code)
    asked = {re.sub("<.*", "", text).split("::")[-1].strip() for text in expressions}
    names = [one.name for one in found.values() if not one.template and one.name not in asked]
    names += expressions
    if names:
        return tuple(names)
    if found:
        example = f'name_expressions=["{next(iter(found))}<float>"]'
        raise CudaError(f"{filename}: its kernels are templates; name one, as in {example}")
    raise CudaError(f"{filename}: no kernel: write __global__ void name(…)")


def checked_options(options: tuple[str, ...]) -> tuple[str, ...]:
    """Compiler options that mean the same everywhere: -D, -U; the language standard is ours.

    Raises:
        CudaError: another one.
    """
    kept = []
    for option in options:
        if re.match(r"-[DU]\w", option):
            kept.append(option)
        elif not re.match(r"--?std=|--?use_fast_math|-lineinfo|--?gpu-arch|-arch", option):
            raise CudaError(f"option {option!r}: the CPU lanes take -D and -U only")
    return tuple(kept)


def compile_into(
    folder: Path, code: str, kernels: tuple[str, ...], flags: tuple[str, ...], filename: str
) -> None:
    """Compile and link into a folder: `program` and `built.json`.

    Raises:
        CompileError: the compiler or linker refuses.
    """
    by = compiler()
    core = engine(by)
    entries = "".join(ENTRY.format(i=i, name=name) for i, name in enumerate(kernels))
    rows = ", ".join(f'{{"k{i}", sr_call_{i}, sr_describe_{i}}}' for i in range(len(kernels)))
    table = f'extern "C" {{ extern const sr_entry sr_entries[] = {{{rows}}};'
    table += f" extern const unsigned sr_entry_count = {len(kernels)}; }}\n"
    (folder / filename).write_text(code + "\n" + entries + table)
    headers = [
        "-I",
        str(RUNTIME / "include"),
        "-include",
        str(RUNTIME / "device" / "sixrounds_cuda.h"),
    ]
    ran = run(
        [*by.command, *flags, *headers, "-x", "c++", "-c", filename, "-o", "kernel.o"], folder
    )
    if ran.returncode:
        raise CompileError(readable(ran.stderr, code.count("\n") + 1, filename))
    if runs_at_start(elf.sections(folder / "kernel.o")):
        raise CompileError(
            f"{filename}: a global is initialized by code: __device__, __constant__ and "
            "__shared__ variables take constant expressions only"
        )
    symbols = elf.symbols(folder / "kernel.o")
    clashes = [name for name in plain_names(symbols) if hasattr(ctypes.CDLL(None), name)]
    if clashes:
        raise CompileError(
            f"{filename}: the C library has a {clashes[0]} too, which would be called instead; "
            "choose another name"
        )
    dynamic = [s.name for s in symbols if s.type == elf.THREAD_LOCAL and not s.section]
    link = [*by.command, "-no-pie", "-o", "program", "kernel.o", str(core)]
    if dynamic:
        (folder / "dynamic.s").write_text(dynamic_shared(dynamic))
        link.append("dynamic.s")
    linked = run(link, folder)
    if linked.returncode:
        raise CompileError(readable(linked.stderr, code.count("\n") + 1, filename))
    described = run([str(folder / "program"), "--describe"], folder)
    built = describe(folder, kernels, described.stdout.split("\n"), dynamic)
    built |= {"lines": code.count("\n") + 1, "warnings": readable(ran.stderr, 0, filename)}
    (folder / "built.json").write_text(json.dumps(built))


def plain_names(symbols: list[elf.Symbol]) -> list[str]:
    """What an object defines under a name that C code would call it by, our own aside."""
    kinds = (elf.FUNCTION, elf.OBJECT)
    ours = ("_Z", "sr_")
    names = [one.name for one in symbols if one.section and one.type in kinds and not one.local]
    return sorted(name for name in names if not name.startswith(ours))


def runs_at_start(sections: dict[str, int]) -> bool:
    """Whether an object brings code that runs before any kernel: the device has no such thing."""
    found = {name: size for name, size in sections.items() if name.startswith(RUN_AT_START)}
    return bool(found.keys() - OF_SANITIZER) or sum(found.values()) > POINTER


def dynamic_shared(names: list[str]) -> str:
    """Assembler for `extern __shared__` arrays: they all start at the same place, as in CUDA."""
    labels = "".join(f".globl {name}\n.type {name}, @object\n{name}:\n" for name in names)
    return (
        f'.section .tbss,"awT",@nobits\n.balign 1024\n{labels}.zero {SHARED_BYTES_OPT_IN}\n'
        '.section .note.GNU-stack,"",@progbits\n'
    )


def describe(
    folder: Path, kernels: tuple[str, ...], signatures: list[str], dynamic: list[str]
) -> dict[str, object]:
    """What is known of a program from its symbols."""
    ours = {s.name: s for s in elf.symbols(folder / "kernel.o")}
    linked = {s.name: s for s in elf.symbols(folder / "program")}
    anchor = linked[ANCHOR].value
    shared, guards, variables, text = [], [], [], []
    for name, own in ours.items():
        symbol = linked.get(name)
        if symbol is None or name.startswith("sr_") or (not own.section and name not in dynamic):
            continue
        short = elf.short_name(name)
        if symbol.type == elf.THREAD_LOCAL and not name.startswith(GUARD):
            function = elf.enclosing_function(name)
            shared.append(
                Variable(short, symbol.value - anchor, symbol.size, function, name in dynamic)
            )
        elif symbol.type == elf.OBJECT and own.section.startswith((".data", ".bss", "sr_constant")):
            constant = own.section == "sr_constant"
            variables.append(Variable(short, symbol.value, symbol.size, constant=constant))
        elif symbol.type == elf.THREAD_LOCAL:
            guards.append(Variable("guard", symbol.value - anchor, symbol.size))
        elif symbol.type == elf.FUNCTION:
            text.append((symbol.value, symbol.value + symbol.size))
    return {
        "kernels": kernels,
        "signatures": signatures[: len(kernels)],
        "shared": [asdict(one) for one in sorted(shared, key=lambda one: one.at)],
        "guards": [asdict(one) for one in guards],
        "variables": [asdict(one) for one in sorted(variables, key=lambda one: one.at)],
        "defined": sorted(
            s.name for s in ours.values() if s.section and s.type == elf.FUNCTION and not s.local
        ),
        "undefined": sorted(
            s.name for s in ours.values() if not s.section and s.name not in dynamic
        ),
        "text": (min(low for low, _ in text), max(high for _, high in text)),
    }


def load(folder: Path, filename: str) -> Built:
    """What `compile_into` left in a folder."""
    data = json.loads((folder / "built.json").read_text())
    return Built(
        program=folder / "program",
        filename=filename,
        lines=data["lines"],
        kernels=tuple(data["kernels"]),
        signatures=tuple(data["signatures"]),
        shared=tuple(Variable(**one) for one in data["shared"]),
        guards=tuple(Variable(**one) for one in data["guards"]),
        variables=tuple(Variable(**one) for one in data["variables"]),
        defined=tuple(data["defined"]),
        undefined=tuple(data["undefined"]),
        text=(data["text"][0], data["text"][1]),
        warnings=data["warnings"],
    )


def readable(said: str, lines: int, filename: str) -> str:
    """The compiler's message with CUDA's names, and no lines but the learner's."""
    for inner, outer in (
        ("sr_thread()", "threadIdx"),
        ("sr_block_size()", "blockDim"),
        ("sr_grid_size()", "gridDim"),
        ("sr_block()", "blockIdx"),
    ):
        said = said.replace(inner + ".uint3::", outer + ".").replace(inner, outer)

    def theirs(found: re.Match[str]) -> str:
        return (
            f"{filename}: in what makes its kernels callable:"
            if lines < int(found[1])
            else found[0]
        )

    said = (
        re.sub(rf"^{re.escape(filename)}:(\d+):\d+:", theirs, said, flags=re.MULTILINE)
        if lines
        else said
    )
    return said.strip()


def first_error(said: str) -> str:
    """The first line of a compiler's output that is an error."""
    lines = said.strip().split("\n")
    return next((line for line in lines if "error" in line), lines[0])
