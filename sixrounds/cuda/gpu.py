"""The lane that runs on a GPU, through CuPy. Never run on hardware by us: this machine has none."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sixrounds.cuda.errors import CudaError

if TYPE_CHECKING:
    from sixrounds.cuda.api import Function


def why_not() -> str:
    """Why the lane cannot be used here; empty if it can."""
    if importlib.util.find_spec("cupy") is None:
        return "CuPy is not installed (pip install cupy-cuda12x)"
    try:
        cupy = importlib.import_module("cupy")
        return "" if cupy.cuda.is_available() else "CuPy sees no GPU"
    except Exception as error:
        return f"CuPy does not start: {error}"


def launch(
    kernel: Function, grid: object, block: object, args: Sequence[Any], shared_mem: int
) -> None:
    """Compile with CuPy and launch; numpy arrays are copied there and back, CuPy's stay there.

    Raises:
        CudaError: no CuPy or no device.
    """
    reason = why_not()
    if reason:
        raise CudaError(f"lane gpu: {reason}; the lanes fast, check and metrics need no GPU")
    cupy = importlib.import_module("cupy")
    module = kernel.module
    options = ("--std=c++17", *module.options)
    raw = cupy.RawModule(
        code=module.code, options=options, name_expressions=module.name_expressions or None
    )
    function = raw.get_function(kernel.name)
    if shared_mem > function.max_dynamic_shared_size_bytes:
        function.max_dynamic_shared_size_bytes = kernel.max_dynamic_shared_size_bytes
    there = [cupy.asarray(arg) if isinstance(arg, np.ndarray) else arg for arg in args]
    function(grid, block, tuple(there), shared_mem=shared_mem)
    for here, device in zip(args, there, strict=True):
        if isinstance(here, np.ndarray) and here.flags.writeable:
            here[...] = cupy.asnumpy(device)
