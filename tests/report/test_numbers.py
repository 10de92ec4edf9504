"""Numbers lose no more than the digits that are not shown."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.contract.reading import number
from zpoints.report.numbers import MISSING, THIN, TIMES, count, fixed, listing, percent, setting, significant

VALUES = st.floats(-1e9, 1e9).filter(lambda value: value == 0 or abs(value) > 1e-30)


@given(VALUES, st.integers(1, 6))
@example(999.5, 4)
def test_significant_digits_are_right_to_half_of_the_last(value, digits):
    assert number(significant(value, digits)) == pytest.approx(value, rel=0.5001 * 10 ** (1 - digits), abs=0)


@given(VALUES, st.integers(0, 4))
def test_fixed_decimals_are_right_to_half_of_the_last(value, digits):
    assert number(fixed(value, digits)) == pytest.approx(value, abs=0.5001 * 10**-digits, rel=1e-15)


@given(st.floats(0, 1))
def test_a_percentage_is_right_to_half_of_its_decimal(value):
    assert number(percent(value)) == pytest.approx(value, abs=0.0005001)


@given(st.sampled_from([5.0, 0.02, 1e-5, 2.5e-5, 0.0, 123.25, 1e6, 4096.0]))
def test_a_setting_keeps_all_its_digits(value):
    assert number(setting(value)) == value


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (significant(0.0178, 4), "0.01780"),
        (significant(172.5, 4), "172.5"),
        (significant(0.99996, 3), "1.00"),
        (significant(9.999, 3), "10.0"),
        (significant(999.96, 4), "1,000"),
        (significant(0.002, 3), "0.00200"),
        (significant(1e-5, 3), "10⁻⁵"),
        (significant(5e-4, 3), f"5{THIN}{TIMES}{THIN}10⁻⁴"),
        (setting(1e-5), "10⁻⁵"),
        (setting(5.0), "5"),
        (fixed(-13.7, 2), "\N{MINUS SIGN}13.70"),
        (fixed(-0.004, 2), "0.00"),
        (count(9828544), "9,828,544"),
    ],
)
def test_numbers_look_as_in_print(shown, expected):
    assert shown == expected


def test_what_is_missing_is_a_dash():
    assert {form(None) for form in (count, percent, setting, significant)} | {fixed(None, 2)} == {MISSING}


def test_a_listing_reads_as_a_sentence():
    assert [listing(list("abc")[:n]) for n in range(4)] == ["", "a", "a and b", "a, b and c"]
