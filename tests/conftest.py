"""Settings of the whole test run."""

import os

# As in the stage commands; set before anything imports TensorFlow.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def pytest_collection_modifyitems(items):
    """The longest file first, so that of several processes none is left working alone at the end."""
    items.sort(key=lambda item: item.get_closest_marker("pipeline") is None)
