"""How faces are edited, and what counts as success."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from zpoints.config.block import AnalysisConfig, ConfigError, Minimum


class Config(AnalysisConfig):
    """Attributes that the images lack, or that the classifier cannot tell, are left out by name."""

    group: ClassVar[str] = "direction_analyses"

    attributes: tuple[Annotated[str, Field(min_length=1)], ...] = Field(
        ("Smiling", "Eyeglasses", "Male", "Blond_Hair"), min_length=1, description="to add and to remove"
    )
    directions: tuple[Literal["mean_difference", "normal"], ...] = Field(
        ("mean_difference", "normal"), min_length=1, description="which direction of an attribute is added"
    )
    strengths: tuple[Annotated[float, Field(gt=0, le=100)], ...] = Field(
        (1.0, 2.0, 4.0), min_length=1, description="ascending; 1 is as long as the mean difference"
    )
    images: int = Field(200, ge=10, le=100_000, description="held-out faces for each attribute, half of them with it")
    n_train: int = Field(20_000, ge=200, description="training images that the classifier of success learns from")
    min_count: int = Field(20, ge=5, description="images with and without an attribute that either part must have")
    min_auc: float = Field(
        0.8, ge=0.5, lt=1, description="of the classifier on held-out images; less leaves an attribute out"
    )
    identity: float = Field(0.7, gt=0, lt=1, description="cosine of features at which successes are compared")
    analogies: tuple[tuple[str, str], ...] = Field(
        (("Smiling", "Male"),), description="X, Y: a face with X, less one without, plus one with Y"
    )
    exemplars: int = Field(3, ge=1, le=1000, description="faces that a and b of an analogy are means of")
    seed: int = Field(0, ge=0)

    def minimum(self, z_dim: int = 1) -> Minimum:
        why = f"{self.min_count} with and as many without an attribute"
        return Minimum(2 * self.min_count, why, held_out=2 * self.min_count, labels=True)

    def check(self) -> None:
        for key in ("attributes", "directions", "strengths", "analogies"):
            values = getattr(self, key)
            if len(set(values)) < len(values):
                raise ConfigError(f"{key}", "each entry once", list(values))
        if list(self.strengths) != sorted(self.strengths):
            raise ConfigError("strengths", "ascending numbers", list(self.strengths))
