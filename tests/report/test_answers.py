"""Who is compared in the answers, and how a number of one or several trainings is stated."""

import numpy as np

from zpoints.analyses import discovery
from zpoints.report.answers import QUESTIONS, TINY, Answer, Roles, _opening, difference, in_brief, roles_of, stated
from zpoints.report.results import Results


def results(**rows):
    return Results(tuple(rows), {}, {}, None, rows, {})


def entry(kind, **more):
    return {"kind": kind, "z_dim": 4, "batch_norm": "none", "seed": None, **more}


def test_contributions_answer_known_questions():
    named = [set(getattr(discovery.presentation(name), "ANSWERS", {})) for name in discovery.presented()]
    assert set.union(*named) == set(QUESTIONS)


def test_roles_follow_kind_and_fact():
    entries = {"v": entry("vae", fact=5.0), "t": entry("vae", fact=1e-5), "a": entry("ae"), "z": entry("vae", fact=0.0)}
    roles = roles_of(entries)
    assert (roles.plain, roles.tiny, roles.working) == (("a",), ("t",), ("v",))
    assert roles.differences == {"tiny_kl": (), "fact": ()}
    assert roles_of({"t": entry("vae", fact=TINY)}).tiny == ("t",)
    assert roles_of({"v": entry("vae", fact=1.5 * TINY)}).tiny == ()


def test_one_training_of_each_decides_nothing():
    assert _opening("tiny_kl", Roles(plain=("a",), tiny=("t", "u")), {}).startswith("Undecided: one training")
    assert _opening("tiny_kl", Roles(plain=("a", "b"), tiny=("t", "u")), {}) == ""


def test_an_answer_is_a_line_that_any_terminal_takes():
    answer = Answer("How many?", "10⁻⁴\u202fm\nof \x1b[31mred.", "One training.", ())
    assert in_brief(answer) == r"How many? 10⁻⁴ m\nof \x1b[31mred. One training."


def test_models_that_differ_least_are_compared():
    entries = {"a": entry("ae", batch_norm="affine"), "b": entry("ae"), "t": entry("vae", fact=1e-5)}
    assert roles_of(entries).plain == ("b",)
    del entries["b"]
    assert roles_of(entries).differences["tiny_kl"] == ("batch_norm",)


def test_seeds_are_trainings_of_one_setting():
    entries = {"a": entry("ae"), "b": entry("ae", seed=1), "c": entry("ae", z_dim=8)}
    assert roles_of(entries).plain == ("a", "b")


def test_external_latents_fill_no_role():
    roles = roles_of({"x": {"kind": "external", "z_dim": 4}, "y": {"kind": "external", "z_dim": 4}})
    assert roles.all == roles.two == (("x",),)
    assert Roles(plain=("a",)).two == (("a",),)


def test_interval_of_one_training_is_its_own():
    rows = {"a": {"r": 2.0, "r_low": 1.0, "r_high": 3.0}, "b": {"r": 4.0}}
    assert stated(results(**rows), (("a",), ("b",)), "r", str) == "2.0 (1.0 to 3.0) for a and 4.0 for b"
    assert stated(results(**rows), (("a",),), "absent") is None


def test_interval_of_several_trainings_is_over_trainings():
    from scipy.stats import t

    values = [1.0, 2.0, 4.0]
    rows = {name: {"r": value, "r_low": 0, "r_high": 9} for name, value in zip("abc", values, strict=True)}
    low, high = t.interval(0.95, 2, np.mean(values), np.std(values, ddof=1) / np.sqrt(3))
    told = stated(results(**rows), (("a", "b", "c"),), "r", lambda value: f"{value:.3f}")
    assert told == f"{np.mean(values):.3f} ({low:.3f} to {high:.3f}) for a"


def test_difference_needs_two_trainings_of_each():
    rows = {"a": {"r": 1.0}, "b": {"r": 2.0}, "c": {"r": 5.0}, "d": {"r": 6.0}}
    one, two = ("a", "b"), ("c", "d")
    assert difference(results(**rows), (one, ("c",)), "r") is None
    text = difference(results(**rows), (one, two), "r", lambda value: f"{value:.2f}")
    assert text == "c less a: 4.00, 0.96 to 7.04"


def test_paired_difference_is_that_of_the_images():
    import pandas as pd

    from zpoints.analyses.evaluation.presentation import _paired
    from zpoints.measurement import Measurement

    rows = np.arange(40)
    loss = np.random.default_rng(0).normal(70, 30, 40)
    frames = {
        "a": pd.DataFrame({"row": rows, "above_floor": loss}),
        "b": pd.DataFrame({"row": rows, "above_floor": loss - 1 + 0.1 * np.sin(rows)})[::-1],
    }
    found = Results(
        ("a", "b"), {name: Measurement({}, {"quality": frame}) for name, frame in frames.items()}, {}, None, {}, {}
    )
    text = _paired(found, ("a",), ("b",))
    assert "40 held-out images" in text and "is 1.0 nats lower than that of a (1.0 to 1.0)" in text
    assert _paired(found, ("a", "c"), ("b",)) is None
