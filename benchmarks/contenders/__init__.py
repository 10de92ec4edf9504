"""The contenders of train_step.py and feeding.py, each a module that runs in a process of its own."""
