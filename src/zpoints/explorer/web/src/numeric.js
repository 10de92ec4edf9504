// Random numbers that a permalink brings back, quantiles, and a few products.

/** mulberry32: uniform numbers in [0, 1) from a whole number. */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A draw from N(0, I), by Box and Muller. */
export function normals(uniform, count) {
  const values = new Float64Array(count);
  for (let at = 0; at < count; at += 2) {
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    values[at] = radius * Math.cos(angle);
    if (at + 1 < count) values[at + 1] = radius * Math.sin(angle);
  }
  return values;
}

export function dot(a, b) {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += a[at] * b[at];
  return sum;
}

export const norm = (a) => Math.sqrt(dot(a, a));

/** Where a value lies among evenly spaced quantiles, from 0 to 1. */
export function rank(quantiles, value) {
  if (value <= quantiles[0]) return 0;
  const last = quantiles.length - 1;
  for (let at = 1; at <= last; at++) {
    if (value <= quantiles[at]) {
      const width = quantiles[at] - quantiles[at - 1];
      return (at - 1 + (width ? (value - quantiles[at - 1]) / width : 1)) / last;
    }
  }
  return 1;
}

/** The quantile at a share from 0 to 1. */
export function quantile(quantiles, share) {
  const place = share * (quantiles.length - 1);
  const below = Math.min(Math.floor(place), quantiles.length - 2);
  return quantiles[below] + (place - below) * (quantiles[below + 1] - quantiles[below]);
}

/** The normal distribution (Abramowitz and Stegun 7.1.26) and, by bisection, its inverse. */
export function ndtr(x) {
  const t = 1 / (1 + (0.3275911 * Math.abs(x)) / Math.SQRT2);
  const tail = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t * Math.exp((-x * x) / 2);
  return x > 0 ? 1 - tail / 2 : tail / 2;
}

export function ndtri(p) {
  let low = -9;
  let high = 9;
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2;
    if (ndtr(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** From `a` (at 0) to `b` (at 1), on a line, or on an arc about `centre`: as in zpoints.latents.traversals. */
export function between(a, b, share, kind, centre) {
  if (kind === "spherical") {
    const from = a.map((value, at) => value - centre[at]);
    const to = b.map((value, at) => value - centre[at]);
    const [first, second] = [norm(from), norm(to)];
    if (first && second) {
      const angle = Math.acos(Math.min(1, Math.max(-1, dot(from, to) / first / second)));
      const sine = Math.sin(angle);
      if (sine > 1e-6) {
        const radius = (1 - share) * first + share * second;
        const [left, right] = [Math.sin((1 - share) * angle) / sine / first, Math.sin(share * angle) / sine / second];
        return a.map((_, at) => centre[at] + radius * (left * from[at] + right * to[at]));
      }
    }
  }
  return a.map((value, at) => (1 - share) * value + share * b[at]);
}
