"""Images as .npy shards: built once, in parallel, and read through one view of all files."""
