"""`precision` as a Keras dtype policy: what is multiplied in fewer bits, while weights and sums stay float32."""

import keras

from zpoints.models.layers.cpu_features import has_bfloat16_units

POLICIES = {"float32": "float32", "bfloat16": "mixed_bfloat16", "float16": "mixed_float16"}


def resolve(precision: str) -> str:
    """float32, bfloat16 or float16; `auto` is bfloat16 where it is multiplied in hardware, else float32."""
    if precision == "auto":
        return "bfloat16" if has_bfloat16_units() else "float32"
    return precision


def policy(precision: str) -> keras.DTypePolicy:
    """The dtype policy of all layers: float32 variables, and `precision` (auto included) for what is computed."""
    return keras.DTypePolicy(POLICIES[resolve(precision)])
