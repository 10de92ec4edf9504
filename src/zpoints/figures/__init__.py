"""Figures from measurements: plain numbers and pictures in, a matplotlib Figure out. Nothing is measured here."""
