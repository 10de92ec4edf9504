"""The properties of fuzzing.py on a few inputs each; benchmarks/fuzz.py tries as many as one likes."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.datasets.fuzzing import PROPERTIES


@pytest.mark.parametrize("name", PROPERTIES)
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(data=st.data())
def test_whatever_the_bytes_a_result_or_one_clear_error(name, tmp_path_factory, data):
    PROPERTIES[name](tmp_path_factory.mktemp("fuzz"), data)
