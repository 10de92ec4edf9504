"""Which precision is meant, and what of it reaches the layers."""

import pytest
import tensorflow as tf

from zpoints.config.models import VariationalEntry
from zpoints.models.layers import cpu_features as processor
from zpoints.models.layers import precision
from zpoints.models.networks import build_decoder, build_encoder

SPEC = VariationalEntry(kind="vae", fact=1.0, z_dim=4, filters=(4, 8), batch_norm="batch", extra_dense=5)


@pytest.mark.parametrize("units, chosen", [(True, "bfloat16"), (False, "float32")])
def test_auto_is_bfloat16_where_the_processor_multiplies_it(units, chosen, monkeypatch):
    monkeypatch.setattr(precision, "has_bfloat16_units", lambda: units)
    assert precision.resolve("auto") == chosen


@pytest.mark.parametrize("name", ["float32", "bfloat16", "float16"])
def test_named_precision_holds_on_any_processor(name, monkeypatch):
    monkeypatch.setattr(precision, "has_bfloat16_units", lambda: pytest.fail("was asked"))
    assert precision.resolve(name) == name


@pytest.mark.parametrize(
    "flags, units",
    [("fpu avx2", False), ("avx512f avx512_bf16", True), ("amx_tile amx_bf16", True), (None, False)],
)
def test_a_cpu_is_known_by_its_flags(flags, units, monkeypatch, tmp_path):
    if flags:
        (tmp_path / "cpuinfo").write_text(f"processor\t: 0\nflags\t\t: {flags}\n\nprocessor\t: 1\nflags\t\t: other\n")
    monkeypatch.setattr(processor, "CPUINFO", tmp_path / "cpuinfo")
    monkeypatch.setattr(processor.platform, "machine", lambda: "x86_64")
    processor.cpu_features.cache_clear()
    try:
        assert processor.has_bfloat16_units() == units
    finally:
        processor.cpu_features.cache_clear()


@pytest.mark.parametrize("name", ["float32", "bfloat16", "float16"])
def test_weights_and_latents_are_float32(name):
    encoder, decoder = build_encoder(SPEC, 16, 0, name), build_decoder(SPEC, 16, 0, name)
    assert {weight.dtype for weight in [*encoder.weights, *decoder.weights]} == {"float32"}
    mu, logvar = encoder(tf.zeros((2, 16, 16, 3)))
    assert mu.dtype == logvar.dtype == decoder(mu).dtype == tf.float32
    assert encoder.get_layer("conv_1").output.dtype == name


def test_the_precision_changes_no_initial_weight():
    for one, other in zip(
        build_encoder(SPEC, 16, 0).weights, build_encoder(SPEC, 16, 0, "bfloat16").weights, strict=True
    ):
        assert (one.numpy() == other.numpy()).all() and one.path == other.path
