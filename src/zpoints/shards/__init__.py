"""Images as .npy shards: built once, in parallel, and read through one memory-mapped view."""
