"""A Keras model as ONNX, with its weights in half precision unless asked otherwise."""

import gc
import importlib.util
import logging
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from zpoints.errors import UserError
from zpoints.latents.external_decoder import Decoding, ExternalModel, keras_network

PACKAGES = ("onnx", "tf2onnx")
HALVED = 1024  # smaller weights stay float32: they are few, and biases matter


def refuse_missing_extra() -> None:
    """Raise UserError where the packages of the extra `explorer` are not installed."""
    missing = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        expected = "the extra `explorer` (pip install -c constraints.txt -e '.[explorer]')"
        raise UserError(f"explorer: expected {expected}, received an environment without {', '.join(missing)}")


def decoder_bytes(model: Decoding, precision: str) -> bytes:
    """The decoder of a model as ONNX; an external model's ONNX file as it is."""
    if not isinstance(model, ExternalModel):
        return to_onnx(model.model.decoder, precision)
    return model.file.read_bytes() if model.file.suffix == ".onnx" else to_onnx(keras_network(model.file), precision)


def to_onnx(model: Any, precision: str = "float16") -> bytes:
    """A functional Keras model as ONNX; float32 in and out, weights of this precision where that halves the size.

    Halved weights change a decoded image by at most 0.1 of a grey level. Raises UserError without the extra.
    """
    refuse_missing_extra()
    import onnx

    # The exporter talks through warnings and loggers, none of which a user can act on.
    loggers = [logging.getLogger(name) for name in ("tf2onnx", "tensorflow", "absl")]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
            warnings.simplefilter("ignore")
            path = Path(folder) / "model.onnx"
            model(np.zeros((1, *model.input_shape[1:]), np.float32))  # Keras exports what was called
            model.export(path, format="onnx", verbose=False)
            network = onnx.load(path)
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
        gc.collect()  # the exporter leaves copies of the network in cycles
    if precision == "float16":
        _halve(network)
    _rename(network)
    onnx.checker.check_model(network)
    return network.SerializeToString()


def _halve(network: Any) -> None:
    """Keep large float32 weights as float16, cast back where the network begins."""
    from onnx import TensorProto, helper, numpy_helper

    graph = network.graph
    casts = []
    for weights in graph.initializer:
        if weights.data_type != TensorProto.FLOAT or np.prod(weights.dims) < HALVED:
            continue
        values = numpy_helper.to_array(weights)
        if np.abs(values).max() > np.finfo(np.float16).max:
            continue
        name = weights.name
        weights.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}__half"))
        casts.append(helper.make_node("Cast", [f"{name}__half"], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


def _rename(network: Any) -> None:
    """Give values names that depend on the network alone, so that the same weights give the same bytes."""
    graph = network.graph
    names: dict[str, str] = {"": ""}  # an input that is left out
    for value in graph.input:
        names[value.name] = value.name = f"input_{len(names) - 1}"
    for number, node in enumerate(graph.node):
        node.name = f"node_{number}"
        for values in (node.input, node.output):
            values[:] = [names.setdefault(name, f"value_{len(names)}") for name in values]
    for value in (*graph.initializer, *graph.output):
        value.name = names[value.name]
    weights = sorted(graph.initializer, key=lambda value: int(value.name.partition("_")[2]))
    for part, kept in ((graph.initializer, weights), (graph.value_info, [])):
        del part[:]
        part.extend(kept)
    for value in (*graph.input, *graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "images"
    graph.name, graph.doc_string = "network", ""
