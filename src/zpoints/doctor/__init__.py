"""Checks before a run: what on this machine would stop the pipeline or slow it down. Changes nothing."""
