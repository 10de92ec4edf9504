"""The network that all contenders train, as plain tables: shapes, weights to start from, the batch, and the arithmetic.

It is that of the posts at 96 x 96: filters 32, 64, 128, 256, z_dim 256. Names are those of zpoints.models.networks.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

SIZE, FILTERS, Z_DIM, BATCH = 96, (32, 64, 128, 256), 256, 128
EDGE = SIZE // 2 ** len(FILTERS)
FEATURES = EDGE * EDGE * FILTERS[-1]
SLOPE, FACT, LEARNING_RATE = 0.3, 5.0, 5e-4
EPSILON, MOMENTUM = 1e-3, 0.99  # of batch normalization, Keras' defaults
CHECK_STEPS = 20  # on the batch before the clock starts: they warm up, and their losses are compared

# model: its kind and its normalization
MODELS = {"ae": ("ae", "none"), "vae-affine": ("vae", "affine"), "vae-batch": ("vae", "batch")}


@dataclass(frozen=True)
class Layer:
    """A layer with weights. edge: of its larger picture, for the two kinds of 3x3 convolutions of stride 2."""

    name: str
    kind: str  # conv | transposed | dense
    inputs: int
    outputs: int
    edge: int = 0
    norm: str = ""  # name of the normalization behind it

    @property
    def kernel(self) -> tuple[int, ...]:
        """The kernel's shape in Keras' order."""
        if self.kind == "dense":
            return self.inputs, self.outputs
        return (3, 3, self.inputs, self.outputs) if self.kind == "conv" else (3, 3, self.outputs, self.inputs)

    @property
    def flops(self) -> int:
        """Of a forward pass, per image: two for each multiply and add; those that meet the padding count too."""
        return 2 * int(np.prod(self.kernel)) * ((self.edge // 2) ** 2 if self.edge else 1)


def layers(model: str) -> list[Layer]:
    """All layers with weights, in the order in which an image passes them."""
    kind, normalization = MODELS[model]
    found = []
    for index, (inputs, outputs) in enumerate(pairwise((3, *FILTERS)), 1):
        norm = f"encoder/norm_{index}" if normalization != "none" else ""
        found.append(Layer(f"encoder/conv_{index}", "conv", inputs, outputs, SIZE >> (index - 1), norm))
    found += [Layer(f"encoder/{head}", "dense", FEATURES, Z_DIM) for head in ("mu", "logvar")[: 1 + (kind == "vae")]]
    found.append(Layer("decoder/dense", "dense", Z_DIM, FEATURES))
    widths = (*FILTERS[::-1], 3)
    for index, (inputs, outputs) in enumerate(pairwise(widths), 1):
        last = index == len(FILTERS)
        norm = f"decoder/norm_{index}" if normalization != "none" and not last else ""
        name = "decoder/logits" if last else f"decoder/conv_{index}"
        found.append(Layer(name, "transposed", inputs, outputs, 2 * EDGE << (index - 1), norm))
    return found


def encoder_flops(model: str) -> int:
    """Of encoding one image."""
    return sum(layer.flops for layer in layers(model) if layer.name.startswith("encoder/"))


def step_flops(model: str) -> int:
    """Of one training step, per image: forward, gradients of the weights and gradients of the data.

    The gradient of the images themselves is not needed, so the first layer counts twice and the others three times.
    Normalizations, activations, loss and optimizer, which are bound by memory, count nothing.
    """
    first, *others = layers(model)
    return 2 * first.flops + 3 * sum(layer.flops for layer in others)


def start(model: str, seed: int = 0) -> dict[str, np.ndarray]:
    """What every contender begins with: `layer/weight` arrays in Keras' layouts, `images` and the noise `epsilon`.

    A normalization's weights stand under the name of the convolution before it.
    images: uint8 (BATCH, SIZE, SIZE, 3), coloured squares; epsilon: float32 (BATCH, Z_DIM), within +-5.
    """
    random = np.random.default_rng(seed)
    arrays = {}
    for layer in layers(model):
        fans = (layer.inputs + layer.outputs) * (9 if layer.edge else 1)
        limit = np.sqrt(6 / fans)  # Glorot and Bengio 2010
        arrays[f"{layer.name}/kernel"] = random.uniform(-limit, limit, layer.kernel).astype(np.float32)
        arrays[f"{layer.name}/bias"] = np.zeros(layer.outputs, np.float32)
        if layer.norm:
            for weight, value in {"gamma": 1, "beta": 0, "moving_mean": 0, "moving_variance": 1}.items():
                arrays[f"{layer.name}/{weight}"] = np.full(layer.outputs, value, np.float32)
    squares = random.integers(0, 256, (BATCH, 8, 8, 3), dtype=np.uint8)
    arrays["images"] = squares.repeat(SIZE // 8, axis=1).repeat(SIZE // 8, axis=2)
    arrays["epsilon"] = random.standard_normal((BATCH, Z_DIM), dtype=np.float32).clip(-5, 5)
    return arrays
