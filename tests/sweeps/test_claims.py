"""Verdicts on simulated trainings whose truth is known."""

import json
from pathlib import Path

import numpy as np
import pytest

from stages.claims import claims
from zpoints.analyses import discovery
from zpoints.config.models import Models
from zpoints.config.reader import read
from zpoints.errors import UserError
from zpoints.sweeps import ledger
from zpoints.sweeps.claims import Claim, read_claims
from zpoints.sweeps.claims import judge as judge_tables
from zpoints.sweeps.evidence import Unit, mean_within
from zpoints.sweeps.pairs import COLUMNS
from zpoints.sweeps.replicates import declared, grouped, metric_of
from zpoints.sweeps.settings import models_of, raw_entry, read_sweeps, resolved
from zpoints.sweeps.tables import Tables

ROOT = Path(__file__).resolve().parents[2]


def judge(claims_, trainings, pairs=(), folder=None):
    """Judge trainings by setting; their seeds are 0, 1, .. unless given."""
    rows = [
        {"group": group, "seed": seed, "setting": "{}"} | row
        for group, members in trainings.items()
        for seed, row in enumerate(members)
    ]
    return judge_tables(claims_, Tables(rows, pairs, folder))


def simulated(seed, n=8, std=1.0, **means):
    """Trainings of each setting, their number x from a normal distribution; no seed is shared."""
    rng = np.random.default_rng(seed)
    return {
        name: [{"x": float(value), "seed": 100 * place + own} for own, value in enumerate(rng.normal(mean, std, n))]
        for place, (name, mean) in enumerate(means.items())
    }


def verdict(claim, trainings, **keys):
    return judge({"c": claim}, trainings, **keys)["c"].verdict


def claim(test, **keys):
    return Claim.model_validate({"row": 1, "claim": "c", "test": test, "number": "x", "a": "a", **keys})


EQUIVALENT = claim("equivalent", b="b", margin=3)
DIFFERENT = claim("different", b="b")
RANGE = claim("range", low=16, high=17)


@pytest.mark.parametrize(
    ("question", "means", "std", "expected"),
    [
        (EQUIVALENT, {"a": 100, "b": 100}, 0.8, "equivalent"),
        (EQUIVALENT, {"a": 110, "b": 100}, 0.8, "different"),
        (EQUIVALENT, {"a": 101.5, "b": 100}, 0.4, "different but negligible"),
        (EQUIVALENT, {"a": 101, "b": 100}, 8, "undecided"),
        (claim("equivalent", b="b", margin=0.03, relative=True), {"a": 100, "b": 100}, 0.8, "equivalent"),
        (DIFFERENT, {"a": 104, "b": 100}, 1, "holds"),
        (DIFFERENT, {"a": 96, "b": 100}, 1, "refuted"),
        (RANGE, {"a": 16.5}, 0.1, "holds"),
        (RANGE, {"a": 21.5}, 1, "refuted"),
        (RANGE, {"a": 17}, 1, "undecided"),
        (EQUIVALENT, {"a": 1}, 1, "not measured"),
        (claim("range", low=0, high=1, number="y"), {"a": 1}, 1, "not measured"),
    ],
)
def test_verdicts_are_those_of_the_truth(question, means, std, expected):
    got = [verdict(question, simulated(seed, std=std, **means)) for seed in range(20)]
    assert got.count(expected) >= 17


@pytest.mark.slow
@pytest.mark.parametrize(
    ("question", "means", "wrong"),
    [
        (EQUIVALENT, {"a": 103, "b": 100}, {"equivalent", "different but negligible"}),  # just at the margin
        (EQUIVALENT, {"a": 102.999, "b": 100}, {"different"}),
        (DIFFERENT, {"a": 100, "b": 100}, {"holds"}),
        (RANGE, {"a": 17}, {"holds"}),
        (RANGE, {"a": 16.999}, {"refuted"}),
    ],
)
def test_wrong_verdicts_are_as_rare_as_promised(question, means, wrong):
    count = 400
    rate = sum(verdict(question, simulated(seed, n=6, std=0.2, **means)) in wrong for seed in range(count)) / count
    assert rate < 0.05 + 3 * np.sqrt(0.05 * 0.95 / count)


@pytest.mark.slow
def test_family_of_true_nulls_has_few_false_verdicts():
    questions = {str(number): claim("different", b="b", number=str(number)) for number in range(10)}
    false = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        rows = {
            name: [{str(i): float(v) for i, v in enumerate(rng.normal(0, 1, 10))} for _ in range(6)] for name in "ab"
        }
        false += any(row.verdict == "holds" for row in judge(questions, rows).values())
    assert false / 200 < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)


def test_interval_of_a_difference_is_welchs():
    from scipy.stats import ttest_ind

    rows = simulated(3, a=5, b=4)
    row = judge({"c": DIFFERENT}, rows)["c"]
    a, b = ([item["x"] for item in rows[name]] for name in "ab")
    interval = ttest_ind(a, b, equal_var=False).confidence_interval(0.95)
    assert (row.low, row.high) == (pytest.approx(interval.low), pytest.approx(interval.high))
    assert row.p == pytest.approx(ttest_ind(a, b, equal_var=False, alternative="greater").pvalue)


def test_equivalence_is_two_one_sided_tests_of_scipy():
    from scipy.stats import ttest_ind

    rows = simulated(4, a=5, b=4.5)
    a, b = (np.array([item["x"] for item in rows[name]]) for name in "ab")
    above = ttest_ind(a + 3, b, equal_var=False, alternative="greater").pvalue
    below = ttest_ind(a - 3, b, equal_var=False, alternative="less").pvalue
    assert judge({"c": EQUIVALENT}, rows)["c"].p == pytest.approx(max(above, below))


def shared_seeds(seed, n=6, difference=0.0, between=10.0, within=0.3):
    """Trainings of a and b whose seeds make most of the spread."""
    rng = np.random.default_rng(seed)
    common = rng.normal(100, between, n)
    a, b = common + difference + rng.normal(0, within, n), common + rng.normal(0, within, n)
    return {name: [{"x": float(value)} for value in values] for name, values in (("a", a), ("b", b))}


def test_shared_seeds_are_compared_within_seeds():
    from scipy.stats import ttest_rel

    rows = shared_seeds(0)
    row = judge({"c": EQUIVALENT}, rows)["c"]
    a, b = ([item["x"] for item in rows[name]] for name in "ab")
    interval = ttest_rel(a, b).confidence_interval(0.95)
    assert row.verdict == "equivalent" and (row.low, row.high) == (
        pytest.approx(interval.low),
        pytest.approx(interval.high),
    )
    parts = [judge({"c": EQUIVALENT}, shared_seeds(seed, n=200))["c"].evidence.detail for seed in range(3)]
    assert np.mean([part["std_between_units"] for part in parts]) == pytest.approx(10, rel=0.1)
    assert np.mean([part["std_within_unit"] for part in parts]) == pytest.approx(0.3, rel=0.1)
    extra = rows | {"b": rows["b"] + [{"x": 1000.0, "seed": 77}]}  # a seed that a has not
    assert judge({"c": EQUIVALENT}, extra)["c"].estimate == row.estimate


def test_settings_that_share_a_few_seeds_alone_are_compared_by_welch():
    from scipy.stats import ttest_ind

    rows = shared_seeds(0)
    rows["b"] = [{**row, "seed": seed} for seed, row in enumerate(rows["b"], 3)]
    a, b = ([item["x"] for item in rows[name]] for name in "ab")
    row = judge({"c": EQUIVALENT}, rows)["c"]
    assert row.low == pytest.approx(ttest_ind(a, b, equal_var=False).confidence_interval(0.95).low)


@pytest.mark.parametrize("between", [0.0, 10.0])
def test_wrong_verdicts_within_seeds_are_as_rare_as_promised(between):
    count = 300
    wrong = [
        verdict(EQUIVALENT, shared_seeds(seed, difference=3, between=between))
        in ("equivalent", "different but negligible")
        for seed in range(count)
    ]
    assert sum(wrong) / count < 0.05 + 3 * np.sqrt(0.05 * 0.95 / count)


def on_splits(rng, sizes, between):
    """x of trainings on several splits, deviations 1 within and `between` them, and their units."""
    units = [Unit(f"split{split}", seed) for split, size in enumerate(sizes) for seed in range(size)]
    shift = np.repeat(between * rng.normal(size=len(sizes)), sizes)
    return shift + rng.normal(size=len(units)), units


def test_splits_of_one_size_count_by_their_means():
    from scipy.stats import ttest_1samp

    x, units = on_splits(np.random.default_rng(0), [4, 4, 4, 4, 4], 2.0)
    found = mean_within(x, -1, 1, units)
    expected = ttest_1samp(x.reshape(5, 4).mean(1), 0).confidence_interval(0.95)  # the balanced mixed model's
    assert (found.low, found.high) == (pytest.approx(expected.low, rel=1e-3), pytest.approx(expected.high, rel=1e-3))
    squares = x.reshape(5, 4).var(1, ddof=1).mean(), 4 * x.reshape(5, 4).mean(1).var(ddof=1)
    assert found.detail["std_within_split"] == pytest.approx(np.sqrt(squares[0]), rel=1e-3)
    assert found.detail["std_between_splits"] == pytest.approx(np.sqrt((squares[1] - squares[0]) / 4), rel=1e-3)


def test_one_split_or_one_training_of_each_is_students_t():
    x, units = on_splits(np.random.default_rng(1), [6], 0.0)
    alone = [Unit(f"split{place}", unit.seed) for place, unit in enumerate(units)]
    plain = mean_within(x, -1, 1)
    assert plain == mean_within(x, -1, 1, units) == mean_within(x, -1, 1, alone)


@pytest.mark.slow
@pytest.mark.parametrize("sizes", [(6, 1, 1, 1, 1, 1), (6, 2, 2), (3, 3, 3)])
@pytest.mark.parametrize("between", [0.0, 0.5, 1.0, 2.0])
def test_intervals_over_splits_cover(sizes, between):
    rng, count, covered, naive = np.random.default_rng(2), 300, 0, 0
    for _ in range(count):
        x, units = on_splits(rng, sizes, between)
        found, blind = mean_within(x, -1, 1, units), mean_within(x, -1, 1)
        covered += found.low < 0 < found.high
        naive += blind.low < 0 < blind.high
    assert covered / count > 0.93 - 3 * np.sqrt(0.05 * 0.95 / count)  # of three splits 0.93 is what there is
    assert between < 2 or naive / count < 0.8


def test_settings_are_compared_within_splits_and_seeds():
    rng = np.random.default_rng(3)
    common, units = on_splits(rng, [6, 1, 1, 1, 1, 1], 20.0)
    sides = {name: common + rng.normal(0, 0.3, len(common)) for name in "ab"}
    rows = {
        name: [{"x": float(value), **unit._asdict()} for value, unit in zip(side, units, strict=True)]
        for name, side in sides.items()
    }
    row = judge({"c": EQUIVALENT}, rows)["c"]
    assert row.verdict == "equivalent" and row.n == (11, 11) and row.high - row.low < 1


def test_share_of_trainings_is_binomial():
    question = claim("share", low=0.9, high=1.0, share=0.5)
    rows = {"a": [{"x": 0.95}] * 9 + [{"x": 0.5}]}
    row = judge({"c": question}, rows)["c"]
    assert row.estimate == 0.9 and row.low == pytest.approx(0.555, abs=1e-3) and row.verdict == "holds"
    assert verdict(question, {"a": [{"x": 0.5}] * 10}) == "refuted"
    assert verdict(claim("share", low=0.9, high=1.0), {"a": [{"x": 0.95}] * 6}) == "undecided"


def test_exact_values_need_every_training():
    question = claim("exact", value=1967)
    assert verdict(question, {"a": [{"x": 1967}] * 2}) == "exact"
    assert verdict(question, {"a": [{"x": 1967}, {"x": 1968}]}) == "refuted"


def test_a_null_is_taken_off_in_each_training():
    question = claim("range", low=-0.1, high=0.1, minus="null")
    rows = {
        "a": [{"x": value + 0.01 * number, "null": value} for number, value in enumerate([1.0, 5.0, 9.0])] + [{"x": 3}]
    }
    row = judge({"c": question}, rows)["c"]
    assert row.n == (3,) and row.estimate == pytest.approx(0.01) and row.verdict == "holds"


def test_needed_trainings_decide():
    undecided = simulated(1, n=4, std=2, a=101.5, b=100)
    row = judge({"c": EQUIVALENT}, undecided)["c"]
    assert row.verdict == "undecided" and row.n_needed > 4
    # Trainings with the estimate and spread that were seen.
    means = {name: float(np.mean([item["x"] for item in rows])) for name, rows in undecided.items()}
    std = float(np.sqrt(np.mean([np.var([item["x"] for item in rows], ddof=1) for rows in undecided.values()])))
    decided = [
        verdict(EQUIVALENT, simulated(seed, n=row.n_needed, std=std, **means)) != "undecided" for seed in range(100)
    ]
    assert sum(decided) >= 80


def test_a_mean_at_its_bound_is_never_decided():
    row = judge({"c": RANGE}, {"a": [{"x": 17 + change} for change in (-0.01, 0, 0.01, 0.0001)]})["c"]
    assert row.verdict == "undecided" and row.n_needed is None


def test_secondary_claims_are_not_corrected():
    rows = simulated(0, a=5, b=5)
    claims_ = {"p": DIFFERENT, "q": DIFFERENT, "s": claim("different", b="b", primary=False)}
    judged = judge(claims_, rows)
    assert judged["s"].holm is None and judged["p"].holm == pytest.approx(min(1, 2 * judged["p"].p))


FAULTS = {
    "a: {row: 1, claim: c, test: equivalent, number: x, a: ae, margin: 1}": "a: expected b for the test equivalent",
    "a: {row: 1, claim: c, test: equivalent, number: x, a: ae, b: vae}": "a: expected margin for the test equivalent",
    "a: {row: 1, claim: c, test: equivalent, number: x, a: ae, b: vae, margin: 0}": "a: expected margin above 0 for",
    "a: {row: 1, claim: c, test: range, number: x, a: ae, low: 2, high: 1}": "a: expected low below high",
    "a: {row: 1, claim: c, test: range, number: x, a: ae, low: 2, high: 2}": "a: expected low below high",
    "a: {row: 1, claim: c, test: guess, number: x, a: ae}": "a.test: expected input should be",
    "a: {row: 1, claim: c, test: different, number: x, a: ae, b: vae, colour: 1}": "a.colour: expected",
    "[1]": "claims: expected input should be a valid dictionary",
}


@pytest.mark.parametrize("text", FAULTS)
def test_faults_are_lines(tmp_path, text):
    (tmp_path / "claims.yaml").write_text(text + "\n")
    with pytest.raises(UserError) as caught:
        read_claims(tmp_path / "claims.yaml")
    assert FAULTS[text] in caught.value.args[0]


def pairs_of(points):
    """Distances of all pairs of trainings of different seeds: {group: [point of seed 0, 1, ..]}."""
    every = [(group, seed, value) for group, values in points.items() for seed, value in enumerate(values)]
    return [
        {"group_a": g, "seed_a": s, "group_b": h, "seed_b": t, "x": float(np.linalg.norm(np.subtract(p, q)))}
        for number, (g, s, p) in enumerate(every)
        for h, t, q in every[number + 1 :]
        if s != t
    ]


def clouds(seed, n=8, shift=0.0, shared=0.0, dimensions=3):
    """Trainings as points: b, and a that is moved by `shift`; those of one seed share some of their place."""
    rng = np.random.default_rng(seed)
    common = shared * rng.normal(size=(n, dimensions))
    a, b = (common + rng.normal(size=(n, dimensions)) for _ in "ab")
    return pairs_of({"a": a + shift, "b": b})


PAIRS = claim("pairs", b="b", margin=0.5, relative=True)


def test_pairs_find_the_truth():
    same = [verdict(PAIRS, {}, pairs=clouds(seed, n=10)) for seed in range(20)]
    apart = [verdict(PAIRS, {}, pairs=clouds(seed, n=10, shift=4)) for seed in range(20)]
    assert sum(item in ("equivalent", "different but negligible") for item in same) >= 16
    assert apart.count("different") >= 18
    assert verdict(PAIRS, {}, pairs=clouds(0, n=2)) == "not measured"


@pytest.mark.slow
@pytest.mark.parametrize("shared", [0.0, 3.0])
def test_pairs_respect_their_dependence(shared):
    """66 pairs of 12 trainings are no 66 observations: false alarms stay at the level, whatever seeds share."""
    count, alarms = 300, 0
    question = claim("pairs", b="b", margin=1e-9)
    for seed in range(count):
        row = judge({"c": question}, {}, pairs=clouds(seed, n=6, shared=shared))["c"]
        assert row.evidence.detail["p_permuted"] >= 1 / 924
        alarms += row.verdict == "different"
    assert alarms / count < 0.05 + 3 * np.sqrt(0.05 * 0.95 / count)


@pytest.mark.slow
def test_pairs_at_the_margin_are_rarely_called_equivalent():
    shift = 1.5
    rng = np.random.default_rng(9)
    apart = rng.normal(0, np.sqrt(2), 400_000)
    margin = float(np.abs(apart + shift).mean() - np.abs(apart).mean())
    question = claim("pairs", b="b", margin=margin)
    got = [verdict(question, {}, pairs=clouds(seed, n=6, shift=shift, dimensions=1)) for seed in range(200)]
    assert sum(item in ("equivalent", "different but negligible") for item in got) / 200 < 0.05 + 3 * 0.0154
    assert got.count("different") / 200 < 0.05 + 3 * 0.0154


def test_farther_apart_must_hold_against_permuted_labels():
    question = claim("pairs", b="b", margin=1e-9)
    found = [judge({"c": question}, {}, pairs=clouds(seed, n=4))["c"].evidence for seed in range(40)]
    assert all(item.p_against >= item.detail["p_permuted"] for item in found if item.estimate > 0)


def test_pairs_of_one_seed_do_not_count():
    rng = np.random.default_rng(0)
    lines = pairs_of({"a": rng.normal(size=(5, 2)), "b": rng.normal(size=(5, 2))})
    row = judge({"c": PAIRS}, {}, pairs=lines)["c"]
    shared = [{"group_a": "a", "seed_a": s, "group_b": "b", "seed_b": s, "x": 1e6} for s in range(5)]
    assert judge({"c": PAIRS}, {}, pairs=lines + shared)["c"].estimate == row.estimate


def families(key, means, n=5, std=0.1, seed=0):
    """Settings that differ in one key alone, by its value."""
    rng = np.random.default_rng(seed)
    return {
        f"a-{value:g}": [
            {"x": float(x), key: value, "setting": json.dumps({"kind": "ae", key: value})}
            for x in rng.normal(mean, std, n)
        ]
        for value, mean in means.items()
    }


def test_one_counterexample_refutes_a_universal_claim():
    question = claim("universal", a="a-256", along="z_dim", over="sqrt_z_dim", low=0.9, high=1.1)
    law = {value: value**0.5 for value in (64, 256, 1024)}

    def seen(means):
        rows = [
            row | {"group": group, "seed": seed, "sqrt_z_dim": row["z_dim"] ** 0.5}
            for group, members in families("z_dim", means).items()
            for seed, row in enumerate(members)
        ]
        return judge_tables({"c": question}, Tables(rows))["c"]

    assert seen(law).verdict == "holds"
    broken = seen(law | {64: 16})
    assert broken.verdict == "refuted" and broken.evidence.detail["worst"] == "a-64"


@pytest.mark.slow
def test_counterexamples_among_many_settings_are_rare_by_chance():
    question = claim("universal", a="a-1", along="z", low=0, high=1)
    false = 0
    for seed in range(300):
        rows = families("z", {value: 1 for value in range(1, 11)}, n=4, seed=seed)
        false += judge({"c": question}, rows)["c"].verdict == "refuted"
    assert false / 300 < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 300)


def test_slope_is_over_seeds():
    law = {value: 2 + np.log(value) for value in (1e-5, 1e-3, 0.1)}
    set_by_fact = claim("slope", a="a-0.1", along="fact", low=0.9, high=1.1)
    ignored = claim("slope", a="a-0.1", along="fact", low=-0.1, high=0.1)
    rows = families("fact", law)
    got = judge({"law": set_by_fact, "ignored": ignored}, rows)
    assert got["law"].verdict == "holds" and got["law"].n == (5,)
    assert got["ignored"].verdict == "refuted"
    few = claim("slope", a="a-0.1", along="fact", low=0.9, high=1.1, **{"from": 0.01})
    assert verdict(few, rows) == "not measured"  # a single value is no slope


def test_rare_events_need_many_trainings():
    question = claim("rate", b="b", low=1)
    assert verdict(question, {"a": [{"x": 0}] * 6, "b": [{"x": 0}] * 6}) == "undecided"
    assert verdict(question, {"a": [{"x": 0}] * 6, "b": [{"x": 2}] * 6}) == "holds"
    assert verdict(question, {"a": [{"x": 1}] * 6, "b": [{"x": 0}] * 6}) == "refuted"
    found = judge({"c": question}, {"a": [{"x": 0}] * 6, "b": [{"x": 1}] * 2 + [{"x": 0}] * 4})["c"]
    assert found.verdict == "undecided" and found.n_needed > 6 and found.low < found.estimate < found.high


def test_undecided_share_says_how_many_would_decide():
    question = claim("share", low=2, high=9, share=0.05)
    row = judge({"c": question}, {"a": [{"x": 1.0}] * 6})["c"]
    assert row.verdict == "undecided" and row.n_needed == 59  # 0.95 ** 59 is below 5%


@pytest.mark.slow
def test_tolerance_interval_holds_as_many_as_it_says():
    from scipy.stats import norm

    question = claim("share", low=0, high=1)
    inside = 0
    for seed in range(400):
        row = judge({"c": question}, simulated(seed, n=6, a=0))["c"]
        low, high = row.evidence.detail["tolerance"]
        inside += norm.cdf(high) - norm.cdf(low) >= 0.9
    assert abs(inside / 400 - 0.95) < 3 * np.sqrt(0.05 * 0.95 / 400)


def test_benchmarks_are_judged_by_their_rounds(tmp_path):
    question = claim("paired", b="b", table="speed.csv", margin=0.05, relative=True)
    assert verdict(question, {}, folder=tmp_path) == "not measured"
    rng = np.random.default_rng(0)
    load = rng.uniform(100, 1000, 12)  # of the machine: both sides of a round share it

    def measured(ratio):
        lines = [f"{x * ratio * rng.normal(1, 0.01)},{x}" for x in load]
        (tmp_path / "speed.csv").write_text("\n".join(["a,b", *lines]) + "\n")
        return verdict(question, {}, folder=tmp_path)

    assert measured(1.0) == "equivalent" and measured(0.8) == "different"
    more = claim("paired", b="b", table="speed.csv", margin=1, relative=True, direction="more")
    measured(4)
    assert verdict(more, {}, folder=tmp_path) == "holds"


@pytest.mark.slow
def test_networks_are_counted():
    entry = {"kind": "vae", "z_dim": 8, "filters": (4, 8), "fact": 1.0}
    weights = (9 * 3 + 1) * 4 + (9 * 4 + 1) * 8 + 2 * (8 * 8 * 8 + 1) * 8
    right = {"part": "encoder", "entry": entry, "size": 32, "printed": weights, "digits": 9}
    halved = {"part": "flattened", "entry": entry, "over": entry | {"filters": (4, 16)}, "size": 32, "printed": 0.5}
    assert verdict(claim("count", counts=(right, halved)), {}) == "exact"
    assert verdict(claim("count", counts=(right | {"printed": weights + 1},)), {}) == "refuted"


def test_the_claims_of_the_project_are_of_its_models_and_numbers():
    params = read(ROOT / "params.celeba.yaml")
    sweeps = read_sweeps(ROOT / "sweeps.yaml", params)
    entries = {model.name: model.entry for model in models_of(tuple(sweeps), sweeps, params)}
    entries |= {name: raw_entry(params, name) for name in params[Models]}
    groups = set(grouped({name: resolved(entry, params) for name, entry in entries.items()}).values())
    claims_ = read_claims(ROOT / "claims.yaml")
    for name, item in claims_.items():
        if not item.table:
            assert {item.a, item.b} - {""} <= groups, name
        for column in item.columns:
            analysis, _, place = column.rpartition(":")
            known = analysis in discovery.names() and place if analysis else metric_of(column, declared())[1]
            assert known or column in ("pixels", "sqrt_z_dim"), (name, column)
        if item.test == "pairs":
            assert item.number in COLUMNS, name
    assert {item.row for item in claims_.values() if item.primary} == set(range(1, 30))
    assert sum(item.primary for item in claims_.values()) == 29


def test_committed_ledger_is_that_of_the_committed_tables(monkeypatch):
    """docs/results.md and README.md show what docs/results holds, by the present claims and tests."""
    monkeypatch.chdir(ROOT)
    found = Tables.read(Path("docs/results"))
    judged = judge_tables(read_claims(Path("claims.yaml")), found)
    rebuild = "run `python -m stages.claims --from docs/results --docs`"
    committed = json.loads(Path("docs/results/claims.json").read_text())
    assert committed.keys() == judged.keys(), rebuild
    for name, row in judged.items():
        assert (committed[name]["verdict"], committed[name]["n"]) == (row.verdict, list(row.n)), rebuild
        assert committed[name]["p"] == pytest.approx(row.p) and committed[name]["low"] == pytest.approx(row.low), (
            rebuild
        )
    for page, text in ledger.pages(judged, found, Path("docs/results.md"), Path("README.md")).items():
        assert page.read_text(encoding="utf-8") == text, rebuild
    assert sum(path.stat().st_size for path in Path("docs/results").iterdir()) < 5e6


def test_bars_in_a_claim_do_not_end_its_cell():
    judged = judge({"c": DIFFERENT.model_copy(update={"claim": "|z| = |mu|"})}, simulated(0, a=1, b=0))
    assert r"| \|z\| = \|mu\| |" in ledger.markdown(judged)


def test_the_short_table_has_headlines_that_were_measured():
    known, unknown = (DIFFERENT.model_copy(update={"claim": text, "headline": True}) for text in ("Known.", "Unknown."))
    judged = judge({"k": known, "u": unknown.model_copy(update={"number": "y"})}, simulated(0, a=1, b=0))
    short = ledger.short_markdown(judged)
    assert "Known." in short and "Unknown." not in short and "1 not measured" in short


def test_command_writes_the_ledger(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "claims.yaml").write_text(
        "same: {row: 7, claim: They agree., test: equivalent, number: x, a: ae, b: vae, margin: 3}\n"
    )
    with pytest.raises(UserError, match=r"trainings\.csv: expected what"):
        claims()
    (tmp_path / "data/replicates").mkdir(parents=True)
    lines = [f"{group}-s{seed},{group},{seed},{100 + 0.1 * seed}" for group in ("ae", "vae") for seed in range(5)]
    (tmp_path / "data/replicates/trainings.csv").write_text(
        "\n".join(["model,group,seed,x", *lines, "gan,gan,0,"]) + "\n"
    )
    claims()
    assert capsys.readouterr().out == " 7  equivalent  They agree.\n"
    content = json.loads((tmp_path / "data/claims/claims.json").read_text())
    assert content["same"]["verdict"] == "equivalent" and content["same"]["n"] == [5, 5]
    assert (
        (tmp_path / "data/claims/claims.csv")
        .read_text()
        .splitlines()[1]
        .startswith("7,same,They agree.,equivalent,True,x: ae - vae,training,5 and 5")
    )
    assert ledger.as_json({}) == {}


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("model,seed,x\na,0,1\n", "line 2: group: expected a name, received none"),
        ("model,group,seed,x\na,a,0,1\nb,,0,1\n", "line 3: group: expected a name, received none"),
        ("model,group,seed,x\na,a,,1\n", "line 2: seed: expected a number from 0, received none"),
        ("model,group,seed,x\na,a,zero,1\n", "line 2: seed: expected a number from 0, received zero"),
        ("model,group,seed,x\na,a,0,1e300\n", "line 2: x: expected a number up to 1e+100, received 1e+300"),
        ("model,group,seed,z_dim\na,a,0,-1\n", "line 2: z_dim: expected a number from 0, received -1"),
        ("model,group,seed,setting\na,a,0,[1\n", "line 2: setting: expected a mapping in JSON, received [1"),
        ("model,group,seed,x\na,a\n", "line 2: expected 4 cells, received 2"),
    ],
)
def test_damaged_trainings_are_one_line(tmp_path, table, expected):
    (tmp_path / "trainings.csv").write_text(table)
    with pytest.raises(UserError) as error:
        Tables.read(tmp_path)
    assert error.value.args == (f"{tmp_path / 'trainings.csv'}: {expected}",)
