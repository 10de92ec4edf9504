"""Reconstructions image by image: the numbers over all of them, and which are shown."""

import numpy as np
import pytest

from zpoints.analyses.evaluation.method.reconstructions import extremes, summary

RNG = np.random.default_rng(0)


def test_summary_has_mean_interval_and_quantiles():
    values = RNG.permutation(np.arange(101.0))
    found = summary({"psnr": values, "ssim": np.full(101, 0.5)})
    assert found["psnr"]["mean"] == 50 and found["psnr"]["low"] < 50 < found["psnr"]["high"]
    assert found["psnr"]["std"] == pytest.approx(np.sqrt((101**2 - 1) / 12))
    assert found["psnr"]["quantile"] == {"0.05": 5, "0.25": 25, "0.5": 50, "0.75": 75, "0.95": 95}
    assert found["ssim"]["low"] == found["ssim"]["high"] == 0.5


def test_extremes_are_best_median_and_worst():
    loss = RNG.permutation(100).astype(float)
    found = {name: loss[places].tolist() for name, places in extremes(loss, 4).items()}
    assert found == {"best": [0, 1, 2, 3], "median": [48, 49, 50, 51], "worst": [99, 98, 97, 96]}


def test_no_image_is_shown_twice():
    shown = np.concatenate(list(extremes(RNG.random(10), 10).values()))
    assert len(shown) == 9 and len(set(shown.tolist())) == 9
