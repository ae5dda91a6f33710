"""Data sets by name: what is loaded is what the generator makes and the datasheet describes."""

from pathlib import Path

import numpy as np
import pytest

from sixrounds import content, data
from sixrounds.data import lead_times
from sixrounds.errors import SixRoundsError


def test_every_folder_has_a_datasheet() -> None:
    """Nobody could tell what a column means or what the data leave out."""
    folders = [path for path in content.folder("data").iterdir() if path.is_dir()]
    assert folders
    for folder in folders:
        text = (folder / "datasheet.md").read_text("utf-8")
        assert "**How it was made.**" in text or "**How they were made.**" in text, folder.name
        assert "leaves out" in text or "leave out" in text, folder.name


def test_committed_files_are_what_the_generator_makes(tmp_path: Path) -> None:
    """The truth would not be that of the data, and every comparison with it false."""
    lead_times.main(tmp_path)
    for name in ("lead_times.csv", "truth.json"):
        assert (tmp_path / name).read_bytes() == (
            content.folder("data") / "lead_times" / name
        ).read_bytes()


def test_lead_times_are_what_the_datasheet_says() -> None:
    """The lesson speaks of 900 orders, 20 suppliers and administrative censoring."""
    orders = data.load("lead_times")
    assert list(orders.columns) == ["supplier", "ordered", "days", "arrived"]
    assert len(orders) == 900
    assert orders["supplier"].nunique() == 20
    assert orders["arrived"].dtype == bool
    still_open = orders[~orders["arrived"]]
    assert np.allclose(still_open["ordered"] + still_open["days"], 120, atol=0.11)
    assert (orders["ordered"] + orders["days"] <= 120.2).all()


def test_another_seed_makes_other_orders_of_the_same_kind() -> None:
    """The data would be one lucky draw that nobody can repeat."""
    truth = lead_times.Truth()
    one, two = lead_times.simulate(truth, 1), lead_times.simulate(truth, 1)
    assert np.array_equal(one.days, two.days)
    other = lead_times.simulate(truth, 2)
    assert not np.array_equal(one.days, other.days)
    assert 0.6 < other.arrived.mean() < 0.85


def test_truth_of_simulated_data() -> None:
    """A lesson could not say how wrong an estimate is."""
    truth = data.truth("lead_times")
    assert truth["sigma"] == 0.55
    assert len(truth["log_medians"]) == 20


def test_unknown_names_are_refused() -> None:
    """A misspelled name would be an error somewhere inside pandas."""
    with pytest.raises(SixRoundsError, match="lead_times"):
        data.load("leadtimes")
    with pytest.raises(SixRoundsError, match="there are: lead_times"):
        data.truth("nothing like it")
