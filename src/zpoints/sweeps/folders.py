"""A small pipeline for each model of a sweep: a dvc.yaml and the params it reads, made from the project's own.

The stages are those of the project's dvc.yaml for one model, with the same dependencies; what they write lies below a
folder of the model's own. A lock file for each model keeps DVC fast: it rewrites the whole of one after every stage.
"""

import io
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from zpoints.analyses import discovery
from zpoints.config.yaml import load_yaml
from zpoints.errors import UserError
from zpoints.sweeps.settings import SweptModel

# Not params.yaml, which DVC would parse for every model whenever it starts.
PARAMS, PIPELINE = "params.json", "dvc.yaml"
OF_A_MODEL = ("models", "latents", "measurements")
ENTRIES = {
    "analyses": "measure",
    "image_analyses": "measure_images",
    "sampler_analyses": "measure_samplers",
    "direction_analyses": "measure_directions",
}


@dataclass(frozen=True)
class Layout:
    """Where sweeps lie, relative to the project's root: `sweeps` holds their pipelines, `data` their outs.

    root_data holds what all models share, and the models of params.yaml.
    """

    sweeps: Path
    data: Path
    root_data: Path

    def pipeline(self, model: SweptModel) -> Path:
        return self.sweeps / model.name / PIPELINE

    def outs(self, model: SweptModel) -> Path:
        """The folder that holds models/BASE, latents/BASE and measurements/BASE of this model."""
        return self.root_data if model.is_base else self.data / model.name

    def addresses(self, model: SweptModel) -> list[str]:
        """DVC's names of the model's stages, in their order."""
        groups = [(name, discovery.config_class(name).group) for name in model.analyses]
        if model.is_base:
            measured = [f"{ENTRIES[group]}@{name}-{model.base}" for name, group in groups]
            return [f"train@{model.base}", f"encode@{model.base}", *measured]
        return [
            f"{self.pipeline(model)}:{name}" for name in ("train", "encode", *(f"measure-{name}" for name, _ in groups))
        ]


def files_of(models: Iterable[SweptModel], layout: Layout, pipeline: Path, params: Path) -> dict[Path, str]:
    """The text of every file that the models' pipelines consist of, by path.

    pipeline, params: the project's own dvc.yaml and params.yaml.
    """
    stages = load_yaml(pipeline)["stages"]
    shared = load_yaml(params)
    files = {}
    for model in models:
        if not model.is_base:
            own_params = layout.sweeps / model.name / PARAMS
            files[own_params] = json.dumps(shared | {"models": {model.base: model.entry}}, indent=1) + "\n"
            files[layout.pipeline(model)] = _dump(_pipeline(model, layout, stages, own_params))
    return files


def write_files(files: dict[Path, str]) -> None:
    """Write those that differ from what is there; analyses that other sweeps asked for are kept."""
    for path, text in files.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


def _pipeline(model: SweptModel, layout: Layout, stages: dict[str, Any], params: Path) -> dict[str, Any]:
    outs = layout.outs(model)
    options = {
        "train": f"--out {outs / 'models' / model.base}",
        "encode": f"--trained {outs / 'models' / model.base} --out {outs / 'latents' / model.base}",
    }
    common = " ".join(f"--{name} {outs / name}" for name in OF_A_MODEL)
    result = {
        name: _stage(stages[name]["do"], {"key": model.base}, options[name], model, layout, params) for name in options
    }
    # The command writes the losses into the model's folder.
    result["train"]["outs"] = [f"{outs / 'models' / model.base}"]
    for name in model.analyses:
        entry = stages[ENTRIES[discovery.config_class(name).group]]
        values = {"item.analysis": name, "item.model": model.base}
        out = f"{common} --out {outs / 'measurements' / model.base / name}"
        result[f"measure-{name}"] = _stage(entry, values, out, model, layout, params)
    return {"stages": result}


def _stage(
    entry: dict[str, Any], values: dict[str, str], options: str, model: SweptModel, layout: Layout, params: Path
) -> dict[str, Any]:
    """An entry of the project's dvc.yaml for this model."""

    def filled(text: str) -> str:
        return re.sub(r"\$\{(.*?)\}", lambda match: values[match[1]], text)

    def moved(path: str) -> str:
        for name in OF_A_MODEL:
            if path.startswith(f"{layout.root_data / name / model.base}"):
                return str(layout.outs(model) / Path(path).relative_to(layout.root_data))
        return path

    try:
        return {
            "cmd": f"{filled(entry['cmd'])} --params {params} {options}",
            "wdir": "/".join(".." for _ in layout.pipeline(model).parent.parts),
            "deps": [moved(filled(path)) for path in entry["deps"]],
            "params": [{str(params): [filled(key) for key in entry["params"]]}],
            "outs": [moved(filled(path)) for path in entry["outs"]],
        }
    except (KeyError, TypeError, AttributeError):
        raise UserError(
            f"dvc.yaml: expected stages train, encode and {', '.join(ENTRIES.values())} as this project has them"
        ) from None


def _dump(content: dict[str, Any]) -> str:
    yaml, text = YAML(), io.StringIO()
    yaml.width = 4096
    yaml.dump(content, text)
    return "# Written by `python -m stages.sweep`; changes are lost.\n" + text.getvalue()
