"""Start TensorFlow: faster kernels where they are optional, and without the lines its runtime prints while loading."""

import os
import sys
import tempfile


def start_tensorflow() -> None:
    """Import TensorFlow once, before anything else does. Where that fails, all it printed is shown."""
    # oneDNN's kernels are TensorFlow's default on some CPUs only, and faster on the others too.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stderr.flush()
    terminal = os.dup(2)
    with tempfile.TemporaryFile() as printed:
        os.dup2(printed.fileno(), 2)  # the runtime writes to the descriptor, past sys.stderr
        try:
            import tensorflow  # noqa: F401
        except BaseException:
            printed.seek(0)
            os.write(terminal, printed.read())
            raise
        finally:
            os.dup2(terminal, 2)
            os.close(terminal)
