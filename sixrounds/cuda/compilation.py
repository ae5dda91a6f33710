"""What a launch in lane compile returns: what the compiler says about a kernel. Nothing was run."""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from sixrounds.cuda.ptxas import Resources
from sixrounds.cuda.render import framed

HEAD = (
    "architecture",
    "registers",
    "shared bytes",
    "spill bytes",
    "stack bytes",
    "constant bytes",
    "blocks",
    "occupancy",
    "limited by",
)
Table = list[tuple[str, ...]]


@dataclass(frozen=True)
class Compilation:
    """A kernel's resources and occupancy for a launch, by architecture, and NVRTC's warnings.

    `threads` are those of a block; `shared_mem` is its dynamic shared memory in bytes.
    """

    kernel: str
    filename: str
    threads: int
    shared_mem: int
    resources: tuple[Resources, ...]
    warnings: str = ""

    @property
    def headline(self) -> str:
        """One line: what was compiled, and that this is all."""
        dynamic = f", {self.shared_mem} bytes of dynamic shared memory" if self.shared_mem else ""
        return (
            f"{self.kernel}, lane compile, blocks of {self.threads} threads{dynamic}: "
            "compiled by NVRTC; nothing was run"
        )

    def table(self) -> Table:
        """The rows under `HEAD`, one an architecture."""
        return [self._row(one) for one in self.resources]

    def _row(self, one: Resources) -> tuple[str, ...]:
        found = one.occupancy(self.threads, self.shared_mem)
        blocks, limits = found.blocks, list(found.limited_by)
        if self.threads > one.max_threads_per_block:
            blocks = 0
            limits = limits if found.blocks == 0 else ["launch bounds"]
        share = f"{100 * found.share:.1f} %" if blocks else "does not fit"
        return (
            one.arch, str(one.num_regs), str(one.shared_size_bytes + self.shared_mem),
            str(one.spill_store_bytes + one.spill_load_bytes), str(one.local_size_bytes),
            str(one.const_size_bytes), str(blocks), share, ", ".join(limits),
        )  # fmt: skip

    def __str__(self) -> str:
        table = [HEAD, *self.table()]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = ["  ".join(map(str.rjust, row, widths)) for row in table]
        return "\n".join([self.headline, *lines, *self.warnings.split("\n")]).rstrip()

    def _repr_html_(self) -> str:
        head = _cells(HEAD, '<th scope="col">', "</th>")
        body = "".join(f"<tr>{_cells(row, '<td>', '</td>')}</tr>" for row in self.table())
        warnings = f"<pre>{escape(self.warnings)}</pre>" if self.warnings else ""
        return framed(
            [
                f"<p><b>{escape(self.headline)}</b></p>",
                f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>",
                warnings,
            ]
        )


def _cells(texts: Iterable[str], before: str, after: str) -> str:
    return "".join(f"{before}{escape(text)}{after}" for text in texts)
