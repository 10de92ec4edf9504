"""Ways to choose z-points. Every sampler is keyed by a seed and draws the same for every model of one z_dim."""
