"""What the networks of an entry count: parameters of encoder and decoder, units of the flattened layer."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zpoints.config.models import AutoencoderEntry
    from zpoints.sweeps.claims import Count


def counted(count: "Count") -> float:
    """The integer, or its ratio to that of the network `over`. Builds the networks, on whatever device there is."""
    value = _units(count, count.entry)
    return value if count.over is None else value / _units(count, count.over)


def _units(count: "Count", entry: "AutoencoderEntry") -> int:
    from zpoints.models.networks import build_decoder, build_encoder

    if count.part == "decoder":
        return int(build_decoder(entry, count.size, 0).count_params())
    encoder = build_encoder(entry, count.size, 0)
    return int(encoder.count_params() if count.part == "encoder" else encoder.get_layer("flatten").output.shape[-1])
