"""Contender: the same network in PyTorch, channels_last, fused Adam; eager or compiled, float32 or bfloat16 autocast.

Padding. TensorFlow's SAME pads a stride-2 3x3 convolution of an even edge with one row and column behind; PyTorch's
padding=1 pads one in front, of which it can see none behind. The one is the other in a mirror, so here pictures,
kernels and the Dense layers next to pictures are mirrored beforehand, outside the clock. The step then computes the
very same losses with PyTorch's own padding, which costs nothing (an F.pad before each layer would copy it).
Features are flattened in the order (row, column, channel), a view of what channels_last holds; the usual
(channel, row, column) would copy.
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from _timing import serve

from contenders import network


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", choices=network.MODELS)
    parser.add_argument("--start", type=Path, help="the arrays of network.start")
    parser.add_argument("--dtype", choices=("float32", "bfloat16"))
    parser.add_argument("--compiled", choices=("True", "False"))
    options = parser.parse_args()
    serve(lambda: prepare(options.model, options.start, options.dtype, options.compiled == "True"))


def prepare(name: str, start: Path, dtype: str, compiled: bool) -> tuple[dict[str, Any], Callable[[], object]]:
    import torch
    import torch.nn.functional as F

    arrays = dict(np.load(start))
    kind, _ = network.MODELS[name]
    parts = modules(name, arrays)
    channels, edge = network.FILTERS[-1], network.EDGE
    images, epsilon = torch.from_numpy(arrays["images"][:, ::-1, ::-1].copy()), torch.from_numpy(arrays["epsilon"])
    parameters = [parameter for module in parts.values() for parameter in module.parameters()]
    optimizer = torch.optim.Adam(parameters, network.LEARNING_RATE, eps=1e-7, fused=True)

    def activation(x: Any, layer: network.Layer) -> Any:
        return F.leaky_relu(parts[layer.norm](x) if layer.norm else x, network.SLOPE)

    def loss_of(batch: Any) -> Any:
        x = pixels = batch.permute(0, 3, 1, 2).float() / 255  # a view that is channels_last
        with torch.autocast("cpu", torch.bfloat16, enabled=dtype == "bfloat16"):
            codes = []
            for layer in network.layers(name):
                if layer.kind == "conv":
                    x = activation(parts[layer.name](x), layer)
                elif layer.name.startswith("encoder/"):
                    codes.append(parts[layer.name](x.permute(0, 2, 3, 1).flatten(1)).float())
                elif layer.kind == "dense":
                    z = codes[0] if kind == "ae" else codes[0] + torch.exp(0.5 * codes[1]) * epsilon
                    x = parts[layer.name](z).view(-1, edge, edge, channels).permute(0, 3, 1, 2)
                else:
                    x = parts[layer.name](x)
                    x = x if layer.name == "decoder/logits" else activation(x, layer)
        loss = F.binary_cross_entropy_with_logits(x.float(), pixels, reduction="sum") / (3 * len(batch))
        if kind == "vae":
            mu, logvar = codes
            loss = loss - 0.5 * network.FACT * (1 + logvar - mu**2 - logvar.exp()).sum() / len(batch)
        return loss

    if compiled:
        loss_of = torch.compile(loss_of)

    def step() -> float:
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(images)
        loss.backward()
        optimizer.step()
        return loss.item()

    losses = [step() for _ in range(network.CHECK_STEPS)]
    return {"losses": losses, "versions": {"torch": torch.__version__}}, step


def modules(name: str, arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    """PyTorch's layers by name, with the weights of `arrays`, mirrored."""
    import torch
    from torch import nn

    edge, channels = network.EDGE, network.FILTERS[-1]
    found: dict[str, Any] = {}
    for layer in network.layers(name):
        kernel = arrays[f"{layer.name}/kernel"]
        if layer.kind == "conv":
            module: Any = nn.Conv2d(layer.inputs, layer.outputs, 3, stride=2, padding=1)
            kernel = kernel[::-1, ::-1].transpose(3, 2, 0, 1)
        elif layer.kind == "transposed":
            module = nn.ConvTranspose2d(layer.inputs, layer.outputs, 3, stride=2, padding=1, output_padding=1)
            kernel = kernel[::-1, ::-1].transpose(3, 2, 0, 1)
        else:
            module = nn.Linear(layer.inputs, layer.outputs)
            if layer.name.startswith("encoder/"):
                kernel = kernel.reshape(edge, edge, channels, -1)[::-1, ::-1].reshape(kernel.shape).T
            else:
                kernel = kernel.reshape(-1, edge, edge, channels)[:, ::-1, ::-1].reshape(kernel.shape).T
        with torch.no_grad():
            module.weight.copy_(torch.from_numpy(kernel.copy()))
            module.bias.copy_(torch.from_numpy(arrays[f"{layer.name}/bias"]))
        found[layer.name] = module.to(memory_format=torch.channels_last) if layer.edge else module
        if layer.norm:
            norm = nn.BatchNorm2d(layer.outputs, eps=network.EPSILON, momentum=1 - network.MOMENTUM)
            found[layer.norm] = norm.train(network.MODELS[name][1] == "batch")
    return found


if __name__ == "__main__":
    main()
