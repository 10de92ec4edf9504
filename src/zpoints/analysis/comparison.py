"""All models side by side: one table, and their curves in long form."""

import csv
import json
from pathlib import Path
from typing import Any

from zpoints.errors import UserError
from zpoints.params.models import Models

# Column of the table: the measurement's file, and where in it the number stands.
COLUMNS = {
    "parameters": ("training", "parameters.total"),
    "epochs": ("training", "epochs"),
    "train_total": ("training", "train.total"),
    "train_reco": ("training", "train.reco"),
    "train_kl": ("training", "train.kl"),
    "train_above_floor": ("training", "train.reco_above_floor"),
    "held_out_total": ("training", "held_out.total"),
    "held_out_reco": ("training", "held_out.reco"),
    "held_out_kl": ("training", "held_out.kl"),
    "held_out_above_floor": ("training", "held_out.reco_above_floor"),
    "held_out_mse": ("training", "held_out.mse"),
    "held_out_psnr": ("training", "held_out.psnr"),
    "radius_peak": ("radius", "mu.peak"),
    "radius_mean": ("radius", "mu.mean"),
    "radius_min": ("radius", "mu.min"),
    "radius_max": ("radius", "mu.max"),
    "radius_median": ("radius", "mu.quantile.0.5"),
    "z_radius_peak": ("radius", "z.peak"),
    "norm_of_mean": ("noise", "mu.norm_of_mean"),
    "axis_std": ("noise", "mu.std_mean"),
    "logvar_mean": ("noise", "logvar.mean"),
    "logvar_min": ("noise", "logvar.min"),
    "logvar_max": ("noise", "logvar.max"),
    "z_minus_mu_max": ("noise", "displacement.component_max"),
    "radius_change_relative_mean": ("noise", "displacement.radius_change_relative_mean"),
    "radius_change_relative_max": ("noise", "displacement.radius_change_relative_max"),
    "balance": ("noise", "balance.mean"),
    "axes_tested": ("components", "axes"),
    "axes_not_normal": ("components", "normality.mu.failing"),
    "axes_not_normal_null": ("components", "normality.null.failing"),
    "skewness": ("components", "shape.mu.skewness.mean_abs"),
    "skewness_null": ("components", "shape.null.skewness.mean_abs"),
    "excess_kurtosis": ("components", "shape.mu.excess_kurtosis.mean"),
    "excess_kurtosis_null": ("components", "shape.null.excess_kurtosis.mean"),
    "pairs_correlated": ("components", "correlation.mu.beyond_chance"),
    "pairs_correlated_null": ("components", "correlation.null.beyond_chance"),
    "correlation": ("components", "correlation.mu.mean_abs"),
    "correlation_null": ("components", "correlation.null.mean_abs"),
    "origin_mahalanobis": ("components", "origin.mahalanobis"),
    "origin_gaussian_median": ("components", "origin.gaussian_median"),
    "origin_farther": ("components", "origin.farther"),
    "origin_gaussian_farther": ("components", "origin.gaussian_farther"),
    "components_50": ("pca", "mu.components.0.5"),
    "components_80": ("pca", "mu.components.0.8"),
    "components_90": ("pca", "mu.components.0.9"),
    "components_95": ("pca", "mu.components.0.95"),
    "components_99": ("pca", "mu.components.0.99"),
    "components_95_independent": ("pca", "independent.components.0.95"),
    "participation_ratio": ("pca", "mu.participation_ratio"),
    "participation_ratio_independent": ("pca", "independent.participation_ratio"),
    "first_component": ("pca", "mu.first_share"),
    "two_nn": ("pca", "neighbourhood.two_nn.mu.mean"),
    "two_nn_ratio": ("pca", "neighbourhood.two_nn.ratio.mean"),
    "two_nn_ratio_low": ("pca", "neighbourhood.two_nn.ratio.low"),
    "two_nn_ratio_high": ("pca", "neighbourhood.two_nn.ratio.high"),
    "levina_bickel": ("pca", "neighbourhood.levina_bickel.mu.mean"),
    "levina_bickel_ratio": ("pca", "neighbourhood.levina_bickel.ratio.mean"),
    "distance_ratio": ("pca", "neighbourhood.distance.ratio.mean"),
    "distance_ratio_low": ("pca", "neighbourhood.distance.ratio.low"),
    "distance_ratio_high": ("pca", "neighbourhood.distance.ratio.high"),
    "density_contrast_ratio": ("pca", "neighbourhood.density_contrast.ratio.mean"),
}


def table(models: Models, measurements: Path) -> dict[str, dict[str, Any]]:
    """A row of numbers for each model by name; what a model has not (a plain AE has no logvar) is left out."""
    rows: dict[str, dict[str, Any]] = {}
    for name in models:
        spec = models[name].model_dump(mode="json")
        row = {
            key: spec[key]
            for key in ("kind", "z_dim", "fact", "batch_norm", "extra_dense")
            if spec.get(key) is not None
        }
        files = {file: read_measurement(measurements / name / f"{file}.json") for file, _ in COLUMNS.values()}
        for column, (file, place) in COLUMNS.items():
            value = _find(files[file], place)
            if value is not None:
                row[column] = value
        for interval, share in files["radius"]["mu"]["share"].items():
            row[f"radius_share_{interval.replace(' ', '_')}"] = share
        rows[name] = row
    return rows


def curves(models: Models, folder: Path, file: str) -> list[dict[str, Any]]:
    """The rows of FOLDER/MODEL/FILE of all models, one below the other, with the model's name in front."""
    rows = []
    for name in models:
        path = folder / name / file
        try:
            with path.open(newline="", encoding="utf-8") as lines:
                rows += [{"model": name, **row} for row in csv.DictReader(lines)]
        except OSError:
            raise UserError(f"{path}: expected a measurement, received no such file; run `dvc repro`") from None
    return rows


def read_measurement(path: Path) -> dict[str, Any]:
    """A measurement's JSON. Raises UserError where it is missing or damaged."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise UserError(f"{path}: expected a measurement, received no such file; run `dvc repro`") from None
    except ValueError as error:
        raise UserError(f"{path}: expected JSON, received: {error}") from None
    if not isinstance(content, dict):
        raise UserError(f"{path}: expected a measurement, received {type(content).__name__}")
    return content


def _find(content: dict[str, Any], place: str) -> Any:
    """The value at a dotted place; the last part may itself hold a dot, as in quantile.0.5."""
    head, _, rest = place.partition(".")
    if place in content:
        return content[place]
    return _find(content[head], rest) if head in content and rest else None
