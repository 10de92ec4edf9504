// Colours of the points: a few for kinds, a ramp for numbers. Both are told apart by the colour-blind.

const KINDS = [[176, 178, 186], [213, 94, 0], [0, 114, 178], [0, 158, 115], [204, 121, 167], [230, 159, 0], [86, 180, 233]];
const RAMP = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]];
const LEVELS = 64;

const css = ([red, green, blue]) => `rgb(${red} ${green} ${blue})`;

/** {palette, indices, legend} for values 0, 1 ... with these names. */
export function byKind(values, names) {
  const palette = names.map((_, at) => (names.length > KINDS.length ? hue(at / names.length, at % 3) : KINDS[at]));
  const counts = new Array(names.length).fill(0);
  for (const value of values) counts[value] += 1;
  return {
    palette,
    indices: Uint8Array.from(values),
    legend: names.map((name, at) => ({ color: css(palette[at]), text: `${name} (${counts[at].toLocaleString("en")})` })),
  };
}

/** The same for numbers; the ends of the ramp are the 1st and 99th percentile. */
export function byNumber(values, label, format) {
  const sorted = Float64Array.from(values).sort();
  const [low, high] = [0.01, 0.99].map((share) => sorted[Math.round(share * (sorted.length - 1))]);
  const palette = Array.from({ length: LEVELS }, (_, level) => ramp(level / (LEVELS - 1)));
  const indices = Uint8Array.from(values, (value) =>
    Math.max(0, Math.min(LEVELS - 1, Math.round(((value - low) / (high - low || 1)) * (LEVELS - 1)))),
  );
  return { palette, indices, ramp: { low: format(low), high: format(high), label, stops: RAMP.map(css) } };
}

/** One of many colours: around the circle of hues, of three kinds of lightness in turn. */
function hue(share, kind) {
  const lightness = [0.42, 0.6, 0.75][kind];
  const chroma = 0.75 * (1 - Math.abs(2 * lightness - 1));
  return [0, 8, 4].map((shift) => {
    const place = (shift + 12 * share) % 12;
    return Math.round(255 * (lightness - (chroma / 2) * Math.max(-1, Math.min(place - 3, 9 - place, 1))));
  });
}

function ramp(share) {
  const place = share * (RAMP.length - 1);
  const below = Math.min(Math.floor(place), RAMP.length - 2);
  return RAMP[below].map((value, at) => Math.round(value + (place - below) * (RAMP[below + 1][at] - value)));
}
