"""Where compiled kernels stay: one folder per content, put there whole or not at all."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

VARIABLE = "SIXROUNDS_CUDA_CACHE"
SHELF = "SIXROUNDS_CUDA_SHELF"  # a folder of entries that are only read: the grader's warm ones


def folder() -> Path:
    """The cache's folder: SIXROUNDS_CUDA_CACHE, else the user's cache folder."""
    chosen = os.environ.get(VARIABLE)
    if chosen:
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "sixrounds" / "cuda"


def key(*parts: object) -> str:
    """A name for this content."""
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:24]


def entry(name: str, make: Callable[[Path], None]) -> Path:
    """The folder `name`, made by `make` if it is not there yet.

    Two processes may make the same one at once: each does so beside it, the first to finish gives
    it its name, the other's is dropped. What `make` raises leaves nothing behind.
    """
    shelf = os.environ.get(SHELF)
    if shelf and (Path(shelf) / name).is_dir():
        return Path(shelf) / name
    home = folder()
    place = home / name
    if place.is_dir():
        return place
    home.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".making-", dir=home))
    try:
        make(fresh)
        try:
            fresh.rename(place)
        except OSError:
            if not place.is_dir():
                raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return place
