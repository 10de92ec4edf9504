"""How attributes and factors are read off mu."""

from pydantic import Field

from zpoints.config.block import AnalysisConfig, Minimum


class Config(AnalysisConfig):
    """Probes are fitted on a subsample of the training images and tested on all that are held out."""

    subsample: int = Field(20_000, ge=100, le=1_000_000, description="training images that a probe is fitted on")
    min_count: int = Field(20, ge=5, description="images with and without an attribute that either part must have")
    alpha: float = Field(0.05, gt=0, lt=1, description="of the tests against chance, corrected by Holm")
    seed: int = Field(0, ge=0)

    def minimum(self, z_dim: int = 1) -> Minimum:
        why = f"a label in which {self.min_count} differ from the rest"
        return Minimum(self.min_count + 1, why, held_out=self.min_count + 1, labels=True)
