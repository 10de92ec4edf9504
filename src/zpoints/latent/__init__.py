"""The z-points of a model: written by `encode`, read through `store`."""
