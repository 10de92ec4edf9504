"""What an analysis needs, by the names of its measure function's arguments, opened for it.

latents         Latents of the model: mu, logvar, z and the split of all images
labels          Labels of the same images: attributes and factors
shards          Shards: the images themselves
model           Trained: the model, ready to encode and decode; or ExternalModel, which decodes alone
feature_space   FeatureSpace in which images are compared
reference       Reference: features of real images, and the scores of controls
samplers        SamplerSet: the samplers by name, and their seed
directions      Directions of the attributes
spaces          the Latents of all models by name, opened at each access
entries         the models' entries and training settings in params.yaml: what tells two models apart
config          the analysis' block of params.yaml

Each is opened at its first use, so that TensorFlow is imported only where a model or a feature space is asked for.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zpoints.analyses import discovery
from zpoints.config.features import Features
from zpoints.config.models import Models
from zpoints.config.reader import Params
from zpoints.config.samplers import Samplers
from zpoints.config.training import Training
from zpoints.errors import UserError
from zpoints.latents.images import expect_images
from zpoints.latents.labels import Labels
from zpoints.latents.store import Latents
from zpoints.measurement import NotMeasurable
from zpoints.shards.store import Shards

if TYPE_CHECKING:
    from zpoints.latents.directions import Directions
    from zpoints.latents.external_decoder import ExternalModel
    from zpoints.latents.samplers import SamplerSet
    from zpoints.latents.trained import Trained
    from zpoints.metrics.feature_space import FeatureSpace
    from zpoints.metrics.reference import Reference


@dataclass(frozen=True)
class Folders:
    """Where the inputs lie: `latents` holds a folder for each model, the others are of one model or of all."""

    shards: Path
    latents: Path
    models: Path
    features: Path
    measurements: Path


class Spaces(Mapping[str, Latents]):
    """The z-points of all models, opened anew at each access: pages of a mapping count as memory while it lives."""

    def __init__(self, folder: Path, names: tuple[str, ...]) -> None:
        self._folder, self._names = folder, names

    def __getitem__(self, name: str) -> Latents:
        if name not in self._names:
            raise KeyError(name)
        return Latents.open(self._folder / name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class Inputs:
    """The inputs of one analysis; `of` opens those that a function's arguments name.

    name: a model of params.yaml; None for analyses of all models.
    """

    def __init__(self, params: Params, folders: Folders, name: str | None) -> None:
        self._params, self._folders = params, folders
        if name is not None and name not in params[Models].root:
            raise UserError(f"MODEL: expected one of {', '.join(params[Models])}, received {name}")
        self._name = name

    def of(self, function: Callable[..., Any], config: Any) -> dict[str, Any]:
        """The arguments of a measure function. Raises UserError for an input that is missing or foreign."""
        needs = discovery.needs(function)
        return {name: config if name == "config" else getattr(self, name) for name in sorted(needs)}

    @cached_property
    def latents(self) -> Latents:
        return Latents.open(self._folders.latents / self._model)

    @cached_property
    def labels(self) -> Labels:
        return Labels.of(self.shards)

    @cached_property
    def shards(self) -> Shards:
        shards = Shards.open(self._folders.shards)
        expect_images(self.latents, shards)
        return shards

    @cached_property
    def model(self) -> "Trained | ExternalModel":
        from zpoints.latents.external_decoder import open_decoding

        entry, folder = self._params[Models][self._model], self._folders.models / self._model
        model = open_decoding(self._model, entry, folder, self.shards.size)
        model.latents(self._folders.latents / self._model)  # of this very model, or an error
        return model

    @cached_property
    def feature_space(self) -> "FeatureSpace":
        from zpoints.metrics.feature_space import expect_faces, open_space

        settings = self._params[Features]
        if reason := settings.missing():
            raise NotMeasurable(reason)
        space = open_space(settings)
        expect_faces(space, self.shards, settings.min_faces)
        return space

    @cached_property
    def reference(self) -> "Reference":
        from zpoints.metrics.reference import Reference

        return Reference.open(self._folders.features, self._params[Features], self.latents.split)

    @cached_property
    def samplers(self) -> "SamplerSet":
        from zpoints.latents.samplers import samplers

        return samplers(self._params[Samplers])

    @cached_property
    def directions(self) -> "Directions":
        from zpoints.latents.directions import Directions

        return Directions.open(self._folders.measurements / self._model / "attributes", self.latents.model)

    @cached_property
    def spaces(self) -> Spaces:
        return Spaces(self._folders.latents, tuple(self._params[Models]))

    @cached_property
    def entries(self) -> dict[str, dict[str, Any]]:
        """What defines each model: its entry and the settings of its training, as plain data."""
        models, shared = self._params[Models], self._params[Training]
        return {name: models[name].own() | models[name].training(shared).outcome() for name in models}

    @property
    def _model(self) -> str:
        if self._name is None:
            raise UserError("MODEL: expected a name from `models` in the params file, received none")
        return self._name
