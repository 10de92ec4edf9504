"""Parse the 1 and -1 of list_attr_celeba.txt in bulk: a loop over the official eight million takes seconds."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

BLOCK_BYTES = 1 << 20  # parsed at once: what is made of them stays in the processor's cache


def parse_even_signs(body: bytes, columns: int) -> tuple[list[bytes], np.ndarray] | None:
    """The ids and what parse_signs returns, where all rows are alike: ids of one length, " -1" and "  1"; else None.

    A 1 next to the id may have one blank alone. The published file is such a one, and is read in a fifth of the time.
    """
    line_end = b"\r\n" if body[: body.find(b"\n")].endswith(b"\r") else b"\n"
    body = body.rstrip() + line_end
    ids, present, start = [], [], 0
    while start < len(body):
        end = body.find(b"\n", start + BLOCK_BYTES) + 1 or len(body)
        rows = _even_rows(np.frombuffer(body, np.uint8, end - start, start), columns, line_end)
        if rows is None:
            return None
        ids += rows[0]
        present.append(rows[1])
        start = end
    return ids, np.concatenate(present)


def _even_rows(characters: np.ndarray, columns: int, line_end: bytes) -> tuple[list[bytes], np.ndarray] | None:
    ends = np.flatnonzero(characters == ord("\n")) + 1
    starts = np.concatenate([[0], ends[:-1]])
    # The first value without what may stand before it, and all others: as many characters in every row.
    ones, minus_ones = (b"  1" * columns + line_end)[1:], (b" -1" * columns + line_end)[1:]
    id_bytes = int(np.argmax(characters <= ord(" ")))
    lengths = ends - starts - id_bytes - len(ones)
    if not id_bytes or not ((lengths == 0) | (lengths == 1)).all():
        return None
    signs = sliding_window_view(characters, len(ones))[ends - len(ones)]
    ids = sliding_window_view(characters, id_bytes)[starts]
    blank = characters[starts + id_bytes] == ord(" ")
    alike = (signs == np.frombuffer(ones, np.uint8)) | (signs == np.frombuffer(minus_ones, np.uint8))
    if not (alike.all() and blank.all() and (ids > ord(" ")).all()):
        return None
    return ids.view(f"S{id_bytes}")[:, 0].tolist(), signs[:, : 3 * columns - 1 : 3] == ord(" ")


def parse_signs(body: bytes, columns: int) -> np.ndarray | None:
    """Rows of an id and `columns` words -1 or 1, as bool (rows, columns); None where a row is anything else.

    Every byte is classified at once, for a loop over the official file's eight million words takes seconds.
    """
    word, one, minus_one, line_end = 0, 1, 2, 3
    buffer = np.frombuffer(body + b"  ", dtype=np.uint8)
    is_blank = np.zeros(256, dtype=bool)
    is_blank[list(b" \t\r\n")] = True
    blank = is_blank[buffer]
    here, after, blank_after = buffer[:-2], buffer[1:-1], blank[1:-1]
    symbols = np.full(len(here), word, dtype=np.uint8)
    symbols[(here == ord("1")) & blank_after] = one
    symbols[(here == ord("-")) & (after == ord("1")) & blank[2:]] = minus_one
    symbols[here == ord("\n")] = line_end
    starts = ~blank[:-2]
    starts[1:] &= blank[:-3]
    symbols = symbols[starts | (here == ord("\n"))]

    width = columns + 2  # the id, the values, the line end
    if len(symbols) % width:
        return None
    rows = symbols.reshape(-1, width)
    values = rows[:, 1:-1]
    whole = (rows[:, -1] == line_end).all() and (rows[:, 0] != line_end).all()
    return values == one if whole and ((values == one) | (values == minus_one)).all() else None
