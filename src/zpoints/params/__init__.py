"""params.yaml as typed, frozen models: one module per block, so that a stage depends on the blocks it reads alone."""
