// What the page shows, as the text behind # in its address: a permalink.

import { SAMPLERS } from "./samplers.js";

export const PANELS = ["sliders", "samplers", "path", "arithmetic", "list", "photo"];
const MAX_SIGMA = 8;

export function initial(run) {
  const [first] = run.models;
  return {
    models: [first.name],
    map: first.maps.length ? `map_${first.maps[0].number}` : "pca",
    axes: [0, 1],
    color: "radius",
    base: "row:0", // or sample:N, path, sum, photo
    edits: {}, // in standard deviations: {"axis:0": 1.5, "attr:Smiling": 2}
    direction: "mean_difference",
    panel: "sliders",
    sampler: "gaussian",
    bound: 2,
    seed: 1,
    path: { a: 0, b: Math.min(1, run.images - 1), kind: "linear", share: 0.5 },
    sum: [0, 0, 0],
  };
}

export function toHash(state) {
  const edits = Object.entries(state.edits).filter(([, amount]) => amount);
  const { a, b, kind, share } = state.path;
  const parts = new URLSearchParams({
    models: state.models.join(","),
    map: state.map,
    axes: state.axes.join(","),
    color: state.color,
    at: state.base === "photo" ? "row:0" : state.base, // a photo never leaves the page
    panel: state.panel,
    direction: state.direction,
    sampler: [state.sampler, state.bound, state.seed].join(","),
    path: [a, b, kind, share].join(","),
    sum: state.sum.join(","),
  });
  for (const [key, amount] of edits) parts.append("edit", `${amount} ${key}`);
  return `#${parts}`;
}

/** The state that a permalink asks for; what this page does not have is as at the beginning. */
export function fromHash(hash, run) {
  const state = initial(run);
  const parts = new URLSearchParams(hash.replace(/^#/, ""));
  const whole = (text, limit, other) => (/^\d{1,9}$/.test(text ?? "") && Number(text) < limit ? Number(text) : other);
  const real = (text, low, high, other) => (text && Number.isFinite(Number(text)) ? Math.min(high, Math.max(low, Number(text))) : other);
  const among = (text, known, other) => (known.includes(text) ? text : other);
  const list = (key) => (parts.get(key) ?? "").split(",");

  const models = list("models").filter((name, at, all) => run.models.some((model) => model.name === name) && all.indexOf(name) === at);
  if (models.length) state.models = models.slice(0, 2);
  const first = run.models.find((model) => model.name === state.models[0]);
  state.map = among(parts.get("map"), ["pca", ...first.maps.map((map) => `map_${map.number}`)], state.map);
  state.axes = state.axes.map((axis, at) => whole(list("axes")[at], first.n_scores, Math.min(axis, first.n_scores - 1)));
  const colors = ["radius", "distance", "error", "split", ...(first.clusters ? ["cluster"] : []), ...run.attributes.map((name) => `attr:${name}`), ...run.factors.map(({ name }) => `factor:${name}`)];
  state.color = among(parts.get("color"), colors, state.color);
  state.panel = among(parts.get("panel"), PANELS, state.panel);
  state.direction = among(parts.get("direction"), Object.keys(run.units), state.direction);
  const [sampler, bound, seed] = list("sampler");
  state.sampler = among(sampler, Object.keys(SAMPLERS).filter((name) => name !== "mixture" || first.mixture), state.sampler);
  state.bound = real(bound, 0, 20, state.bound);
  state.seed = whole(seed, 1e9, state.seed);
  const [a, b, kind, share] = list("path");
  state.path = {
    a: whole(a, run.images, state.path.a),
    b: whole(b, run.images, state.path.b),
    kind: among(kind, ["linear", "spherical"], "linear"),
    share: real(share, 0, 1, 0.5),
  };
  state.sum = state.sum.map((row, at) => whole(list("sum")[at], run.images, row));
  const at = parts.get("at") ?? "";
  const [, form, place] = /^(row|sample|path|sum)(?::(\d{1,9}))?$/.exec(at) ?? [];
  if (form === "row") state.base = `row:${whole(place, run.images, 0)}`;
  else if (form === "sample") state.base = `sample:${whole(place, 9, 0)}`;
  else if (form) state.base = form;
  for (const text of parts.getAll("edit")) {
    const [, amount, key] = /^(-?[\d.]+) (axis:\d{1,5}|attr:.+)$/.exec(text) ?? [];
    const known = key?.startsWith("axis:") ? whole(key.slice(5), first.z_dim, -1) >= 0 : run.attributes.includes(key?.slice(5));
    if (known) state.edits[key] = real(amount, -MAX_SIGMA, MAX_SIGMA, 0);
  }
  return state;
}
