"""Read sweeps.yaml: each sweep takes entries of `models` and varies keys of them, all combinations of all values.

A model's name says how it differs from the entry in params.yaml that it differs least from: `vae-f0.1-s3` is vae with
fact 0.1 and seed 3. So a setting that params.yaml has is that model, and sweeps that meet in one share its training.
"""

import itertools
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import ConfigDict, Field, RootModel, ValidationError

from zpoints.analyses import discovery
from zpoints.config.block import ConfigError, Frozen
from zpoints.config.images import Images
from zpoints.config.models import AutoencoderEntry, ExternalEntry, Models, VariationalEntry
from zpoints.config.reader import Params, lines_of
from zpoints.config.training import Training
from zpoints.config.yaml import load_yaml
from zpoints.errors import UserError

DEFAULT_ANALYSES = ("radius", "posterior", "pca", "attributes")
# Short in names; any other key stands there as it is.
TAGS = {
    "fact": "f",
    "z_dim": "z",
    "seed": "s",
    "order_seed": "os",
    "epochs": "e",
    "learning_rate": "lr",
    "batch_size": "b",
}
SWEEP_NAME = "^[a-z][a-z0-9_]{0,39}$"
MAX_MODELS = 2000
CLASSES: dict[str, type[AutoencoderEntry]] = {"ae": AutoencoderEntry, "vae": VariationalEntry}


class Sweep(Frozen):
    """One entry of sweeps.yaml."""

    base: tuple[str, ...] = Field(min_length=1, description="names from `models` in params.yaml")
    vary: dict[str, tuple[Any, ...]] = Field(default_factory=dict, description="values for keys of these entries")
    analyses: tuple[str, ...] = Field(DEFAULT_ANALYSES, description="asked of each model")


class _Sweeps(RootModel[dict[Annotated[str, Field(pattern=SWEEP_NAME)], Sweep]]):
    model_config = ConfigDict(frozen=True)


@dataclass(frozen=True)
class SweptModel:
    """A model to train.

    name: in folders and tables; for a model of params.yaml the one it has there.
    base: the entry of params.yaml whose name its own pipeline uses.
    entry: all that it differs in from the defaults, as params.yaml would say it.
    analyses: what is asked of it, by all sweeps that were named.
    sweeps: the names of these.
    """

    name: str
    base: str
    entry: dict[str, Any]
    analyses: tuple[str, ...]
    sweeps: tuple[str, ...]

    @property
    def is_base(self) -> bool:
        """Whether it is a model of params.yaml itself."""
        return self.name == self.base


def read_sweeps(path: Path, params: Params) -> dict[str, Sweep]:
    """All sweeps of the file. Raises UserError with a line for each fault in any of them."""
    content = load_yaml(path)
    if not isinstance(content, dict) or not content:
        raise UserError(f"{path}: expected a mapping of sweeps, received {type(content).__name__}")
    try:
        sweeps = _Sweeps.model_validate_json(json.dumps(content)).root
    except ValidationError as error:
        raise UserError(*(f"{path}: {line}" for line in lines_of(_Sweeps, content, error))) from None
    except (TypeError, ValueError):
        raise UserError(f"{path}: expected plain numbers, texts, lists and mappings, received something else") from None
    faults = [f"{path}: {name}.{fault}" for name, sweep in sweeps.items() for fault in _faults(sweep, params)]
    if faults:
        raise UserError(*faults)
    return sweeps


def models_of(names: tuple[str, ...], sweeps: dict[str, Sweep], params: Params) -> list[SweptModel]:
    """The models of the named sweeps, each setting once, in their order. Raises UserError for unknown names."""
    for name in names:
        if name not in sweeps:
            raise UserError(f"SWEEP: expected one of {', '.join(sweeps)}, received {name}")
    found: dict[str, SweptModel] = {}
    names_of: dict[str, tuple[str, str]] = {}  # by setting
    owners: dict[str, str] = {}  # the setting of each name
    for sweep_name in dict.fromkeys(names):
        sweep = sweeps[sweep_name]
        for base, changes in _combinations(sweep):
            entry = raw_entry(params, base) | changes
            setting = json.dumps(resolved(entry, params), sort_keys=True)
            name, origin = names_of.setdefault(setting, canonical_name(entry, base, params))
            known = found.get(name)
            if owners.setdefault(name, setting) != setting:
                raise UserError(
                    f"{sweep_name}: expected settings with names of their own, received {name} for two of them"
                )
            found[name] = SweptModel(
                name,
                origin,
                entry,
                tuple(dict.fromkeys([*(known.analyses if known else ()), *sweep.analyses])),
                tuple(dict.fromkeys([*(known.sweeps if known else ()), sweep_name])),
            )
    return list(found.values())


def canonical_name(entry: dict[str, Any], origin: str, params: Params) -> tuple[str, str]:
    """A setting's name, and the model of params.yaml that it differs least from: of equals `origin`, or the first."""
    setting = resolved(entry, params)
    own = {base: resolved(raw_entry(params, base), params) for base in trained(params)}
    differences = {
        base: {key: value for key, value in setting.items() if key not in other or other[key] != value}
        for base, other in own.items()
        if other.keys() <= setting.keys()  # else of another kind
    }
    base = min(differences, key=lambda name: (len(differences[name]), name != origin))
    # Architecture and loss first, then training, the seed last.
    keys = sorted(differences[base], key=lambda key: (key in Training.model_fields, key == "seed"))
    return "-".join([base, *(_tag(key, setting[key]) for key in keys)]), base


def _combinations(sweep: Sweep) -> list[tuple[str, dict[str, Any]]]:
    return [
        (base, dict(zip(sweep.vary, values, strict=True)))
        for base, *values in itertools.product(sweep.base, *sweep.vary.values())
    ]


def _faults(sweep: Sweep, params: Params) -> list[str]:
    """A line for each thing that a sweep asks for and cannot have."""
    models = trained(params)
    faults = [
        f"base: expected names from {', '.join(models) or 'models that are trained'}, received {base}"
        + (", which another program made" if base in params[Models].root else "")
        for base in sweep.base
        if base not in models
    ]
    for key, values in sweep.vary.items():
        if key == "kind":
            faults.append("vary.kind: expected a key that can vary, received kind; name both models in base")
        elif not values:
            faults.append(f"vary.{key}: expected at least 1 value, received []")
        elif len({json.dumps(value) for value in values}) < len(values):
            faults.append(f"vary.{key}: expected each value once, received {json.dumps(list(values))}")
    groups = {name: discovery.config_class(name).group for name in discovery.names()}
    possible = [name for name, group in groups.items() if group != "pair_analyses"]
    for name in sweep.analyses:
        if name not in possible:
            faults.append(f"analyses: expected names from {', '.join(possible)}, received {name}")
        elif name not in params.analyses:
            faults.append(f"analyses: expected analyses that are switched on in the params file, received {name}")
        elif groups[name] == "direction_analyses" and "attributes" not in sweep.analyses:
            faults.append(f"analyses: expected attributes as well, whose directions {name} needs, received none")
    count = math.prod(map(len, (sweep.base, *sweep.vary.values())))
    if count > MAX_MODELS:
        faults.append(f"vary: expected at most {MAX_MODELS} models, received {count}")
    if faults:
        return faults
    for base, changes in _combinations(sweep):
        try:
            entry = raw_entry(params, base) | changes
            model = _typed(entry)
            model.training(params[Training]).check_strategy(f"vary for {base}")
            model.check_size(params[Images].size, f"vary for {base}")
        except ValidationError as error:
            faults += [f"vary.{line} for {base}" for line in lines_of(CLASSES[entry["kind"]], entry, error)]
        except ConfigError as error:
            faults.append(f"{error.key}: expected {error.expected}, received {json.dumps(error.received)}")
    return list(dict.fromkeys(faults))


def trained(params: Params) -> list[str]:
    """The models of params.yaml that are trained: all but those of other programs."""
    return [name for name in params[Models] if not isinstance(params[Models][name], ExternalEntry)]


def raw_entry(params: Params, base: str) -> dict[str, Any]:
    """An entry as params.yaml has it."""
    return params[Models][base].model_dump(mode="json", exclude_unset=True)


def _typed(entry: dict[str, Any]) -> AutoencoderEntry:
    return CLASSES[entry["kind"]].model_validate_json(json.dumps(entry))


def resolved(entry: dict[str, Any], params: Params) -> dict[str, Any]:
    """Everything that decides a model's weights, beside the images."""
    model = _typed(entry)
    return model.own() | model.training(params[Training]).outcome()


def _tag(key: str, value: Any) -> str:
    """`f0.1` for fact 0.1; no letter that a folder's name should not have."""
    tag = TAGS.get(key, key)
    if isinstance(value, float):
        text = repr(value).removesuffix(".0").replace("e-0", "e-").replace("e+", "e")
    elif isinstance(value, list):
        text = "x".join(str(item) for item in value)
    else:
        text = json.dumps(value).strip('"')
    return f"{tag}{text}" if tag != key or isinstance(value, list) else f"{key}_{text}"
