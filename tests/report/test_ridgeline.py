"""Histograms one above the other: their extent and scale."""

import numpy as np

from zpoints.report.figures.ridgeline import extent, scaled


def test_extent_leaves_out_the_given_share():
    shares = np.array([0.0, 0.0005, 0.5, 0.0, 0.4995, 0.0])
    assert extent(shares, np.arange(7.0)) == (2.0, 5.0)
    assert extent(np.zeros(3), np.arange(4.0)) is None


def test_scaled_laws_reach_one():
    assert scaled(np.array([0.1, 0.4])).tolist() == [0.25, 1.0]
    assert scaled(np.zeros(2)).tolist() == [0.0, 0.0]
