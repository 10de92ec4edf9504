"""Active units: the axes of the latent space along which mu varies with the image."""

import numpy as np

# Burda, Grosse and Salakhutdinov (2016), section 5.2. The KL divergence alone fixes the scale of mu: for a plain
# autoencoder or a tiny fact the count says little.
ACTIVE_VARIANCE = 0.01


def active_axes(variance: np.ndarray) -> np.ndarray:
    """Which axes are active, bool (z_dim,), by the variance of mu along each, (z_dim,)."""
    return variance > ACTIVE_VARIANCE


def count_active(variance: np.ndarray) -> int:
    """The number of active axes."""
    return int(np.count_nonzero(active_axes(variance)))
