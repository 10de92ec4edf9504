"""What all figures share: size, type, ink, one colour per model, and a file whose bytes depend on the figure alone."""

import functools
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import ParamSpec, TypeVar

import matplotlib.style
import numpy as np
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.ticker import AutoLocator, FuncFormatter, LogLocator, NullLocator
from PIL import Image

P = ParamSpec("P")
R = TypeVar("R")

WIDTH = 4.8  # inches: shown 360 pixels wide on a phone, 9 points are still 9 pixels
DPI = 200
INK, MUTED, RULE = "#1d1d1f", "#66666b", "#d2d2d7"

# Okabe and Ito's palette, safe for the colour-blind, without black (which is ink) and yellow (too faint on white).
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")

STYLE = {
    "figure.dpi": DPI,
    "font.size": 9,
    "axes.titlesize": 9,
    "axes.labelsize": 8.5,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "legend.fontsize": 8.5,
    "legend.frameon": False,
    "text.color": INK,
    "axes.labelcolor": MUTED,
    "axes.edgecolor": MUTED,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": RULE,
    "grid.linewidth": 0.5,
    "lines.linewidth": 1.4,
}

MAX_LETTERS = 40  # of a label's name: a longer one would leave a figure no room


def styled(draw: Callable[P, R]) -> Callable[P, R]:
    """Let a function draw in this style and no other: neither read nor change what the user has set."""

    @functools.wraps(draw)
    def inner(*args: P.args, **kwargs: P.kwargs) -> R:
        with matplotlib.style.context(STYLE, after_reset=True):
            return draw(*args, **kwargs)

    return inner


def colors_of(names: Iterable[str]) -> dict[str, str]:
    """A colour for each model by its place in the order: models that are added behind change no other's colour."""
    return {name: _color(place) for place, name in enumerate(names)}


def _color(place: int) -> str:
    """The palette, then the palette darker, then lighter, and so on."""
    turn, place = divmod(place, len(PALETTE))
    towards = (0.0, 0.0, 1.0)[turn % 3]
    amount = (0.0, 0.45, 0.45)[turn % 3]
    red, green, blue = ((1 - amount) * part + amount * towards for part in to_rgb(PALETTE[place]))
    return to_hex((red, green, blue))


def log_ticks(axis: Axis, low: float, high: float) -> None:
    """Ticks for a logarithmic axis from low to high: decades where there are many, 1-2-5 or round numbers where few."""
    ratio = high / low
    if ratio < 4:
        axis.set_major_locator(AutoLocator())
    else:
        axis.set_major_locator(LogLocator(subs=(1, 2, 5) if ratio < 200 else (1,)))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: plain(value)))


def plain(value: float) -> str:
    """A tick's number: 1,000 and 0.01 as they are, a power of ten beyond."""
    if value and not 1e-3 <= abs(value) < 1e6:
        mantissa, _, exponent = f"{value:.0e}".partition("e")
        return rf"$10^{{{int(exponent)}}}$" if mantissa == "1" else rf"${mantissa} \cdot 10^{{{int(exponent)}}}$"
    return f"{value:,.10g}"


def short(name: str) -> str:
    """The name of a label for a figure: words, of at most MAX_LETTERS."""
    words = name.replace("_", " ")
    return words if len(words) <= MAX_LETTERS else f"{words[: MAX_LETTERS - 1]}…"


@styled
def rendered(figure: Figure) -> Image.Image:
    """The pixels of a figure, RGBA, and how many of them there are to the inch."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    picture = Image.fromarray(np.asarray(canvas.buffer_rgba()))
    picture.info["dpi"] = (figure.dpi, figure.dpi)
    return picture


def write_png(picture: Image.Image, path: Path) -> None:
    """Write a PNG; the same pixels give the same bytes, so no date and no version goes in."""
    # Compressed at level 3: half the time of 6 for a twentieth more bytes.
    picture.save(path, "PNG", compress_level=3, dpi=picture.info["dpi"])


def save(figure: Figure, path: Path) -> None:
    """Draw a figure and write it as PNG."""
    write_png(rendered(figure), path)
