"""The models under study: name to entry, each with an architecture, a loss and overrides of training."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, RootModel, create_model

from zpoints.config.block import Block, ConfigError, Frozen
from zpoints.config.training import Training

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
        (32, 64, 128, 256), min_length=1, max_length=8, description="of the encoder's 3x3 convolutions of stride 2"
    )
    batch_norm: Literal["none", "affine", "batch"] = Field(
        "none", description="affine: a trained scale and shift, batch statistics never used; batch: the textbook's"
    )
    negative_slope: float = Field(0.3, ge=0, le=1, description="of LeakyReLU")
    extra_dense: int | None = Field(None, ge=1, le=65536, description="units of a Dense layer before mu and logvar")
    loss: Literal["bce", "mse"] = Field("bce", description="summed over pixels, averaged over the channels")

    def training(self, shared: Training) -> Training:
        """`training` as it holds for this model; a null overrides where the shared key may itself be null."""
        own = {name: getattr(self, name) for name in Training.model_fields if name in self.model_fields_set}
        return shared.model_copy(
            update={name: value for name, value in own.items() if value is not None or name in _NULLABLE}
        )

    def own(self) -> dict[str, Any]:
        """The entry without its overrides of training, as plain data."""
        return self.model_dump(mode="json", exclude=set(Training.model_fields))


class VariationalEntry(AutoencoderEntry):
    """A VAE: the KL divergence is weighted with `fact`, the noise clipped and scaled."""

    kind: Literal["vae"]  # type: ignore[assignment]
    fact: float = Field(ge=0, le=1e6, description="weight of the KL divergence; 5 works with bce, 2e-2 with mse")
    fact_warmup_epochs: float = Field(
        0.0, ge=0, le=1e6, description="the weight rises linearly to fact over so many epochs of training"
    )
    eps_clip: float | None = Field(5.0, gt=0, description="epsilon is clipped to [-eps_clip, eps_clip]; null for never")
    eps_factor: float = Field(1.0, ge=0, le=100, description="scales the noise; with 0, z is mu")


Entry = Annotated[AutoencoderEntry | VariationalEntry, Field(discriminator="kind")]

# Names become folders, DVC stages and column names.
Name = Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,39}$")]


class Models(RootModel[dict[Name, Entry]], Block, key="models"):
    """All models by name, in the order of params.yaml."""

    root: dict[Name, Entry] = Field(min_length=1)

    def __getitem__(self, name: str) -> AutoencoderEntry | VariationalEntry:
        return self.root[name]

    def __iter__(self) -> Iterator[str]:  # type: ignore[override]
        return iter(self.root)

    def check(self, blocks: dict[str, Any]) -> None:
        size = blocks["images"].size
        for name, model in self.root.items():
            stride = 2 ** len(model.filters)
            if size % stride:
                raise ConfigError(
                    f"models.{name}.filters",
                    f"a number of stride-2 layers whose product divides images.size = {size}",
                    f"{len(model.filters)} layers, product {stride}",
                )
            features = (size // stride) ** 2 * model.filters[-1]
            if model.z_dim > features:
                raise ConfigError(
                    f"models.{name}.z_dim",
                    f"at most the {features} features that images.size = {size} and the filters leave",
                    model.z_dim,
                )
            training = model.training(blocks["training"])
            if training != blocks["training"]:
                training.hold(f"models.{name}")
