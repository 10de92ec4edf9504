"""The properties of fuzzing_outs.py and fuzzing_stages.py on a few inputs each; benchmarks/fuzz.py tries many more."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import fuzzing_outs, fuzzing_stages

PROPERTIES = fuzzing_outs.PROPERTIES | fuzzing_stages.PROPERTIES


@pytest.mark.slow
@pytest.mark.parametrize("name", PROPERTIES)
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(data=st.data())
def test_damaged_outs_end_in_a_line(name, tmp_path_factory, data):
    PROPERTIES[name](tmp_path_factory.mktemp("fuzz"), data)
