"""AE and VAE: the terms of their loss, and the models with their GradientTape train step."""
