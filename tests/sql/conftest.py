"""Each drill of the curriculum in turn."""

import pytest
from drill_data import Drill, drills


@pytest.fixture(scope="session", params=drills(), ids=lambda drill: str(drill.exercise.id))
def drill(request: pytest.FixtureRequest) -> Drill:
    """Each drill in turn."""
    found: Drill = request.param
    return found
