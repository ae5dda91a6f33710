"""One launch in a process of its own: it may crash or hang without taking the caller along.

Arrays cross by shared memory, the job by standard input, the report by standard output; all three
are files without a name.
"""

import contextlib
import mmap
import os
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass

from sixrounds.cuda.arguments import PAGE, Bound
from sixrounds.cuda.build import Built, Variable
from sixrounds.cuda.errors import CudaError
from sixrounds.cuda.geometry import Geometry
from sixrounds.cuda.lanes import Lane

GRACE = 5.0
GLOBAL, SHARED, CONSTANT, HIDDEN = 0, 1, 2, 3


@dataclass(frozen=True)
class Area:
    """What the report's region numbers stand for."""

    name: str
    size: int
    itemsize: int  # 0: not known
    space: int


@dataclass(frozen=True)
class Ran:
    """What came back from a launch."""

    text: str
    areas: tuple[Area, ...]
    crash: str  # empty unless the process died or was stopped


def scratch(name: str) -> int:
    """An open file without a name, in memory where the system can and may."""
    if hasattr(os, "memfd_create"):
        with contextlib.suppress(OSError):  # a jail has no such call
            return os.memfd_create(name, os.MFD_CLOEXEC)
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


@dataclass(frozen=True)
class Launch:
    """All there is to say about one launch."""

    built: Built
    kernel: int
    lane: Lane
    sizes: Geometry
    bound: Bound
    shared: Sequence[Variable]
    globals: dict[str, bytearray]
    accesses: int
    seconds: float
    strict: bool = False

    def areas(self) -> list[tuple[Area, str]]:
        """Every region with the words that say where it is."""
        found = []
        for one in self.bound.regions:
            shift = 2 if one.itemsize >= 4 else 0
            found.append(
                (Area(one.name, one.size, one.itemsize, GLOBAL), f"0 a {one.at} {one.size} {shift}")
            )
        for array in self.shared:
            size = self.sizes.shared if array.dynamic else array.size
            found.append((Area(array.name, size, 0, SHARED), f"0 t {array.at} {size} 2"))
        for guard in self.built.guards:
            found.append(
                (Area(guard.name, guard.size, 0, HIDDEN), f"0 t {guard.at} {guard.size} 2")
            )
        for variable in self.built.variables:
            space = CONSTANT if variable.constant else GLOBAL
            where = f"{int(variable.constant)} g {variable.at} {variable.size} 2"
            found.append((Area(variable.name, variable.size, 0, space), where))
        return found

    def job(self, arena: int, size: int, places: dict[str, int]) -> str:
        """The words that the engine reads."""
        races, metrics = self.lane is Lane.CHECK, self.lane is Lane.METRICS
        lines = [
            f"kernel {self.kernel}",
            f"checks {races:d} {metrics:d} {self.strict:d}",
            "grid {} {} {}".format(*self.sizes.grid),
            "block {} {} {}".format(*self.sizes.block),
            f"limits {self.accesses} {self.seconds}",
            "text {} {}".format(*self.built.text),
            f"arena {arena} {size}",
        ]
        lines += [f"region {area.space} {where} {area.name}" for area, where in self.areas()]
        for one in self.built.variables:
            restored = one.name in self.globals
            lines.append(f"global {one.at} {places[one.name]} {one.size} {restored:d}")
        lines += [f"argument {value.hex()}" for value in self.bound.values]
        return "\n".join(lines) + "\n"

    def run(self) -> Ran:
        """Run it; arrays and the module's globals are changed as the kernel changes them.

        Raises:
            CudaError: the helper cannot be started.
        """
        places, end = {}, self.bound.end
        for one in self.built.variables:
            places[one.name], end = end, end + -(-one.size // 64) * 64
        end = -(-end // PAGE) * PAGE + PAGE
        files = [scratch(name) for name in ("arrays", "job", "report")]
        arrays, job, report = files
        try:
            os.ftruncate(arrays, end)
            with mmap.mmap(arrays, end) as memory:
                view = memoryview(memory)
                self.bound.copy_in(view)
                for name, value in self.globals.items():
                    view[places[name] : places[name] + len(value)] = value
                os.write(job, self.job(arrays, end, places).encode())
                os.lseek(job, 0, os.SEEK_SET)
                crash = self._wait(arrays, job, report)
                if not crash:
                    self.bound.copy_out(view)
                    for one in self.built.variables:
                        kept = bytearray(view[places[one.name] : places[one.name] + one.size])
                        self.globals[one.name] = kept
                view.release()
            text = os.pread(report, os.fstat(report).st_size, 0).decode("utf-8", "replace")
        finally:
            for file in files:
                os.close(file)
        return Ran(text, tuple(area for area, _ in self.areas()), crash)

    def _wait(self, arrays: int, job: int, report: int) -> str:
        """Run the program to its end or its deadline; how it failed, or nothing."""
        try:
            process = subprocess.Popen(
                [self.built.program],
                stdin=job,
                stdout=report,
                stderr=report,
                pass_fds=(arrays,),
                env={},
                start_new_session=True,
            )
        except OSError as error:
            raise CudaError(f"{self.built.program} cannot be run: {error.strerror}") from None
        try:
            code = process.wait(self.seconds + GRACE)
        except subprocess.TimeoutExpired:
            return f"stopped after {self.seconds + GRACE:g} s"
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        if code == 0:
            return ""
        return f"the kernel's process died of signal {-code}" if code < 0 else f"exit code {code}"
