"""Feeding models from shards, fitting them, and keeping what was trained."""
