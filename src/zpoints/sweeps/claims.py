"""Verdicts on claims, from numbers over trainings.

A claim says beforehand which number decides, in which settings, and by which margin. Each test weighs the claim against
its contrary (zpoints.sweeps.evidence). Only one of the two can be true, so the lesser p value needs no correction for
the choice; Holm's corrects over the primary claims, whatever the dependence between them.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field, TypeAdapter, ValidationError, model_validator

from zpoints.config.block import Frozen
from zpoints.config.models import AutoencoderEntry, Entry
from zpoints.config.yaml import load_yaml
from zpoints.errors import UserError
from zpoints.stats.normality import holm
from zpoints.sweeps import evidence
from zpoints.sweeps.evidence import ALPHA, Evidence, Unit
from zpoints.sweeps.tables import Tables

Verdict = Literal[
    "equivalent", "different", "different but negligible", "holds", "refuted", "exact", "undecided", "not measured"
]
Test = Literal[
    "equivalent", "different", "range", "share", "universal", "slope", "rate", "pairs", "paired", "count", "exact"
]
NEEDED: dict[str, tuple[str, ...]] = {
    "equivalent": ("number", "a", "b", "margin"),
    "different": ("number", "a", "b"),
    "range": ("number", "a", "low", "high"),
    "share": ("number", "a", "low", "high"),
    "universal": ("number", "a", "along", "low", "high"),
    "slope": ("number", "a", "along", "low", "high"),
    "rate": ("number", "a", "b", "low"),
    "pairs": ("number", "a", "b", "margin"),
    "paired": ("table", "a", "b", "margin"),
    "count": ("counts",),
    "exact": ("number", "a", "value"),
}


class Count(Frozen):
    """An integer that a network has, or its ratio to that of the network `over`, beside what was printed."""

    part: Literal["encoder", "decoder", "flattened"] = Field(
        description="whose parameters; flattened: units, no weights"
    )
    entry: Entry = Field(description="as under `models` in params.yaml")
    over: Entry | None = None
    size: int = Field(96, ge=1, description="pixels of an edge of the images")
    printed: float
    digits: int = Field(3, ge=1, description="significant digits that are printed")

    def counted(self) -> float:
        """The integer, or its ratio to that of the network `over`. Builds the networks, on whatever device there is."""
        value = self._units(self.entry)
        return value if self.over is None else value / self._units(self.over)

    def _units(self, entry: AutoencoderEntry) -> int:
        from zpoints.models.networks import build_decoder, build_encoder

        if self.part == "decoder":
            return int(build_decoder(entry, self.size, 0).count_params())
        encoder = build_encoder(entry, self.size, 0)
        return int(encoder.count_params() if self.part == "encoder" else encoder.get_layer("flatten").output.shape[-1])


class Claim(Frozen):
    """One entry of claims.yaml.

    row: its number in the ledger, shared by the exploratory claims beside it.
    a, b: settings (names of models without their seeds), or columns of `table`.
    number: a column of the table of all trainings, or ANALYSIS:PLACE of a numbers.json; for `pairs` of pairs.csv.
    b_number: that of b, if another. minus, over: a column that is taken from it, or that divides it, in each training.
    along: a key of the entry: all settings that differ from a in it alone; for a slope from `from` to `to`.
    margin: in the number's unit, or of b's mean where `relative`.
    """

    row: int = Field(ge=1)
    claim: str = Field(min_length=1, description="what is claimed, in a line")
    test: Test
    number: str = Field("", min_length=1)
    b_number: str | None = None
    minus: str | None = None
    over: str | None = None
    a: str = Field("", min_length=1)
    b: str = Field("", min_length=1)
    along: str | None = None
    start: float = Field(0.0, alias="from")
    to: float = Field(1e12)
    margin: float = 0.0
    relative: bool = False
    direction: Literal["same", "more"] = Field("same", description="of `paired`: a is as b, or more by the margin")
    low: float = -math.inf
    high: float = math.inf
    share: float = Field(0.8, gt=0, lt=1)
    value: int = 0
    counts: tuple[Count, ...] = Field((), min_length=1)
    table: str = Field("", pattern=r"^[a-z_]+\.csv$", description="of a benchmark, beside trainings.csv")
    unit: str = Field("training", description="what is independent of each other")
    reason: str = Field("", description="why the margin is this one")
    null: str = Field("", description="what it is compared with")
    confounds: str = ""
    needs: str = Field("", description="what measures it, where trainings do not")
    primary: bool = True
    headline: bool = Field(False, description="whether it stands in the short table")

    @model_validator(mode="after")
    def _has_what_its_test_needs(self) -> "Claim":
        for key in NEEDED[self.test]:
            if key not in self.model_fields_set:
                raise ValueError(f"{key} for the test {self.test}")
        if self.test != "different" and "margin" in self.model_fields_set and self.margin <= 0:
            raise ValueError(f"margin above 0 for the test {self.test}")
        if self.low >= self.high:
            raise ValueError("low below high")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the table of trainings that it reads."""
        if self.test in ("pairs", "paired", "count"):
            return ()
        return tuple(name for name in (self.number, self.b_number, self.minus, self.over) if name)


@dataclass(frozen=True)
class Judged:
    """A claim with what was measured.

    evidence: estimate, interval and p; None where too little was measured.
    p: raw, of the likelier of claim and contrary; holm: corrected over the primary claims, None for the others.
    for_claim: whether p speaks for the claim.
    n_needed: trainings of each setting that would decide, were estimate and spread what they seem, even if Holm's
        correction is at its full factor; None if decided, or if more than MAX_N.
    commits, data: of the trainings that count.
    """

    claim: Claim
    evidence: Evidence | None
    p: float | None
    holm: float | None
    for_claim: bool
    verdict: Verdict
    n_needed: int | None
    commits: tuple[str, ...]
    data: tuple[str, ...]

    @property
    def n(self) -> tuple[int, ...]:
        return self.evidence.n if self.evidence else ()

    @property
    def estimate(self) -> float | None:
        return self.evidence.estimate if self.evidence else None

    @property
    def low(self) -> float | None:
        return self.evidence.low if self.evidence else None

    @property
    def high(self) -> float | None:
        return self.evidence.high if self.evidence else None


def read_claims(path: Path) -> dict[str, Claim]:
    """The claims by name. Raises UserError with a line for each fault."""
    content = load_yaml(path)
    try:
        return TypeAdapter(dict[str, Claim]).validate_python(_tuples(content))
    except ValidationError as error:
        lines = []
        for fault in error.errors(include_url=False):
            place = ".".join(map(str, fault["loc"])) or "claims"
            message = fault["msg"].removeprefix("Value error, ")
            lines.append(f"{path}: {place}: expected {message[:1].lower()}{message[1:]}")
        raise UserError(*lines) from None


def judge(claims: Mapping[str, Claim], tables: Tables) -> dict[str, Judged]:
    """The verdict on each claim."""
    found = {name: _evidence(claim, tables) for name, claim in claims.items()}
    raw = {name: min(item.p_for, item.p_against) for name, item in found.items() if item is not None}
    family = [name for name in raw if claims[name].primary and claims[name].test not in ("count", "exact")]
    corrected = dict(zip(family, holm(np.array([raw[name] for name in family])).tolist(), strict=True))
    return {
        name: _judged(claim, found[name], corrected.get(name), ALPHA / len(family) if name in family else ALPHA, tables)
        for name, claim in claims.items()
    }


def _evidence(claim: Claim, tables: Tables) -> Evidence | None:
    """What was measured; None where it is too little."""
    if claim.test == "count":
        return evidence.counts([(item.counted(), item.printed, item.digits) for item in claim.counts])
    if claim.test == "paired":
        pairs = tables.benchmark(claim.table, (claim.a, claim.b))
        return evidence.paired(*pairs, claim.margin, claim.relative, claim.direction == "more") if pairs else None
    if claim.test == "pairs":
        return evidence.pairs(tables.pairs, claim.number, claim.a, claim.b, claim.margin, claim.relative)
    if claim.along is not None:
        family = tables.along(claim.a, claim.along)
        if claim.test == "universal":
            values = {group: _values(claim, tables, group) for group in family}
            return evidence.universal(
                values, claim.low, claim.high, {name: _units(claim, tables, name) for name in family}
            )
        points = [
            (unit, setting, value)
            for group, setting in family.items()
            if claim.start <= setting <= claim.to and setting > 0
            for unit, value in zip(_units(claim, tables, group), _values(claim, tables, group), strict=True)
        ]
        return evidence.slope(points, claim.low, claim.high)
    a = _values(claim, tables, claim.a)
    if claim.test == "exact":
        return evidence.exact(a, claim.value)
    if claim.test == "share":
        return evidence.share(a, claim.low, claim.high, claim.share)
    if claim.test == "range":
        return evidence.mean_within(a, claim.low, claim.high, _units(claim, tables, claim.a))
    b = _values(claim, tables, claim.b, claim.b_number)
    if claim.test == "rate":
        return evidence.rate(a >= claim.low, b >= claim.low)
    units = _units(claim, tables, claim.a), _units(claim, tables, claim.b, claim.b_number)
    return evidence.difference(a, b, claim.margin, claim.relative, claim.test == "equivalent", units)


def _values(claim: Claim, tables: Tables, group: str, number: str | None = None) -> np.ndarray:
    return tables.values(group, number or claim.number, claim.minus, claim.over)


def _units(claim: Claim, tables: Tables, group: str, number: str | None = None) -> list[Unit]:
    columns = [column for column in (number or claim.number, claim.minus, claim.over) if column]
    return tables.units(group, columns)


def _judged(claim: Claim, found: Evidence | None, corrected: float | None, alpha: float, tables: Tables) -> Judged:
    if found is None:
        return Judged(claim, None, None, None, False, "not measured", None, (), ())
    for_claim = found.p_for < found.p_against
    p = min(found.p_for, found.p_against)
    decided = (p if corrected is None else corrected) < ALPHA
    verdict: Verdict = "undecided"
    same = claim.test in ("equivalent", "pairs") or (claim.test == "paired" and claim.direction == "same")
    if decided and same:
        negligible: Verdict = "different but negligible" if found.differs else "equivalent"
        verdict = negligible if for_claim else "different"
    elif decided:
        known: Verdict = "exact" if claim.test in ("exact", "count") else "holds"
        verdict = known if for_claim else "refuted"
    needed = found.needed(alpha) if verdict == "undecided" else None
    commits, data = tables.origin([] if claim.test in ("count", "paired") else _groups(claim, tables))
    return Judged(claim, found, p, corrected, for_claim, verdict, needed, commits, data)


def _groups(claim: Claim, tables: Tables) -> list[str]:
    if claim.along is not None:
        return list(tables.along(claim.a, claim.along))
    return [group for group in (claim.a, claim.b) if group]


def _tuples(content: Any) -> Any:
    """Lists as tuples, which strict models ask for."""
    if isinstance(content, Mapping):
        return {key: _tuples(value) for key, value in content.items()}
    return tuple(_tuples(value) for value in content) if isinstance(content, list) else content
