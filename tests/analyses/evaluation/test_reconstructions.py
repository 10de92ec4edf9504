"""Reconstructions image by image: the numbers over all of them, and which are shown."""

import numpy as np
import pytest

from zpoints.analyses.evaluation.measure.reconstructions import extremes, joined, lines, summary

RNG = np.random.default_rng(0)


def test_a_summary_has_the_mean_in_its_interval_and_the_quantiles():
    values = RNG.permutation(np.arange(101.0))
    found = summary({"psnr": values, "ssim": np.full(101, 0.5)}, seed=0)
    assert found["psnr"]["mean"] == 50 and found["psnr"]["low"] < 50 < found["psnr"]["high"]
    assert found["psnr"]["std"] == pytest.approx(np.sqrt((101**2 - 1) / 12))
    assert found["psnr"]["quantile"] == {"0.05": 5, "0.25": 25, "0.5": 50, "0.75": 75, "0.95": 95}
    assert found["ssim"]["low"] == found["ssim"]["high"] == 0.5
    assert summary({"psnr": values}, seed=1)["psnr"]["low"] != found["psnr"]["low"]


def test_a_line_has_the_image_and_its_own_measures():
    found = lines(np.array(["000007", "000003"]), np.array([6, 2]), {"psnr": np.array([20.0, 30.0])})
    assert found == [{"id": "000007", "row": 6, "psnr": 20.0}, {"id": "000003", "row": 2, "psnr": 30.0}]


def test_the_best_come_first_the_worst_begin_with_the_very_worst_and_the_median_lies_between():
    loss = RNG.permutation(100).astype(float)
    found = {name: loss[places].tolist() for name, places in extremes(loss, 4).items()}
    assert found == {"best": [0, 1, 2, 3], "median": [48, 49, 50, 51], "worst": [99, 98, 97, 96]}


def test_of_few_images_none_is_shown_twice():
    shown = np.concatenate(list(extremes(RNG.random(10), 10).values()))
    assert len(shown) == 9 and len(set(shown.tolist())) == 9


def test_parts_are_joined_in_their_order():
    found = joined([{"psnr": np.array([1.0, 2.0])}, {"psnr": np.array([3.0])}])
    assert found["psnr"].tolist() == [1, 2, 3]
