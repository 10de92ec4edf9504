"""Training on one device, on all GPUs of a machine, or on several machines that work in step."""
