"""Numbers as text, for readers: thousands apart, a true minus, no more digits than mean something."""

MISSING = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"
TIMES = "\N{MULTIPLICATION SIGN}"
THIN = "\N{NARROW NO-BREAK SPACE}"
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def count(value: float | None) -> str:
    """4500 is 4,500."""
    return MISSING if value is None else _signed(f"{value:,.0f}")


def fixed(value: float | None, digits: int) -> str:
    """A number with `digits` decimals: 4564.72 is 4,564.7 with one."""
    # A number that rounds to nothing has no sign.
    return MISSING if value is None else _signed(f"{value:z,.{digits}f}")


def significant(value: float | None, digits: int = 3) -> str:
    """A number with `digits` significant digits, in powers of ten where it is below 0.001 or from a million."""
    if value is None:
        return MISSING
    if value and not 1e-3 <= abs(value) < 1e6:
        mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
        power = f"10{str(int(exponent)).translate(SUPERSCRIPTS)}"
        short = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
        return _signed(power if short == "1" else f"{short}{THIN}{TIMES}{THIN}{power}")
    rounded = float(f"{value:.{digits}g}")
    whole = len(str(int(abs(rounded)))) if abs(rounded) >= 1 else 0  # not rounded up: 999.5 has three
    decimals = max(digits - whole, 0) if whole else _leading_zeros(rounded) + digits
    return _signed(f"{rounded:,.{decimals if rounded else 0}f}")


def percent(value: float | None) -> str:
    """A share as a percentage with one decimal."""
    return MISSING if value is None else _signed(f"{100 * value:.1f}{THIN}%")


def setting(value: float | None) -> str:
    """A number of params.yaml, with all its digits: 5, 0.02, 10⁻⁵."""
    if value is None:
        return MISSING
    return significant(value, next((digits for digits in range(1, 8) if float(f"{value:.{digits}g}") == value), 8))


def text(value: str | None) -> str:
    """A word of params.yaml as it is."""
    return MISSING if value is None else value


def listing(parts: list[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""


def _leading_zeros(value: float) -> int:
    """Zeros between the point and the first digit: 2 for 0.0012."""
    return len(f"{abs(value):.12f}".removeprefix("0.")) - len(f"{abs(value):.12f}".removeprefix("0.").lstrip("0"))


def _signed(text: str) -> str:
    return text.replace("-", MINUS)
