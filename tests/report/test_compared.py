"""The tables of the sections: each number is the measured one of its model, with its own interval and null below it."""

import re

import numpy as np
import pytest

from tests.report.reading import SUPERSCRIPTS, TIMES, cells, number
from tests.report.run import inputs, make_run
from tests.report.test_page import blank
from zpoints.report.style import colours
from zpoints.report.numbers import MINUS
from zpoints.report.page import render
from zpoints.report.sections import components
from zpoints.report.sections import noise

POWER = f"10[{SUPERSCRIPTS}]+"
NUMBER = rf"(?<!\w){MINUS}?(?:[\d.,]*\d{TIMES})?{POWER}|(?<!\w){MINUS}?[\d.,]*\d%?"
# By the name of the table: for each cell of a line, the columns of models.json in the order of its numbers.
TABLES = {
    "Losses after the last epoch": ["train_above_floor", "held_out_above_floor"],
    "Radius of the z-points": [
        *(
            "radius_peak radius_peak_low radius_peak_high",
            "radius_mean",
            "radius_std",
            "gaussian_radius_std",
            "radius_ks",
        ),
    ],
    "Noise of each VAE": ["fact", "logvar_mean", "", "balance balance_min balance_max", "active_units"],
    "The law of logvar": ["logvar_active", "logvar_law", "logvar_law_noise", "law_correlation", "noise_cost"],
    "Axes of mu": [
        *("axes_not_normal axes_tested axes_not_normal_null", "pairs_correlated pairs_correlated_null"),
        *("correlation correlation_null", "origin_mahalanobis origin_gaussian_median"),
        "origin_farther origin_gaussian_farther",
    ],
    "Shape of the cloud": ["components_95 z_dim components_95_independent", "participation_ratio"],
    "Neighbours": [
        *("distance_ratio distance_ratio_low distance_ratio_high", "two_nn_ratio two_nn_ratio_low two_nn_ratio_high"),
    ],
    "Tests of normality": [
        *("removed removed_null", "axes_pass", "axes_pass_core axes_pass_core_null"),
        *("beyond_999_core beyond_999_core_null", "henze_zirkler_core_p"),
    ],
    "K-means": [
        *("elbow elbow_null", "elbow_strength elbow_strength_null", "gap gap_low gap_high"),
        *("silhouette silhouette_null", "silhouette_k"),
    ],
    "Clusters and attributes": ["labels_adjusted labels_adjusted_null", "labels_matching labels_matching_null"],
    "Quality of the reconstructions": [
        *("quality_above_floor", "quality_above_floor_most", "quality_ssim", "quality_sharpness"),
    ],
    "Distance from real images": ["paths_linear", "paths_spherical", "paths_mean", "paths_origin"],
}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    root = tmp_path_factory.mktemp("run")
    make_run(root)
    return inputs(root)


@pytest.fixture(scope="module")
def page(found):
    return render(found, blank(found))


@pytest.mark.parametrize("label", TABLES)
def test_each_number_of_a_line_is_the_measured_one(page, found, label):
    (table,) = re.findall(rf'aria-label="{re.escape(label)}">(.*?)</table>', page, re.S)
    lines = [line for line in cells(table) if line[0] in found.rows]
    assert lines
    for name, *line in lines:
        for cell, columns in zip(line, TABLES[label], strict=False):
            shown = re.findall(NUMBER, cell)
            values = [found.rows[name][column] for column in columns.split()]
            if columns:
                assert [number(text) for text in shown] == pytest.approx(values, rel=0.02, abs=0.06), cell


def test_the_figures_of_axes_draw_what_was_measured(found):
    tints = colours(found.rows)
    above, below = noise.plates(found, tints)["balance"].figure.axes
    (correlated,) = components.plates(found, tints)["correlations"].figure.axes
    for axes, curve, key in (
        (above, "noise", "balance"),
        (below, "noise", "kl"),
        (correlated, "correlations", "eigenvalue"),
    ):
        own = np.sort(found.curves[curve]["vae"][key])[::-1]
        assert any(
            line.get_ydata().tolist() == own.tolist() for line in axes.lines if len(line.get_ydata()) == len(own)
        )
