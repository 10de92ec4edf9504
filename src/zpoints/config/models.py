"""The models under study: name to entry, each with an architecture, a loss and overrides of training."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, RootModel, create_model, model_validator

from zpoints.config.block import Block, ConfigError, Frozen
from zpoints.config.monitoring import refuse_moved_keys
from zpoints.config.training import Training

MAX_PARAMETERS = 2**28  # with Adam's state and the gradients 4 GiB; the posts' largest network has 15 million

# Every key of `training`, optional: the one list of keys is Training's own.
_OPTIONAL: dict[str, Any] = {
    name: (Annotated[field.annotation, Field(), *field.metadata] | None, Field(None, description="overrides training"))
    for name, field in Training.model_fields.items()
}
_NULLABLE = {name for name, field in Training.model_fields.items() if type(None) in get_args(field.annotation)}
Overrides: Any = create_model("Overrides", __base__=Frozen, **_OPTIONAL)


class AutoencoderEntry(Overrides):
    """A plain autoencoder; the defaults are the network of the posts."""

    kind: Literal["ae"]
    z_dim: int = Field(256, ge=1, le=65536, description="dimensions of the latent space")
    filters: tuple[Annotated[int, Field(ge=1, le=4096)], ...] = Field(
        (32, 64, 128, 256),
        min_length=1,
        max_length=8,
        strict=False,  # behind a validator that runs before it, a list of JSON is no tuple any more
        description="of the encoder's 3x3 convolutions of stride 2",
    )
    batch_norm: Literal["none", "affine", "batch"] = Field(
        "none", description="affine: a trained scale and shift, batch statistics never used; batch: the textbook's"
    )
    negative_slope: float = Field(0.3, ge=0, le=1, description="of LeakyReLU")
    extra_dense: int | None = Field(None, ge=1, le=65536, description="units of a Dense layer before mu and logvar")
    loss: Literal["bce", "mse"] = Field("bce", description="summed over pixels, averaged over the channels")

    @model_validator(mode="before")
    @classmethod
    def _refuse_moved_keys(cls, content: Any) -> Any:
        return refuse_moved_keys(content)

    def training(self, shared: Training) -> Training:
        """`training` as it holds for this model; a null overrides where the shared key may itself be null."""
        overrides = {name: getattr(self, name) for name in Training.model_fields if name in self.model_fields_set}
        return shared.model_copy(
            update={name: value for name, value in overrides.items() if value is not None or name in _NULLABLE}
        )

    def own(self) -> dict[str, Any]:
        """The entry without its overrides of training, as plain data."""
        return self.model_dump(mode="json", exclude=set(Training.model_fields))

    def check_size(self, size: int, key: str) -> None:
        """Check the network against images of `size` pixels before anything is built.

        Raises ConfigError, naming the entry at `key`, where the strides do not divide the size, z_dim exceeds the
        features, or the network has more than MAX_PARAMETERS weights.
        """
        stride = 2 ** len(self.filters)
        if size % stride:
            raise ConfigError(
                f"{key}.filters",
                f"a number of stride-2 layers whose product divides images.size = {size}",
                f"{len(self.filters)} layers, product {stride}",
            )
        features = (size // stride) ** 2 * self.filters[-1]
        if self.z_dim > features:
            expected = f"at most the {features} features that images.size = {size} and the filters leave"
            raise ConfigError(f"{key}.z_dim", expected, self.z_dim)
        if (parameters := self.parameters(size)) > MAX_PARAMETERS:
            raise ConfigError(f"{key}.filters", f"a network of at most {MAX_PARAMETERS} parameters", parameters)

    def parameters(self, size: int) -> int:
        """The number of weights, encoder and decoder, for images of `size` pixels; moving statistics included."""
        features = (size // 2 ** len(self.filters)) ** 2 * self.filters[-1]
        widths = (3, *self.filters)
        norms = 0 if self.batch_norm == "none" else 4 * (2 * sum(self.filters) - self.filters[-1])
        convolutions = sum(18 * inputs * outputs for inputs, outputs in pairwise(widths))
        biases = 2 * sum(widths) - 3 - self.filters[-1]
        before, extra = (self.extra_dense, (features + 1) * self.extra_dense) if self.extra_dense else (features, 0)
        heads = (2 if self.kind == "vae" else 1) * (before + 1) * self.z_dim
        return convolutions + biases + norms + extra + heads + (self.z_dim + 1) * features


class VariationalEntry(AutoencoderEntry):
    """A VAE: the KL divergence is weighted with `fact`, the noise clipped and scaled."""

    kind: Literal["vae"]  # type: ignore[assignment]
    fact: float = Field(ge=0, le=1e6, description="weight of the KL divergence; 5 works with bce, 2e-2 with mse")
    fact_warmup_epochs: float = Field(
        0.0, ge=0, le=1e6, description="the weight rises linearly to fact over so many epochs of training"
    )
    eps_clip: float | None = Field(5.0, gt=0, description="epsilon is clipped to [-eps_clip, eps_clip]; null for never")
    eps_factor: float = Field(1.0, ge=0, le=100, description="scales the noise; with 0, z is mu")


class ExternalEntry(Frozen):
    """A model of another program, of which the z-points are known: arrays in the order of the prepared images."""

    kind: Literal["external"]
    latents: str = Field(min_length=1, description="mu as .npy (images, z_dim), or a folder of mu, logvar, z as .npy")
    logvar: str | None = Field(None, min_length=1, description="logvar as .npy, for a VAE")
    z_dim: int = Field(ge=1, le=65536, description="dimensions of the latent space")
    decoder: str | None = Field(
        None,
        pattern=r"\.(onnx|keras)$",
        description="network from z (n, z_dim) to pictures with values in [0, 1], channels last or first",
    )

    def training(self, shared: Training) -> Training:
        """Nothing is trained, so nothing is overridden."""
        return shared

    def own(self) -> dict[str, Any]:
        """The entry as plain data."""
        return self.model_dump(mode="json")

    def check_size(self, size: int, key: str) -> None:
        """Its images may have any size."""


Entry = Annotated[AutoencoderEntry | VariationalEntry, Field(discriminator="kind")]
AnyEntry = Annotated[AutoencoderEntry | VariationalEntry | ExternalEntry, Field(discriminator="kind")]

# Names become folders, DVC stages and column names.
Name = Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,39}$")]


class Models(RootModel[dict[Name, AnyEntry]], Block, key="models"):
    """All models by name, in the order of params.yaml."""

    root: dict[Name, AnyEntry] = Field(min_length=1)

    def __getitem__(self, name: str) -> AutoencoderEntry | ExternalEntry:
        return self.root[name]

    def __iter__(self) -> Iterator[str]:  # type: ignore[override]
        return iter(self.root)

    def check(self, blocks: dict[str, Any]) -> None:
        for name, model in self.root.items():
            model.check_size(blocks["images"].size, f"models.{name}")
            training = model.training(blocks["training"])
            if training != blocks["training"]:
                training.check_strategy(f"models.{name}")
