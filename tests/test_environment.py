"""What `make env` installs: pinned, without CUDA libraries, and all of it in one process."""

import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, packages_distributions, requires, version
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
LOCK = (ROOT / "requirements.lock").read_text()
WANTED = (ROOT / "requirements.in").read_text()
NAME = re.compile(r"^([A-Za-z0-9._-]+)", re.MULTILINE)


def normal(name: str) -> str:
    """A package's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


PINS = {
    normal(line.split("==")[0].split("[")[0]): line.split("==")[1].split(";")[0].strip()
    for line in LOCK.splitlines()
    if "==" in line and not line.startswith("#")
}


def test_lock_has_only_pins() -> None:
    """Two machines would install different versions."""
    lines = [line for line in LOCK.splitlines() if line and not line.startswith("#")]
    assert len(lines) > 100
    for line in lines:
        assert re.fullmatch(r"[A-Za-z0-9._\[\],-]+==[A-Za-z0-9.!]+( ; .+)?", line), line


def faults(text: str) -> list[str]:
    """What a lock must not name."""
    # NVIDIA's compiler alone, which needs no device; none of the libraries for one.
    compiler = "cuda-(?:nvrtc|runtime|crt|cccl)=="
    bad = rf"\+cpu|nvidia-(?!{compiler})|https?://|file://|git\+|--index|--extra"
    return re.findall(bad, text)


def test_lock_has_no_build_of_one_machine() -> None:
    """The lock would install on one machine only, or pull gigabytes of CUDA libraries."""
    assert faults(LOCK) == []
    assert PINS["torch"] == "2.13.0"
    for bad in ("torch==2.13.0+cpu", "nvidia-cublas==1", "x @ https://host/x.whl", "--index-url u"):
        assert faults(LOCK + bad)


def test_lock_has_all_that_is_wanted() -> None:
    """A package named in requirements.in would be missing until somebody ran `make lock`."""
    wanted = {
        normal(NAME.match(line).group(1))  # type: ignore[union-attr]
        for line in WANTED.splitlines()
        if line and not line.startswith("#")
    }
    assert len(wanted) > 40
    assert wanted - set(PINS) == set()


@pytest.mark.parametrize(
    ("name", "below"),
    [("highspy", (1, 15)), ("pandas", (3,)), ("scikit-learn", (1, 10)), ("numpy", (2, 5))],
)
def test_pins_that_were_found_to_be_needed(name: str, below: tuple[int, ...]) -> None:
    """Versions known not to work together would come back with the next `make lock`."""
    numbers = tuple(int(part) for part in PINS[name].split(".")[: len(below)])
    assert numbers < below


def test_installed_is_what_is_locked() -> None:
    """A test would pass with a version that nobody else gets."""
    different = {}
    for name, pin in PINS.items():
        try:
            found = version(name).split("+")[0]
        except PackageNotFoundError:
            found = "missing"
        if found != pin:
            different[name] = (pin, found)
    assert different == {}


def test_conda_and_lock_agree() -> None:
    """`conda env create` would give another environment than `make env`."""
    conda = yaml.safe_load((ROOT / "environment.yml").read_text())
    plain = [item for item in conda["dependencies"] if isinstance(item, str)]
    assert plain == ["python=3.11", "pip"], "conda gives Python, the lock gives the rest"
    pip = next(item["pip"] for item in conda["dependencies"] if isinstance(item, dict))
    assert pip == ["-r requirements.lock", "--no-deps -e ."]
    assert "python3.11" in (ROOT / "Makefile").read_text()
    assert sys.version_info[:2] == (3, 11)


def test_wheel_depends_on_little() -> None:
    """Installing in Colab would replace Colab's own packages, or pull torch."""
    needed = [line for line in requires("sixrounds") or [] if "extra ==" not in line]
    assert {normal(NAME.match(line).group(1)) for line in needed} == {  # type: ignore[union-attr]
        "msgpack",
        "nbformat",
        "numpy",
    }
    assert not any("==" in line for line in needed)
    assert not any("torch" in line for line in requires("sixrounds") or [])


def test_everything_imports_in_one_process() -> None:
    """Two solvers that cannot share a process would break a notebook that uses both."""
    modules = packages_distributions()
    wanted = {
        normal(NAME.match(line).group(1))  # type: ignore[union-attr]
        for line in WANTED.splitlines()
        if line and not line.startswith("#")
    }
    tools = {"ruff", "mypy", "pre-commit", "pytest-xdist", "pandas-stubs", "jupyter-book"}
    adapters = {"adbc_driver_duckdb"}  # ships with duckdb for a driver manager that we do not use
    imports = sorted(
        module
        for module, owners in modules.items()
        if {normal(owner) for owner in owners} & (wanted - tools)
        and module.isidentifier()
        and module not in adapters
        and not module.startswith("_")
        and not any(owner.startswith("types-") for owner in owners)
    )
    assert {"ortools", "highspy", "torch", "pymc", "duckdb"} <= {*imports, "torch"}
    program = "import torch\n" + "\n".join(f"import {module}" for module in imports)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
