"""The surroundings of a worker process: the same on every machine, whatever is installed there.

The kernel must be this interpreter. jupyter_client finds "python3" along a search path where a
user's own kernel comes before the environment's; JUPYTER_PATH comes before both, so a kernel
specification that names `sys.executable` is put there. Settings that change a notebook's
outputs (a plotting backend, start-up files, a user's IPython profile) are kept out.
"""

import json
import os
import sys
from pathlib import Path

import sixrounds

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
UNWANTED = ("MPLBACKEND", "PYTHONSTARTUP", "JUPYTER_KERNEL_NAME")


def write_kernel(folder: Path) -> None:
    """Puts a "python3" kernel that is this interpreter below `folder`, for JUPYTER_PATH."""
    spec = folder / "kernels" / "python3"
    spec.mkdir(parents=True)
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    content = {"argv": command, "display_name": "Python 3", "language": "python"}
    (spec / "kernel.json").write_text(json.dumps(content), "utf-8")


def worker_environment(jupyter: Path, private: Path, *, one_thread: bool) -> dict[str, str]:
    """Environment variables of one worker.

    Args:
        jupyter: the folder given to `write_kernel`.
        private: a folder of this worker's own, for IPython's profile and connection files.
        one_thread: let numerical libraries use a single thread, since workers share the cores.
    """
    variables = {n: v for n, v in package_environment().items() if n not in UNWANTED}
    variables |= {
        "JUPYTER_PATH": str(jupyter),
        "JUPYTER_RUNTIME_DIR": str(private / "runtime"),
        "IPYTHONDIR": str(private / "ipython"),
    }
    if one_thread:
        variables |= dict.fromkeys(THREADS, "1")
    return variables


def package_environment() -> dict[str, str]:
    """Our own variables, so set that a child process imports this very copy of the package."""
    ours = str(Path(sixrounds.__file__).parent.parent)
    inherited = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    return {**os.environ, "PYTHONPATH": os.pathsep.join([ours, *inherited])}
