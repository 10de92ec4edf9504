"""Verdicts on simulated trainings whose truth is known."""

import json
from pathlib import Path

import numpy as np
import pytest

from stages.claims import claims
from zpoints.config.models import Models
from zpoints.config.reader import read
from zpoints.errors import UserError
from zpoints.sweeps.claims import Claim, as_json, judge, read_claims

ROOT = Path(__file__).resolve().parents[2]


def simulated(seed, n=8, std=1.0, **means):
    """Trainings of each setting, their number x from a normal distribution."""
    rng = np.random.default_rng(seed)
    return {name: [{"x": float(value)} for value in rng.normal(mean, std, n)] for name, mean in means.items()}


def verdict(claim, trainings):
    return judge({"c": claim}, trainings)["c"].verdict


def claim(test, **keys):
    return Claim.model_validate({"claim": "c", "test": test, "number": "x", "a": "a", **keys})


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
        (DIFFERENT, {"a": 104, "b": 100}, 1, "different"),
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


@pytest.mark.parametrize(
    ("question", "means", "wrong"),
    [
        (EQUIVALENT, {"a": 103, "b": 100}, {"equivalent", "different but negligible"}),  # just at the margin
        (EQUIVALENT, {"a": 102.999, "b": 100}, {"different"}),
        (DIFFERENT, {"a": 100, "b": 100}, {"different"}),
        (RANGE, {"a": 17}, {"holds"}),
        (RANGE, {"a": 16.999}, {"refuted"}),
    ],
)
def test_wrong_verdicts_are_as_rare_as_promised(question, means, wrong):
    count = 400
    rate = sum(verdict(question, simulated(seed, n=6, std=0.2, **means)) in wrong for seed in range(count)) / count
    assert rate < 0.05 + 3 * np.sqrt(0.05 * 0.95 / count)


def test_family_of_true_nulls_has_few_false_verdicts():
    questions = {str(number): claim("different", b="b", number=str(number)) for number in range(10)}
    false = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        rows = {
            name: [{str(i): float(v) for i, v in enumerate(rng.normal(0, 1, 10))} for _ in range(6)] for name in "ab"
        }
        false += any(row.verdict == "different" for row in judge(questions, rows).values())
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


def test_secondary_claims_are_not_corrected():
    rows = simulated(0, a=5, b=5)
    claims_ = {"p": DIFFERENT, "q": DIFFERENT, "s": claim("different", b="b", primary=False)}
    judged = judge(claims_, rows)
    assert judged["s"].holm is None and judged["p"].holm == pytest.approx(min(1, 2 * judged["p"].p))


FAULTS = {
    "a: {claim: c, test: equivalent, number: x, a: ae, margin: 1}": "a: expected b for the test equivalent",
    "a: {claim: c, test: equivalent, number: x, a: ae, b: vae}": "a: expected margin for the test equivalent",
    "a: {claim: c, test: range, number: x, a: ae, low: 2, high: 1}": "a: expected low below high",
    "a: {claim: c, test: guess, number: x, a: ae}": "a.test: expected input should be",
    "a: {claim: c, test: different, number: x, a: ae, b: vae, colour: 1}": "a.colour: expected",
    "[1]": "claims: expected input should be a valid dictionary",
}


@pytest.mark.parametrize("text", FAULTS)
def test_faults_are_lines(tmp_path, text):
    (tmp_path / "claims.yaml").write_text(text + "\n")
    with pytest.raises(UserError) as caught:
        read_claims(tmp_path / "claims.yaml")
    assert FAULTS[text] in caught.value.args[0]


def test_the_claims_of_the_project_are_of_its_models_and_numbers():
    from zpoints.sweeps.replicates import declared, metric_of

    models = read(ROOT / "params.yaml")[Models]
    for name, item in read_claims(ROOT / "claims.yaml").items():
        assert {item.a, item.b} - {None} <= set(models), name
        for column in filter(None, (item.number, item.minus)):
            assert metric_of(column, declared())[1] is not None, name


def test_command_writes_the_ledger(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "claims.yaml").write_text(
        "same: {claim: They agree., test: equivalent, number: x, a: ae, b: vae, margin: 3}\n"
    )
    with pytest.raises(UserError, match=r"trainings\.csv: expected what"):
        claims()
    (tmp_path / "data/replicates").mkdir(parents=True)
    lines = [f"{group}-s{seed},{group},{seed},{100 + 0.1 * seed}" for group in ("ae", "vae") for seed in range(5)]
    (tmp_path / "data/replicates/trainings.csv").write_text(
        "\n".join(["model,group,seed,x", *lines, "gan,gan,0,"]) + "\n"
    )
    claims()
    assert capsys.readouterr().out == "equivalent  They agree.\n"
    content = json.loads((tmp_path / "data/claims/claims.json").read_text())
    assert content["same"]["verdict"] == "equivalent" and content["same"]["n"] == [5, 5]
    assert (
        (tmp_path / "data/claims/claims.csv")
        .read_text()
        .splitlines()[1]
        .startswith("same,equivalent,They agree.,x,5 and 5")
    )
    assert as_json({}) == {}
