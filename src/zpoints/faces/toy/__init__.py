"""Toy faces: portraits drawn from known factors, in CelebA's format."""
