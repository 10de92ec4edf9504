"""zpoints: a laboratory for the latent spaces of autoencoders."""
