"""Start TensorFlow: faster kernels where they are optional, and without the lines its runtime prints while loading."""

import gc
import os
import resource
import sys
import tempfile

from zpoints.errors import UserError

MIN_ADDRESS_SPACE = 4 << 30  # with less, its threads end the process without a word that a user could read
UNUSED = ("matplotlib", "sklearn")  # that Keras would import, a quarter of its time, for what is never used here


def start_tensorflow() -> None:
    """Import TensorFlow once, before anything else does. Where that fails, all it printed is shown.

    Raises UserError where Keras is told to use something else, or `ulimit -v` leaves too little for it.
    """
    backend = os.environ.setdefault("KERAS_BACKEND", "tensorflow")  # before what ~/.keras/keras.json says
    if backend != "tensorflow":
        raise UserError(f"KERAS_BACKEND: expected tensorflow, received {backend}; unset it")
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit != resource.RLIM_INFINITY and limit < MIN_ADDRESS_SPACE:
        expected = f"at least {MIN_ADDRESS_SPACE >> 10} for TensorFlow"
        raise UserError(
            f"ulimit -v: expected {expected}, received {limit >> 10}; raise it, or say `ulimit -v unlimited`"
        )
    # oneDNN's kernels are TensorFlow's default on some CPUs only, and faster on the others too.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stderr.flush()
    terminal = os.dup(2)
    with tempfile.TemporaryFile() as printed:
        os.dup2(printed.fileno(), 2)  # the runtime writes to the descriptor, past sys.stderr
        unused = [name for name in UNUSED if name not in sys.modules]
        gc.disable()  # of a million new objects none is garbage, and looking for some takes a quarter of the time
        try:
            sys.modules.update(dict.fromkeys(unused))  # type: ignore[arg-type]  # None: not to be found
            import tensorflow
            import tensorflow.keras  # noqa: F401
        except BaseException:
            printed.seek(0)
            os.write(terminal, printed.read())
            raise
        finally:
            gc.freeze()  # nor is any of them looked at later
            gc.enable()
            for name in unused:
                del sys.modules[name]
            os.dup2(terminal, 2)
            os.close(terminal)
