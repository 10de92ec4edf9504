"""zpoints: a laboratory for the latent spaces of autoencoders.

In a notebook: `zpoints.measure(analysis, array)`; see docs/notebook.md. Each name is imported at its first use.
"""

import importlib
from typing import Any

_HOMES = {
    "measure": "zpoints.notebook",
    "Result": "zpoints.notebook",
    "Latents": "zpoints.latents.store",
    "Labels": "zpoints.latents.labels",
    "Shards": "zpoints.shards.store",
}
__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'zpoints' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
