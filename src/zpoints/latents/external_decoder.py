"""The decoder of another program: a network in an ONNX or Keras file, in the place of one of ours."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

import numpy as np

from zpoints.config.models import AutoencoderEntry, ExternalEntry
from zpoints.errors import UserError
from zpoints.latents.store import Latents
from zpoints.measurement import NotMeasurable
from zpoints.models.batches import batches
from zpoints.models.external import decoder_file, external_fingerprint

if TYPE_CHECKING:  # it imports TensorFlow
    from zpoints.latents.trained import Trained

Decoding: TypeAlias = "Trained | ExternalModel"
BATCH = 128
TOLERANCE = 1e-2  # values so far outside [0, 1] are rounding


def open_decoding(name: str, entry: AutoencoderEntry | ExternalEntry, folder: Path, size: int) -> Decoding:
    """The model in `folder`, one of ours or an external one, which decodes to images of `size` pixels.

    Raises NotMeasurable for an external model without a decoder, UserError for a missing, damaged or foreign folder.
    """
    if not isinstance(entry, ExternalEntry):
        from zpoints.latents.trained import Trained

        return Trained.open(name, folder)
    if entry.decoder is None:
        raise NotMeasurable("needs a decoder, has none: an external model")
    return ExternalModel.open(name, decoder_file(entry, folder), external_fingerprint(entry, folder), size)


@dataclass(frozen=True)
class ExternalModel:
    """What `Trained` is for our models, as far as z-points and a decoder go: it cannot encode.

    size: pixels of a side of the prepared images, which the decoded ones must have too.
    """

    name: str
    file: Path
    fingerprint: str
    size: int
    run: Callable[[np.ndarray], np.ndarray]

    @classmethod
    def open(cls, name: str, file: Path, fingerprint: str, size: int) -> "ExternalModel":
        """Raises UserError for a file that is no network, or whose runtime is not installed."""
        return cls(name, file, fingerprint, size, (_onnx if file.suffix == ".onnx" else _keras)(file))

    def latents(self, folder: Path) -> Latents:
        """The z-points in `folder`. Raises UserError where they are those of another model."""
        points = Latents.open(folder)
        if points.model != self.fingerprint:
            received = f"those of another one; run `dvc repro encode@{self.name}`"
            raise UserError(f"{folder}: expected z-points of the model {self.name}, received {received}")
        return points

    def decode(self, z: np.ndarray) -> np.ndarray:
        """Pictures of z-points (n, z_dim): uint8 (n, size, size, 3); grey ones with three equal channels.

        The network may put the channels last, as Keras does, or first, as PyTorch does. Raises UserError where it does
        not take such z-points, or its pictures have another size or values outside [0, 1].
        """
        return np.concatenate([self._pictures(np.asarray(part, np.float32)) for part in batches(z, BATCH)])

    def encode(self, images: np.ndarray) -> NoReturn:
        """An external model has no encoder: NotMeasurable."""
        raise NotMeasurable("needs an encoder, has none: an external model")

    @property
    def model(self) -> NoReturn:
        """The network with its loss, which an external model lacks: NotMeasurable."""
        raise NotMeasurable("needs a network with its loss, has none: an external model")

    def _pictures(self, z: np.ndarray) -> np.ndarray:
        try:
            pictures = np.asarray(self.run(z))
        except Exception as error:  # whatever ONNX Runtime or Keras raise for z-points of another shape
            reason = str(error).strip().partition("\n")[0] or type(error).__name__
            raise UserError(f"{self.file}: expected a decoder of z-points {z.shape}, received: {reason}") from None
        if pictures.shape[1:] in {(channels, self.size, self.size) for channels in (1, 3)}:
            pictures = pictures.transpose(0, 2, 3, 1)
        if pictures.shape not in {(len(z), self.size, self.size, channels) for channels in (1, 3)}:
            expected = f"pictures of shape (n, {self.size}, {self.size}, 3), of images.size, with 1 channel or 3"
            raise UserError(f"{self.file}: expected {expected}, received {pictures.shape}")
        low, high = float(pictures.min()), float(pictures.max())
        if not (low >= -TOLERANCE and high <= 1 + TOLERANCE):  # NaN too
            raise UserError(f"{self.file}: expected pictures with values in [0, 1], received {low:.4g} to {high:.4g}")
        grey = np.rint(255 * pictures.clip(0, 1)).astype(np.uint8)
        return np.broadcast_to(grey, (*grey.shape[:3], 3)).copy()


def _onnx(file: Path) -> Callable[[np.ndarray], np.ndarray]:
    try:
        import onnxruntime
    except ImportError:
        expected = "expected the extra `onnx` (pip install -c constraints.txt -e '.[onnx]'), received no onnxruntime"
        raise UserError(f"{file}: {expected}") from None
    try:
        session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    except Exception as error:
        raise _unreadable(file, "an ONNX network", error) from None
    if len(session.get_inputs()) != 1:
        inputs = ", ".join(entry.name for entry in session.get_inputs())
        raise UserError(f"{file}: expected a network with one input, the z-points, received {inputs}")
    name = session.get_inputs()[0].name
    return lambda z: session.run(None, {name: z})[0]


def _keras(file: Path) -> Callable[[np.ndarray], np.ndarray]:
    network = keras_network(file)
    return lambda z: network(z, training=False).numpy()


def keras_network(file: Path) -> Any:
    """The Keras network in a file, which may run no code of its own. Raises UserError where it is none."""
    import keras

    try:
        return keras.models.load_model(file, compile=False, safe_mode=True)
    except Exception as error:
        raise _unreadable(file, "a Keras network", error) from None


def _unreadable(file: Path, expected: str, error: Exception) -> UserError:
    reason = str(error).strip().partition("\n")[0] or type(error).__name__
    return UserError(f"{file}: expected {expected}, received: {reason}")
