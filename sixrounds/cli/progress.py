"""A bar with the time left, on standard error, and lines above it."""

import sys
from typing import NoReturn

from tqdm import tqdm


class Bar:
    """Shows how far grading has come.

    Args:
        hide: show lines alone; without a terminal there is no bar either.
    """

    def __init__(self, hide: bool = False) -> None:
        self._hide = True if hide else None  # None is tqdm's way to say: only on a terminal
        self._bar: tqdm[NoReturn] | None = None

    def begin(self, total: int) -> None:
        """So many notebooks have to be graded."""
        if total:
            self._bar = tqdm(total=total, desc="grading", unit="nb", disable=self._hide)

    def step(self) -> None:
        """One of them is graded."""
        if self._bar is not None:
            self._bar.update()

    def say(self, line: str) -> None:
        """A line, which stays."""
        if self._bar is None or self._bar.disable:
            print(line, file=sys.stderr, flush=True)
        else:
            self._bar.write(line, file=sys.stderr)

    def close(self) -> None:
        """Leave the bar as it is."""
        if self._bar is not None:
            self._bar.close()
