"""Where the images come from."""

from typing import Any, Literal

from pydantic import Field

from zpoints.config.block import Block, ConfigError, Frozen


class ToyFaces(Frozen):
    """Procedural faces with known factors."""

    images: int = Field(4000, ge=10, le=999_999, description="how many faces to draw")
    seed: int = Field(0, ge=0, description="another seed draws other faces")


class WebFile(Frozen):
    """One file at an http(s) address."""

    address: str = Field(pattern=r"^https?://[^/\s]+\S*$")
    md5: str | None = Field(None, pattern=r"^[0-9a-f]{32}$", description="null: that of the published file")


class Addresses(Frozen):
    """CelebA's files on a web server of your choice."""

    images: WebFile
    attributes: WebFile
    partition: WebFile | None = None
    identities: WebFile | None = None


class HuggingFace(Frozen):
    """A data set on the Hugging Face hub: parquet files with CelebA's images and attributes."""

    repository: str = Field("flwrlabs/celeba", pattern=r"^[\w.-]+/[\w.-]+$")
    revision: str = Field("2d738f56e0e7f925ea36ae7c808ea925264aacec", min_length=1)


class OwnFaces(Frozen):
    """Your own images: a folder or a zip, and a CSV file of labels if there is one."""

    path: str = Field("faces", min_length=1)
    labels: str | None = Field(None, min_length=1)


class Data(Frozen, Block, key="data"):
    """Source of the images; the keys of the other sources are kept, so that changing `source` is the one change."""

    source: Literal["toy", "celeba", "folder", "lfw"] = "toy"
    toy: ToyFaces = ToyFaces()
    mirror: Literal["archive", "folder", "url", "google-drive", "huggingface", "kaggle"] = Field(
        "archive", description="where CelebA comes from; archive and folder are on this machine"
    )
    archive: str = Field("celeba", min_length=1, description="img_align_celeba.zip, or the folder it or JPEGs are in")
    url: Addresses | None = None
    huggingface: HuggingFace = HuggingFace()
    verify: bool = Field(True, description="what comes over the network must be the published files")
    folder: OwnFaces = OwnFaces()

    def check(self, blocks: dict[str, Any]) -> None:
        if self.source == "celeba" and self.mirror == "url" and self.url is None:
            raise ConfigError("data.url", "the addresses of images and attributes with data.mirror: url", None)
