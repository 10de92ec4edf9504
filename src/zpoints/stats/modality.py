"""Where does a density of numbers peak, and has it a second maximum?

Densities are Gaussian kernel estimates on a fine grid: values are counted in cells once, and a Fourier transform
smooths the counts (Silverman 1982). A resample of all values is then a multinomial draw of the counts, whatever their
number.
"""

from typing import Any, Self

import numpy as np

CELLS = 4096
SPAN = 20.0  # cells span the median +- so many robust standard deviations at most: an outlier must not make them wide
PARTS = 100  # resamples that are smoothed at once
CENTRAL = (0.005, 0.995)  # maxima are sought between these quantiles: in the tails single values make bumps
COVERED = (0.025, 0.975)


class Cells:
    """Numbers counted in narrow cells: `centres` and `counts`, (CELLS,); what lies beyond counts in the last cell."""

    def __init__(self, counts: np.ndarray, low: float, width: float, bandwidth: float) -> None:
        self.counts, self.low, self.width, self.bandwidth = counts, low, width, bandwidth
        self.centres = low + (np.arange(len(counts)) + 0.5) * width
        # Room behind the cells, so that what is smoothed out at one end does not come in at the other.
        self._waves = np.fft.rfftfreq(2 * len(counts), width)
        below = np.cumsum(counts) / counts.sum()
        first, last = np.searchsorted(below, CENTRAL)
        self.central = slice(int(first), int(last) + 1)

    @classmethod
    def of(cls, values: np.ndarray) -> Self | None:
        """Count float64 (n,); None where they are all one.

        The bandwidth is 0.9 min(s, IQR / 1.349) n^(-1/5), s the standard deviation, IQR the interquartile range
        (Silverman 1986, eq. 3.31).
        """
        quarter, median, three = np.quantile(values, (0.25, 0.5, 0.75))
        spreads = [spread for spread in (float(values.std()), (three - quarter) / 1.349) if spread > 0]
        if not spreads or values.max() == values.min():
            return None
        low = max(float(values.min()), median - SPAN * min(spreads))
        high = min(float(values.max()), median + SPAN * min(spreads))
        bandwidth = 0.9 * min(spreads) * len(values) ** -0.2
        # Room for the kernel: the density ends where the smoothed counts do.
        low, high = low - 4 * bandwidth, high + 4 * bandwidth
        width = (high - low) / CELLS
        index = np.clip(((values - low) / width), 0, CELLS - 1).astype(np.int64)
        return cls(np.bincount(index, minlength=CELLS), low, width, bandwidth)

    def smoothed(self, counts: np.ndarray, bandwidth: float) -> np.ndarray:
        """Kernel density of these counts (..., CELLS) at the centres, of unit integral if it lies inside."""
        kernel = np.exp(-2 * np.square(np.pi * bandwidth * self._waves))
        raw = np.fft.irfft(np.fft.rfft(counts, 2 * CELLS) * kernel, 2 * CELLS)[..., :CELLS]
        return np.maximum(raw, 0) / (counts.sum(axis=-1, keepdims=True) * self.width)

    def peak(self) -> float:
        """Where the density at Silverman's bandwidth is largest."""
        return float(self.centres[np.argmax(self.smoothed(self.counts, self.bandwidth))])

    def maxima(self, density: np.ndarray) -> np.ndarray:
        """Indices of the local maxima of a density (CELLS,) in the central part."""
        return np.flatnonzero(self._tops(density)) + self.central.start

    def maxima_of(self, counts: np.ndarray, bandwidth: float) -> np.ndarray:
        """How many local maxima in the central part the densities of these counts (k, CELLS) have, int64 (k,)."""
        return np.count_nonzero(self._tops(self.smoothed(counts, bandwidth)), axis=-1)

    def _tops(self, density: np.ndarray) -> np.ndarray:
        start, stop = self.central.start, self.central.stop
        part = density[..., max(start - 1, 0) : min(stop + 1, CELLS)]
        # The transform's rounding makes no maxima: what rises by less than it stays level.
        rises = np.diff(part, axis=-1) > 1e-12 * density.max(axis=-1, keepdims=True)
        tops = rises[..., :-1] & ~rises[..., 1:]
        return np.pad(tops, [(0, 0)] * (tops.ndim - 1) + [(1 if start == 0 else 0, 0)])


def describe_peak(cells: Cells, bootstrap: int, seed: tuple[int, ...]) -> dict[str, float]:
    """Peak of the density at Silverman's bandwidth, and its 95% bootstrap interval at the same bandwidth.

    The interval holds what chance does to the peak of the smoothed law; smoothing itself moves it in a skew law.
    """
    rng = np.random.default_rng(seed)
    peaks = [
        cells.smoothed(draws, cells.bandwidth).argmax(axis=-1) for draws in _resamples(rng, cells.counts, bootstrap)
    ]
    low, high = np.quantile(cells.centres[np.concatenate(peaks)], COVERED)
    return {
        "peak": cells.peak(),
        "low": float(low),
        "high": float(high),
        "bandwidth": float(cells.bandwidth),
    }


def second_maximum(cells: Cells, alpha: float, bootstrap: int, seed: tuple[int, ...]) -> dict[str, Any]:
    """Has the density more than one maximum? Silverman's test (1981), calibrated by Hall and York (2001).

    Its statistic is the critical bandwidth: the least one that leaves a single maximum between the central quantiles.
    Samples are drawn from the density at that bandwidth, which is unimodal and nearest to the data; `p_value` is the
    share of them that have more than one maximum at lambda times the bandwidth, lambda from Hall and York's
    formula, so that in large samples a unimodal law passes with a chance of 1 - alpha.

    `maxima` is 2 where p_value is below alpha ("at least two"), else 1. With 2, `second` is the lower of the two
    places that are left last as the bandwidth grows, and `second_height` its density over the higher one's.
    """
    critical = _critical_bandwidth(cells, 1)
    base = cells.smoothed(cells.counts, critical)
    shares = base / base.sum()
    rng = np.random.default_rng(seed)
    widened = hall_york(alpha) * critical
    several = 0
    for draws in _resamples(rng, shares, bootstrap, count=int(cells.counts.sum())):
        several += int(np.count_nonzero(cells.maxima_of(draws, widened) > 1))
    p_value = several / bootstrap
    result: dict[str, Any] = {
        "maxima": 2 if p_value < alpha else 1,
        "p_value": p_value,
        "critical_bandwidth": float(critical),
        "maxima_at_bandwidth": int(cells.maxima_of(cells.counts, cells.bandwidth)),
    }
    if result["maxima"] == 2:
        density = cells.smoothed(cells.counts, _just_below(cells, critical))
        tops = cells.maxima(density)
        tops = tops[np.argsort(density[tops])[::-1]]
        if len(tops) > 1:
            result["second"] = float(cells.centres[tops[1]])
            result["second_height"] = float(density[tops[1]] / density[tops[0]])
    return result


def hall_york(alpha: float) -> float:
    """The factor lambda by which Silverman's test widens its bandwidth to keep the level alpha (Hall and York 2001)."""
    above = 0.94029 * alpha**3 - 1.59914 * alpha**2 + 0.17695 * alpha + 0.48971
    return above / (alpha**3 - 1.77793 * alpha**2 + 0.36162 * alpha + 0.42423)


def _critical_bandwidth(cells: Cells, maxima: int) -> float:
    """The least bandwidth, to 0.1%, at which the density has at most so many maxima."""
    low, high = cells.width, cells.bandwidth
    while cells.maxima_of(cells.counts, high) > maxima:
        low, high = high, 1.5 * high
    if cells.maxima_of(cells.counts, low) <= maxima:
        return low
    while high / low > 1.001:
        middle = np.sqrt(low * high)
        if cells.maxima_of(cells.counts, middle) > maxima:
            low = middle
        else:
            high = middle
    return float(high)


def _just_below(cells: Cells, critical: float) -> float:
    """A bandwidth that shows two maxima well apart: between that which leaves two and that which leaves one."""
    return float(np.sqrt(critical * _critical_bandwidth(cells, 2)))


def _resamples(rng: np.random.Generator, weights: np.ndarray, times: int, count: int | None = None) -> Any:
    """Counts (at most PARTS, CELLS) of `times` samples of cells, as many numbers as the weights sum to or `count`."""
    total = weights.sum()
    for start in range(0, times, PARTS):
        yield rng.multinomial(int(total) if count is None else count, weights / total, min(PARTS, times - start))
