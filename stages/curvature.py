"""Measure how sharply the reconstruction loss of one model rises along each axis of z, and what logvar follows."""

from pathlib import Path
from typing import Any

from stages._command import PARAMS, Out, ParamsFile, SetParam, parameters, run
from stages._model import ModelFolder, ModelName, ShardsFolder, refuse_unknown
from stages._tensorflow import start_tensorflow
from zpoints.analyses.curvature.config import Curvature
from zpoints.config.models import VariationalEntry


def curvature(
    model: ModelName,
    shards: ShardsFolder = Path("data/shards"),
    trained: ModelFolder = None,
    params: ParamsFile = PARAMS,
    set_param: SetParam = None,
    out: Out = None,
) -> None:
    """Measure the curvature of the loss over some training images: curvature.json, and a row an axis in curvature.csv.

    For a VAE, with the law that logvar should follow from it.
    """
    loaded = parameters(params, set_param, out)
    refuse_unknown(loaded, model)
    block = loaded[Curvature]
    source = trained or Path("data/models", model)

    start_tensorflow()
    import numpy as np

    from zpoints.analyses.curvature.measure.hessian import (
        curvatures,
        encoded,
        law,
        noise_cost,
        noisy_curvatures,
        predicted_logvar,
        summary,
    )
    from zpoints.artifacts import write_csv, write_json
    from zpoints.errors import UserError
    from zpoints.shards.store import Shards
    from zpoints.stats.reference_distributions import subsample
    from zpoints.training.model_folder import load

    network, images = load(source), Shards.open(shards)
    if images.size != network.size:
        raise UserError(
            f"{shards}: expected images of {network.size} pixels, the model's, received images of {images.size}"
        )
    pixels = images.read(subsample(images.rows("train"), block.images, (block.seed, 0)))
    mu, logvar = encoded(network, pixels)
    variance = mu.var(axis=0, dtype=np.float64)
    active = variance > block.active
    each = curvatures(network, pixels, mu)
    at_mu = each.mean(axis=0)
    result: dict[str, Any] = {
        "images": len(pixels),
        "active_axes": int(active.sum()),
        "at_mu": summary(at_mu),
        # Neither changes where z is scaled up and the decoder's first layer down.
        "cost_of_a_std": float(np.mean(at_mu * variance) / 2),
        "cost_of_a_std_max": float(np.max(at_mu * variance) / 2),
    }
    columns = {"variance": variance, "at_mu": at_mu}

    spec = network.spec
    if logvar is not None and isinstance(spec, VariationalEntry):
        sigma = np.exp(0.5 * logvar)
        step = spec.eps_factor * sigma
        measured = logvar.mean(axis=0, dtype=np.float64)
        columns["logvar"] = measured
        result["cost"] = {
            "measured": float(noise_cost(network, pixels, mu, step, block.draws, (block.seed, 1)).mean()),
            "second_order": float(np.sum(each * np.square(step, dtype=np.float64), axis=1).mean() / 2),
        }
        kinds = {"at_mu": at_mu}
        if spec.eps_factor > 0:
            noisy = noisy_curvatures(network, pixels, mu, step, block.draws, (block.seed, 2))
            kinds["over_noise"] = columns["over_noise"] = noisy.mean(axis=0)
            columns["over_noise_error"] = noisy.std(axis=0, ddof=1) / np.sqrt(len(noisy))
            result["over_noise"] = summary(kinds["over_noise"])
        # With fact = 0 nothing holds the noise up: logvar falls for ever, and there is no law.
        if spec.fact > 0 and active.any():
            result["logvar"] = {"measured": float(measured[active].mean())}
            result["law"] = {}
            for kind, found in kinds.items():
                predicted = columns[f"predicted_{kind}"] = predicted_logvar(found, spec.fact, spec.eps_factor)
                result["logvar"][f"predicted_{kind}"] = float(predicted[active].mean())
                result["law"][kind] = law(measured[active], predicted[active])

    folder = out or Path("data/measurements", model)
    write_json(folder / "curvature.json", result)
    every = ("logvar", "over_noise", "over_noise_error", "predicted_at_mu", "predicted_over_noise")
    rows = [
        {"axis": axis, "active": int(active[axis]), **{name: values[axis] for name, values in columns.items()}}
        for axis in range(len(variance))
    ]
    write_csv(folder / "curvature.csv", rows, columns=("axis", "active", "variance", "at_mu", *every))


if __name__ == "__main__":
    run(curvature)
