"""Supplier lead times, some still running: the simulator behind `data/lead_times/`.

`python -m sixrounds.data.lead_times` writes the files anew. See data/lead_times/datasheet.md.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

SEED = 20_260_306
HORIZON = 120  # days from the first order to the snapshot


@dataclass(frozen=True)
class Truth:
    """What the simulator puts in; logarithms are natural, times in days."""

    log_median: float = 3.35  # of the average supplier
    between: float = 0.35  # standard deviation of suppliers' log medians
    sigma: float = 0.55  # standard deviation of ln(days) within a supplier
    suppliers: int = 20
    orders: int = 900


@dataclass(frozen=True)
class Orders:
    """One row per order; arrays of shape (orders,)."""

    supplier: np.ndarray  # 0 … suppliers − 1
    ordered: np.ndarray  # day of the order, 0 … HORIZON
    days: np.ndarray  # days until arrival, or until the snapshot
    arrived: np.ndarray  # bool
    log_medians: np.ndarray  # (suppliers,), the truth of each


def simulate(truth: Truth, seed: int = SEED) -> Orders:
    """Orders placed over HORIZON days and looked at on the last one."""
    rng = np.random.default_rng(seed)
    medians = rng.normal(truth.log_median, truth.between, truth.suppliers)
    # Some suppliers get many orders and some a handful, as in real purchasing.
    share = rng.dirichlet(np.full(truth.suppliers, 0.7))
    few = 6
    counts = few + rng.multinomial(truth.orders - few * truth.suppliers, share)
    supplier = np.repeat(np.arange(truth.suppliers), counts)
    ordered = np.round(rng.uniform(0, HORIZON, truth.orders), 1)
    lead = np.exp(rng.normal(medians[supplier], truth.sigma))
    open_for = HORIZON - ordered
    arrived = lead <= open_for
    days = np.maximum(np.round(np.minimum(lead, open_for), 1), 0.1)
    order = np.argsort(ordered, kind="stable")
    return Orders(supplier[order], ordered[order], days[order], arrived[order], medians)


def main(folder: Path) -> None:
    """Write the data set and its truth."""
    truth = Truth()
    made = simulate(truth)
    lines = ["supplier,ordered,days,arrived"]
    columns = (made.supplier, made.ordered, made.days, made.arrived)
    for supplier, ordered, days, arrived in zip(*columns, strict=True):
        lines.append(f"S{supplier + 1:02d},{ordered:.1f},{days:.1f},{bool(arrived)}")
    (folder / "lead_times.csv").write_text("\n".join(lines) + "\n", "utf-8")
    known = asdict(truth) | {
        "horizon": HORIZON,
        "log_medians": {
            f"S{place + 1:02d}": round(float(value), 6)
            for place, value in enumerate(made.log_medians)
        },
    }
    (folder / "truth.json").write_text(json.dumps(known, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main(Path(__file__).parents[2] / "data" / "lead_times")
