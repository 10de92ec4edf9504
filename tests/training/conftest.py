"""What all tests of the training share."""

import pytest


@pytest.fixture(autouse=True, scope="package")
def no_waiting_for_the_disk():
    """A killed process loses nothing that the system holds: checkpoints are flushed for power cuts alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("zpoints.artifacts._flush", lambda path: None)
        yield
