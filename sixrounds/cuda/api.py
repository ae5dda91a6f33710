"""RawModule and RawKernel as CuPy has them; arrays are numpy's here, and CuPy's on a GPU.

    kernel = RawKernel(code, "vector_add")
    kernel((blocks,), (threads,), (a, b, out, np.int32(n)))

The lane (`sixrounds.cuda.use`) decides what a launch does besides; the code does not change.
"""

import itertools
import math
import re
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sixrounds.cuda import gpu, limits, nvrtc, remote
from sixrounds.cuda.arguments import bind
from sixrounds.cuda.build import Built, Variable, build, kernel_names
from sixrounds.cuda.compilation import Compilation
from sixrounds.cuda.errors import CudaError, KernelError, KernelWarning, RefusedError
from sixrounds.cuda.geometry import check_shared, geometry, shared_of
from sixrounds.cuda.helper import Launch
from sixrounds.cuda.lanes import Lane, current
from sixrounds.cuda.nvrtc import ARCHITECTURES, Compiled
from sixrounds.cuda.ptxas import Resources
from sixrounds.cuda.reading import read
from sixrounds.cuda.remote import Request, asked_elsewhere
from sixrounds.cuda.report import Report
from sixrounds.cuda.signature import parameters
from sixrounds.cuda.text import declared

_numbers = itertools.count()


class RawModule:
    """CUDA C++ text with one or more kernels; compiled when first used in a lane.

    Args:
        code: the text.
        options: `-D` and `-U` in the CPU lanes, NVRTC's in lane compile.
        name_expressions: instances of templates, such as `scale<float>`.
        filename: what reports and the compiler call the text; ours, CuPy has none.

    Raises:
        NotHereError, CompileError, CudaError: at the first use, as in `build`.
    """

    def __init__(
        self,
        code: str,
        *,
        options: Sequence[str] = (),
        name_expressions: Sequence[str] = (),
        filename: str = "kernel.cu",
    ) -> None:
        self.code = str(code)
        self.options = tuple(options)
        self.name_expressions = tuple(name_expressions)
        self.filename = Path(filename).name
        self._number = next(_numbers)
        self._globals: dict[Lane, dict[str, bytearray]] = {}

    def built(self, lane: Lane) -> Built:
        """The program of a CPU lane.

        Raises:
            CudaError: as in `build`, or another lane.
        """
        if lane in (Lane.COMPILE, Lane.GPU):
            raise CudaError(f'lane {lane.value} has no program on the CPU: use("check") first')
        return build(self.code, lane, self.options, self.name_expressions, self.filename)

    def compile(self) -> None:
        """Compile for the lane in use now, rather than at the first launch."""
        if current() is Lane.COMPILE:
            for arch in ARCHITECTURES:
                self.compiled(arch)
        elif current() is not Lane.GPU:
            self.built(current())

    def compiled(self, arch: str) -> Compiled:
        """What NVIDIA's compiler makes of it for an architecture, such as sm_80; in any lane.

        Raises:
            RefusedError: in the grader, which compiles a learner's text in its jail alone.
            CudaError: as in `nvrtc.compile_for`.
        """
        if remote.is_elsewhere():
            raise RefusedError("what NVIDIA's compiler says of a kernel is not graded")
        return nvrtc.compile_for(
            arch, self.code, self.options, self.name_expressions, self.filename
        )

    def get_function(self, name: str) -> "Function":
        """A kernel by its name or expression.

        Raises:
            CudaError: there is none of this name.
        """
        names = kernel_names(self.code, self.name_expressions, self.filename)
        if name not in names:
            template = re.sub("<.*", "", name) in declared(self.code)
            hint = f"; it is a template: name_expressions=[{name!r}]" if template else ""
            raise CudaError(
                f"{self.filename} has no kernel {name!r}; it has {', '.join(names)}{hint}"
            )
        return Function(self, name)

    def get_global(self, name: str) -> NDArray[np.uint8]:
        """The bytes of a global or constant; what is written there holds at the next launch.

        Raises:
            CudaError: no global of this name.
        """
        built = self.built(current())
        found = next((one for one in built.variables if one.name == name), None)
        if found is None:
            names = ", ".join(one.name for one in built.variables) or "none"
            raise CudaError(f"{self.filename} has no global {name!r}; it has {names}")
        kept = self._globals.setdefault(current(), {})
        return np.frombuffer(kept.setdefault(name, bytearray(found.size)), np.uint8)

    def launch(  # noqa: PLR0913  as CuPy's, and the lane
        self,
        name: str,
        grid: object,
        block: object,
        args: Sequence[object],
        shared_mem: int = 0,
        *,
        lane: Lane | None = None,
        dynamic_limit: int = limits.SHARED_BYTES,
        seconds: float = limits.SECONDS,
        accesses: int = limits.ACCESSES,
    ) -> Report:
        """Run a kernel in a CPU lane and say what was seen; whatever that is, it does not raise.

        Args:
            seconds, accesses: after which the launch is stopped.

        Raises:
            LaunchError: arguments or sizes that the device would refuse.
            CudaError: it cannot be built, as in `build`.
        """
        lane = lane or current()
        request = Request(
            self._number, self.code, self.options, self.name_expressions, self.filename, name,
            grid, block, args, shared_mem, lane, dynamic_limit, seconds, accesses,
        )  # fmt: skip
        elsewhere = asked_elsewhere(request)
        if elsewhere is not None:
            return elsewhere
        return self.launch_here(
            name, grid, block, args, shared_mem,
            lane=lane, dynamic_limit=dynamic_limit, seconds=seconds, accesses=accesses,
        )  # fmt: skip

    def launch_here(  # noqa: PLR0913  as `launch`
        self,
        name: str,
        grid: object,
        block: object,
        args: Sequence[object],
        shared_mem: int,
        *,
        lane: Lane,
        dynamic_limit: int,
        seconds: float,
        accesses: int,
        strict: bool = False,
    ) -> Report:
        """As `launch`, but on this machine in any case.

        Args:
            strict: for grading: give up at the first store that could reach the stack.
        """
        built = self.built(lane)
        number = built.kernels.index(name)
        if name not in self.name_expressions and name not in built.defined:
            raise CudaError(
                f'{self.filename}: {name} has no extern "C", so C++ changes its name and CuPy '
                f'would not find it; write extern "C" __global__ void {name}(…)'
            )
        sizes = geometry(name, grid, block, shared_mem)
        shared = shared_of(name, built.shared, built.kernels)
        check_shared(name, shared, sizes, dynamic_limit)
        bound = bind(name, parameters(self.code, name, built.signatures[number]), args)
        kept = self._globals.setdefault(lane, {})
        launch = Launch(built, number, lane, sizes, bound, shared, kept, accesses, seconds, strict)
        began = time.perf_counter()
        ran = launch.run()
        took = time.perf_counter() - began
        said, parts = read(ran, built, sizes.block)
        return Report(
            kernel=name, filename=self.filename, code=self.code, lane=lane.value,
            grid=sizes.grid, block=sizes.block, accesses=said.accesses, barriers=said.barriers,
            stopped=said.stopped, printed=said.printed, seconds=took, **parts,  # type: ignore[arg-type]
        )  # fmt: skip


class Function:
    """A kernel that can be called: `function(grid, block, args, shared_mem=0)`."""

    def __init__(self, module: RawModule, name: str) -> None:
        self.module = module
        self.name = name
        self.max_dynamic_shared_size_bytes = limits.SHARED_BYTES
        self.report: Report | None = None  # of the last launch in a CPU lane

    def resources(self, arch: str = "sm_80") -> Resources:
        """Registers, shared memory, spills: what NVIDIA's compiler says of it; in any lane.

        Raises:
            CudaError: as in `nvrtc.compile_for`.
        """
        return self.module.compiled(arch).resources[self.name]

    def compilation(self, grid: object, block: object, shared_mem: int = 0) -> Compilation:
        """What a launch in lane compile returns; the arguments of the kernel do not matter.

        Raises:
            LaunchError: sizes that the device would refuse.
            CudaError: as in `nvrtc.compile_for`.
        """
        sizes = geometry(self.name, grid, block, shared_mem)
        made = [self.module.compiled(arch) for arch in ARCHITECTURES]
        each = tuple(one.resources[self.name] for one in made)
        static = Variable("static", 0, each[0].shared_size_bytes)
        check_shared(self.name, [static], sizes, self.max_dynamic_shared_size_bytes)
        threads = math.prod(sizes.block)
        warned = made[0].warnings
        return Compilation(self.name, self.module.filename, threads, sizes.shared, each, warned)

    def __call__(
        self, grid: object, block: object, args: Sequence[Any], shared_mem: int = 0
    ) -> Report | Compilation | None:
        """Launch it in the lane in use. CPU lanes return a report, lane gpu nothing.

        Lane compile returns what the compiler says and runs nothing.

        Raises:
            LaunchError: the device would refuse this launch.
            KernelError: the launch had to be given up; it has the report.
            CudaError: as in `build`.
        """
        lane = current()
        if lane is Lane.GPU:
            gpu.launch(self, grid, block, args, shared_mem)
            return None
        if lane is Lane.COMPILE:
            return self.compilation(grid, block, shared_mem)
        report = self.module.launch(
            self.name, grid, block, args, shared_mem,
            lane=lane, dynamic_limit=self.max_dynamic_shared_size_bytes,
        )  # fmt: skip
        self.report = report
        if report.printed:
            print(report.printed, end="")
        if report.stopped:
            said = report.findings[0].message if report.findings else report.stopped
            raise KernelError(said, report)
        if report.findings:
            more = len(report.findings) - 1
            rest = f" (and {more} more: print the report)" if more else ""
            warnings.warn(report.findings[0].message + rest, KernelWarning, stacklevel=2)
        return report


class RawKernel(Function):
    """One kernel from its text, as `cupy.RawKernel`."""

    def __init__(
        self, code: str, name: str, options: Sequence[str] = (), *, filename: str = "kernel.cu"
    ) -> None:
        expressions = (name,) if "<" in name else ()
        module = RawModule(code, options=options, name_expressions=expressions, filename=filename)
        super().__init__(module, name)
        module.get_function(name)


def load(
    path: str | Path, *, options: Sequence[str] = (), name_expressions: Sequence[str] = ()
) -> RawModule:
    """The module of a .cu file; reports name the file."""
    path = Path(path)
    return RawModule(
        path.read_text("utf-8"),
        options=options,
        name_expressions=name_expressions,
        filename=path.name,
    )
