"""Whether a kernel's numbers are right: tolerances from rounding, data that shows mistakes."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Random = np.random.Generator


def tolerance(dtype: np.dtype, length: int) -> float:
    """The relative error that rounding may add up to over a sum of `length` terms."""
    if dtype.kind != "f":
        return 0.0
    # Each term is rounded when made and when added; 8 more for the functions around.
    return float(np.finfo(dtype).eps) * (length + 8)


def error(
    got: NDArray[np.generic],
    wanted: NDArray[np.float64],
    length: int,
    magnitude: NDArray[np.float64] | None = None,
) -> float:
    """The largest error in units of the tolerance; infinite where a value is missing or wrong."""
    return float(np.max(errors(got, wanted, length, magnitude), initial=0.0))


def wrong(
    got: NDArray[np.generic],
    wanted: NDArray[np.float64],
    length: int,
    magnitude: NDArray[np.float64] | None = None,
) -> NDArray[np.bool_]:
    """Which elements are further from what is wanted than rounding allows."""
    far: NDArray[np.bool_] = errors(got, wanted, length, magnitude) > 1
    return far


def errors(
    got: NDArray[np.generic],
    wanted: NDArray[np.float64],
    length: int,
    magnitude: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Of each element, the error in units of the tolerance."""
    values = got.astype(np.float64).reshape(wanted.shape)
    difference = np.abs(values - wanted)
    allowed = tolerance(got.dtype, length) * np.abs(wanted if magnitude is None else magnitude)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(difference == 0, 0.0, difference / np.maximum(allowed, 1e-300))
    same = (values == wanted) | (np.isnan(values) & np.isnan(wanted))
    found: NDArray[np.float64] = np.where(same, 0.0, np.nan_to_num(ratio, nan=np.inf))
    return found


def numbers(rng: Random, *shape: int) -> Floats:
    """Random floats of both signs, a few of them a thousand times larger."""
    values = rng.standard_normal(shape)
    outliers = rng.random(shape) < 0.01
    return np.where(outliers, values * 1000, values).astype(np.float32)


def over(size: int, each: int) -> int:
    """How many blocks of `each` cover `size`."""
    return max(1, -(-size // each))
