"""Where does a density of numbers peak, and has it a second maximum?

Densities are Gaussian kernel estimates on a fine grid: values are counted in cells once, and a Fourier transform
smooths the counts (Silverman 1982). A resample of all values is then a multinomial draw of the counts, whatever their
number.
"""

import warnings
from typing import Any, Self

import numpy as np

from zpoints.stats.detection import smallest_effect

CELLS = 4096
SPANNED = (0.001, 0.999)  # quantiles between which values are counted: an outlier must not make the cells wide
PARTS = 100  # resamples that are smoothed at once
CENTRAL = (0.005, 0.995)  # maxima are sought between these quantiles: in the tails single values make bumps
COVERED = (0.025, 0.975)
SHELL = 0.2  # share of the points in a planted second shell, as in the jump of the posts
SHELLS = np.geomspace(1, 16, 33).tolist()  # how far it lies, in standard deviations of the radius


class Cells:
    """Numbers counted in narrow cells: `centres` and `counts`, (CELLS,); `clipped` is the share that lies beyond."""

    def __init__(self, counts: np.ndarray, low: float, width: float, bandwidth: float, clipped: float = 0.0) -> None:
        self.counts, self.low, self.width, self.bandwidth, self.clipped = counts, low, width, bandwidth, clipped
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
        low = float(np.quantile(values, SPANNED[0], method="lower"))
        high = float(np.quantile(values, SPANNED[1], method="higher"))
        kept = values[(low <= values) & (values <= high)]
        quarter, three = np.quantile(values, (0.25, 0.75))
        spreads = [spread for spread in (float(kept.std()), float(three - quarter) / 1.349) if spread > 0]
        if low == high:
            return None
        bandwidth = 0.9 * min(spreads) * len(values) ** -0.2
        # Room for the kernel: the density ends where the smoothed counts do.
        low, high = low - 4 * bandwidth, high + 4 * bandwidth
        width = (high - low) / CELLS
        index = ((kept - low) / width).astype(np.int64)
        return cls(np.bincount(index, minlength=CELLS), low, width, bandwidth, 1 - len(kept) / len(values))

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


def second_maximum(
    values: np.ndarray, cells: Cells, alpha: float, bootstrap: int, seed: tuple[int, ...]
) -> dict[str, Any]:
    """Has the density of values (n,), counted in cells, more than one maximum? Two tests at the level alpha.

    `dip` and `dip_p`: Hartigan's test. `silverman_rejects`: Silverman's, 1 or 0. `maxima` is 2 where both reject one
    maximum ("at least two"), else 1: Silverman's alone raises false alarms on heavy tails and sharp edges. With 2,
    `second` is the lower of the two places that are left last as the bandwidth grows, and `second_height` its density
    over the higher one's.
    """
    critical = _critical_bandwidth(cells, 1)
    dip = dip_test(values)
    result: dict[str, Any] = {
        "alpha": alpha,
        "maxima": 1,
        "dip": dip["dip"],
        "dip_p": dip["p_value"],
        "silverman_rejects": int(silverman_rejects(cells, alpha, bootstrap, seed)),
        "critical_bandwidth": float(critical),
        "maxima_at_bandwidth": int(cells.maxima_of(cells.counts, cells.bandwidth)),
    }
    if result["silverman_rejects"] and dip["p_value"] < alpha:
        density = cells.smoothed(cells.counts, _just_below(cells, critical))
        tops = cells.maxima(density)
        tops = tops[np.argsort(density[tops])[::-1]]
        if len(tops) > 1:
            result["maxima"] = 2
            result["second"] = float(cells.centres[tops[1]])
            result["second_height"] = float(density[tops[1]] / density[tops[0]])
    return result


def shell_limit(null: np.ndarray, count: int, alpha: float, seed: tuple[int, ...]) -> dict[str, float | int | None]:
    """How far out must a second shell lie to be found? The detection limit of both tests of `second_maximum`.

    The share SHELL of `count` radii drawn from `null` (a smoothed bootstrap, float64 (n,)) moves out by `effect` times
    the null's standard deviation; see zpoints.stats.detection.
    """
    spread = float(null.std())
    smoothing = 0.9 * spread * len(null) ** -0.2

    def planted(effect: float, draw: int) -> np.ndarray:
        rng = np.random.default_rng((*seed, draw))
        radii = rng.choice(null, count) + smoothing * rng.standard_normal(count)
        return radii + effect * spread * (rng.random(count) < SHELL)

    def seen(effect: float, draw: int) -> bool:
        return dip_test(planted(effect, draw))["p_value"] < alpha

    def found(effect: float, draw: int) -> bool:
        cells = Cells.of(planted(effect, draw))
        return seen(effect, draw) and cells is not None and silverman_rejects(cells, alpha, PARTS, (*seed, draw, 1))

    # The dip test costs a twentieth of the other, which is asked from the dip's own limit on.
    least = smallest_effect(seen, SHELLS)["effect"]
    limit = smallest_effect(found, [])
    for effect in SHELLS:
        if least is not None and effect >= least and limit["effect"] is None:
            limit = smallest_effect(found, [effect])
    return limit


def dip_test(values: np.ndarray) -> dict[str, float]:
    """Hartigan and Hartigan's test (1985): `dip`, the distance of the cumulative law to the nearest of one maximum.

    `p_value` is from the published quantiles for a uniform law, of all with one maximum the hardest to tell from two;
    1 for fewer than four values.
    """
    import diptest

    if len(values) < 4:
        return {"dip": 0.0, "p_value": 1.0}
    with warnings.catch_warnings():
        # Beyond 72,000 values it scales the last quantiles of the table by the root of n, which is their limit.
        warnings.filterwarnings("ignore", "Sample size exceeds", UserWarning)
        dip, p_value = diptest.diptest(values)
    return {"dip": float(dip), "p_value": float(p_value)}


def silverman_rejects(cells: Cells, alpha: float, bootstrap: int, seed: tuple[int, ...]) -> bool:
    """Does Silverman's test (1981) reject a single maximum at the level alpha, calibrated by Hall and York (2001)?

    Its statistic is the critical bandwidth: the least one that leaves a single maximum between the central quantiles.
    Samples are drawn from the density at that bandwidth, which is unimodal and nearest to the data. It rejects where
    the share of them with two maxima or more at lambda times the bandwidth is below alpha, lambda from Hall and York's
    formula for this very level: the share is no p-value at another one. The level holds for normal-like laws in
    large samples; on t laws of 2 to 5 degrees of freedom it is 0.11 to 0.25, on the uniform law 0.4 to 0.7.
    """
    critical = _critical_bandwidth(cells, 1)
    base = cells.smoothed(cells.counts, critical)
    shares = base / base.sum()
    rng = np.random.default_rng(seed)
    widened = hall_york(alpha) * critical
    several = 0
    for draws in _resamples(rng, shares, bootstrap, count=int(cells.counts.sum())):
        several += int(np.count_nonzero(cells.maxima_of(draws, widened) > 1))
    return several / bootstrap < alpha


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
