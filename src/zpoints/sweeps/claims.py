"""Verdicts on claims, from numbers over trainings: equivalence, difference, range, share, exact values.

A claim says beforehand which number decides, in which settings, and by which margin. Each test weighs the claim against
its contrary. Only one of the two can be true, so the lesser p value needs no correction for the choice; Holm's
corrects over the primary claims.

equivalent  mean(a) - mean(b) lies within the margin: Welch's two one-sided tests against its two ends
different   mean(a) - mean(b) exceeds the margin (0 unless given), in the direction that is claimed
range       the mean lies within [low, high]
share       in at least `share` of all trainings the number lies within [low, high]: binomial
exact       every training has this very value
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field, TypeAdapter, ValidationError, model_validator

from zpoints.config.block import Frozen
from zpoints.config.yaml import load_yaml
from zpoints.errors import UserError
from zpoints.stats.normality import holm

ALPHA = 0.05
POWER = 0.9
MAX_N = 1000
Trainings = Mapping[str, Sequence[Mapping[str, float]]]
Verdict = Literal[
    "equivalent", "different", "different but negligible", "holds", "refuted", "exact", "undecided", "not measured"
]


class Claim(Frozen):
    """One entry of claims.yaml.

    a, b: settings (names of models without their seeds). number: a column of the table of all models; `minus` another
    one, taken from it in each training, such as its null.
    margin: in the number's unit, or of b's mean where `relative`.
    """

    claim: str = Field(min_length=1, description="what is claimed, in a line")
    quote: str = Field("", description="the sentence of the posts")
    test: Literal["equivalent", "different", "range", "share", "exact"]
    number: str = Field(min_length=1)
    minus: str | None = None
    a: str = Field(min_length=1)
    b: str | None = None
    margin: float = Field(0.0, ge=0)
    relative: bool = False
    low: float | None = None
    high: float | None = None
    share: float = Field(0.8, gt=0, lt=1)
    value: int | None = None
    null: str = Field("", description="what it is compared with, and why the margin is this one")
    primary: bool = True

    @model_validator(mode="after")
    def _has_what_its_test_needs(self) -> "Claim":
        needed = {
            "equivalent": ("b", "margin"),
            "different": ("b",),
            "range": ("low", "high"),
            "share": ("low", "high"),
            "exact": ("value",),
        }
        for key in needed[self.test]:
            value = getattr(self, key)
            if value is None or (key == "margin" and value == 0):
                raise ValueError(f"{key} for the test {self.test}")
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError("low below high")
        return self


@dataclass(frozen=True)
class Judged:
    """A claim with what the trainings say.

    estimate: of the number, or of the difference a - b; low, high: its 95% interval over trainings.
    p: raw, of the likelier of claim and contrary; holm: corrected over the primary claims, None for the others.
    for_claim: whether p speaks for the claim.
    n_needed: trainings of each setting that would decide, were estimate and spread what they seem; None if decided.
    """

    claim: Claim
    n: tuple[int, ...]
    estimate: float | None
    low: float | None
    high: float | None
    p: float | None
    holm: float | None
    for_claim: bool
    verdict: Verdict
    n_needed: int | None


@dataclass(frozen=True)
class _Evidence:
    n: tuple[int, ...]
    estimate: float
    low: float
    high: float
    p_for: float
    p_against: float
    std: float = 0.0
    bounds: tuple[float, ...] = ()
    differs: bool = False  # the interval of a difference leaves out 0


def read_claims(path: Path) -> dict[str, Claim]:
    """The claims by name. Raises UserError with a line for each fault."""
    content = load_yaml(path)
    try:
        return TypeAdapter(dict[str, Claim]).validate_python(content)
    except ValidationError as error:
        lines = []
        for fault in error.errors(include_url=False):
            place = ".".join(map(str, fault["loc"])) or "claims"
            message = fault["msg"].removeprefix("Value error, ")
            lines.append(f"{path}: {place}: expected {message[:1].lower()}{message[1:]}")
        raise UserError(*lines) from None


def judge(claims: Mapping[str, Claim], trainings: Trainings) -> dict[str, Judged]:
    """The verdict on each claim.

    trainings: by setting, the numbers of each training by column.
    """
    evidence = {name: _evidence(claim, trainings) for name, claim in claims.items()}
    raw = {name: _p(found) for name, found in evidence.items() if found is not None}
    family = [name for name in raw if claims[name].primary and claims[name].test != "exact"]
    corrected = dict(zip(family, holm(np.array([raw[name] for name in family])).tolist(), strict=True))
    return {name: _judged(claim, evidence[name], raw.get(name), corrected.get(name)) for name, claim in claims.items()}


def _p(found: _Evidence) -> float:
    return min(found.p_for, found.p_against)


def _evidence(claim: Claim, trainings: Trainings) -> _Evidence | None:
    """What the trainings say; None where there are too few."""
    a = _values(claim, trainings.get(claim.a, ()))
    if claim.test == "exact":
        return _exact(a, claim) if len(a) else None
    if claim.test == "share":
        return _share(a, claim) if len(a) else None
    if len(a) < 2:
        return None
    if claim.test == "range":
        assert claim.low is not None and claim.high is not None
        error, freedom = float(a.std(ddof=1)) / math.sqrt(len(a)), len(a) - 1.0
        return _within((len(a),), float(a.mean()), error, freedom, claim.low, claim.high, float(a.std(ddof=1)))
    b = _values(claim, trainings.get(claim.b or "", ()))
    if len(b) < 2:
        return None
    parts = a.var(ddof=1) / len(a), b.var(ddof=1) / len(b)
    error = math.sqrt(sum(parts))
    spread = parts[0] ** 2 / (len(a) - 1) + parts[1] ** 2 / (len(b) - 1)
    freedom = float(sum(parts) ** 2 / spread) if spread > 0 else float(len(a) + len(b) - 2)
    std = math.sqrt(a.var(ddof=1) + b.var(ddof=1))
    margin = claim.margin * (abs(float(b.mean())) if claim.relative else 1.0)
    difference, n = float(a.mean() - b.mean()), (len(a), len(b))
    if claim.test == "equivalent":
        return _within(n, difference, error, freedom, -margin, margin, std)
    low, high = _interval(difference, error, freedom)
    more, less = _tail(difference - margin, error, freedom), _tail(margin - difference, error, freedom)
    return _Evidence(n, difference, low, high, more, less, std, (margin,), not low <= 0 <= high)


def _within(
    n: tuple[int, ...], value: float, error: float, freedom: float, low: float, high: float, std: float
) -> _Evidence:
    """Whether a mean lies between two bounds: for it, both one-sided tests; against it, either of their contraries."""
    above_low, below_high = _tail(value - low, error, freedom), _tail(high - value, error, freedom)
    outside = min(1.0, 2 * min(_tail(low - value, error, freedom), _tail(value - high, error, freedom)))
    interval = _interval(value, error, freedom)
    differs = not interval[0] <= 0 <= interval[1]
    return _Evidence(n, value, *interval, max(above_low, below_high), outside, std, (low, high), differs)


def _share(a: np.ndarray, claim: Claim) -> _Evidence:
    from scipy.stats import binomtest

    assert claim.low is not None and claim.high is not None
    inside = int(np.count_nonzero((a >= claim.low) & (a <= claim.high)))
    interval = binomtest(inside, len(a)).proportion_ci(0.95, "exact")  # Clopper and Pearson's
    more = binomtest(inside, len(a), claim.share, "greater").pvalue
    less = binomtest(inside, len(a), claim.share, "less").pvalue
    share = inside / len(a)
    return _Evidence(
        (len(a),), share, interval.low, interval.high, more, less, math.sqrt(share * (1 - share)), (claim.share,)
    )


def _values(claim: Claim, trainings: Sequence[Mapping[str, float]]) -> np.ndarray:
    """The number of each training that has it, less that of `minus`, float64 (n,)."""
    columns = [claim.number] + ([claim.minus] if claim.minus else [])
    known = [row for row in trainings if all(row.get(column) is not None for column in columns)]
    return np.array([row[claim.number] - (row[claim.minus] if claim.minus else 0.0) for row in known], dtype=float)


def _exact(a: np.ndarray, claim: Claim) -> _Evidence:
    right = bool((a == claim.value).all())
    wrong = float(a[a != claim.value][0]) if not right else float(a[0])
    return _Evidence((len(a),), wrong, float(a.min()), float(a.max()), 0.0 if right else 1.0, 1.0 if right else 0.0)


def _tail(distance: float, error: float, freedom: float) -> float:
    """p of a mean that lies so far on the side that is claimed."""
    from scipy.stats import t

    if error == 0:  # all trainings agree to the bit
        return 0.0 if distance > 0 else 1.0
    return float(t.sf(distance / error, freedom))


def _interval(value: float, error: float, freedom: float) -> tuple[float, float]:
    from scipy.stats import t

    reach = float(t.isf(ALPHA / 2, freedom)) * error
    return value - reach, value + reach


def _judged(claim: Claim, found: _Evidence | None, p: float | None, corrected: float | None) -> Judged:
    if found is None or p is None:
        return Judged(claim, (), None, None, None, None, None, False, "not measured", None)
    for_claim = found.p_for < found.p_against
    decided = (p if corrected is None else corrected) < ALPHA
    verdict: Verdict = "undecided"
    if decided and for_claim:
        names: dict[str, Verdict] = {"equivalent": "equivalent", "different": "different", "exact": "exact"}
        verdict = names.get(claim.test, "holds")
        if claim.test == "equivalent" and found.differs:
            verdict = "different but negligible"
    elif decided:
        verdict = "different" if claim.test == "equivalent" else "refuted"
    needed = _needed(found) if verdict == "undecided" else None
    return Judged(claim, found.n, found.estimate, found.low, found.high, p, corrected, for_claim, verdict, needed)


def _needed(found: _Evidence) -> int | None:
    """Trainings of each setting that would tell the nearest bound from the estimate, with POWER; by a normal's law."""
    from scipy.stats import norm

    distance = min(abs(found.estimate - bound) for bound in found.bounds)
    if not distance or not found.std:
        return None
    reach = float(norm.isf(ALPHA / 2) + norm.isf(1 - POWER))
    count = math.ceil((reach * found.std / distance) ** 2) + 1  # one more for Student's t
    return count if count <= MAX_N else None


def as_json(judged: Mapping[str, Judged]) -> dict[str, Any]:
    """The ledger as plain data."""
    return {
        name: {key: value for key, value in vars(row).items() if key != "claim"}
        | {"claim": row.claim.model_dump(mode="json", exclude_none=True)}
        for name, row in judged.items()
    }
