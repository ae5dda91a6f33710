"""The simulated part demand: what is loaded is what the generator makes and the datasheet says."""

from pathlib import Path

import numpy as np

from sixrounds import content, data
from sixrounds.data import part_demand


def test_committed_files_are_what_the_generator_makes(tmp_path: Path) -> None:
    """The truth would not be that of the data, and every comparison with it false."""
    part_demand.main(tmp_path)
    committed = content.folder("data") / "part_demand"
    for name in ("part_demand.csv", "truth.json"):
        assert (tmp_path / name).read_bytes() == (committed / name).read_bytes()


def test_columns_and_calendar_are_what_the_datasheet_says() -> None:
    """A lesson that builds features from the calendar would fit another model than the truth."""
    table = data.load("part_demand")
    assert list(table.columns) == ["day", "weekday", "quarter_end", "units"]
    assert len(table) == data.truth("part_demand")["days"] == 1092
    assert (table["weekday"] == table["day"] % 7).all()
    assert table["quarter_end"].dtype == bool
    assert table["quarter_end"].sum() == 12 * 14
    assert (table["units"] >= 0).all()


def test_the_mean_is_what_the_datasheet_writes() -> None:
    """A reader who rebuilds the truth from truth.json would judge forecasts by another one."""
    known, made = data.truth("part_demand"), part_demand.simulate(part_demand.Truth())
    logs = (
        known["log_level"]
        + np.array(known["by_weekday"])[made.weekday]
        + known["quarter_end"] * made.quarter_end
    )
    assert np.allclose(made.mean, np.exp(logs))


def test_counts_have_the_stated_mean_and_variance() -> None:
    """The lesson's oracle quantile would not be the quantile of the data."""
    truth = part_demand.Truth()
    draws = np.array([part_demand.simulate(truth, seed).units for seed in range(400)])
    mean = part_demand.simulate(truth).mean
    variance = mean + mean**2 / truth.shape
    # Over 1,092 days the largest of the standard scores of the means: 6 is passed by chance once
    # in a million or so, and the seeds are fixed.
    score = (draws.mean(axis=0) - mean) / np.sqrt(variance / len(draws))
    assert np.abs(score).max() < 6
    ratio = draws.var(axis=0, ddof=1) / variance
    assert abs(ratio.mean() - 1) < 0.03
    assert not np.array_equal(draws[0], draws[1])
