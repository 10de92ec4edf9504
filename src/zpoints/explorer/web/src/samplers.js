// Where z-points are drawn: as zpoints.latents.samplers, with random numbers of the browser's own.

import { ndtr, ndtri, norm, normals, quantile, random } from "./numeric.js";

export const SAMPLERS = {
  normal: "N(0, I)",
  uniform: "uniform in [-b, b]",
  shell: "shell at the radii of the z-points",
  diagonal: "Gaussian with independent axes",
  gaussian: "Gaussian fitted to the z-points",
  core: "core of that Gaussian",
  elliptical: "that Gaussian, with the z-points' Mahalanobis distances",
  permuted: "scores of the z-points, permuted axis by axis",
  mixture: "mixture of Gaussians",
  bootstrap: "z-points of images",
  jitter: "z-points of images, moved",
};

export function available(space) {
  return Object.keys(SAMPLERS).filter((name) => name !== "mixture" || space.info.mixture);
}

/** `count` z-points; the same seed draws the same standard normals for every model. */
export async function draw(space, name, count, seed, { bound, sigmas, jitter }) {
  const points = [];
  for (let number = 0; number < count; number++) {
    points.push(await one(space, name, random(seed * 1009 + number), { bound, sigmas, jitter }));
  }
  return points;
}

async function one(space, name, uniform, { bound, sigmas, jitter }) {
  const { zDim, std, info } = space;
  const image = () => Math.min(space.images - 1, Math.floor(uniform() * space.images));
  const fitted = (draws) => space.fromScores(draws.map((draw, at) => draw * std[at]));
  switch (name) {
    case "normal":
      return Float32Array.from(normals(uniform, zDim));
    case "uniform":
      return Float32Array.from({ length: zDim }, () => bound * (2 * uniform() - 1));
    case "shell": {
      const draws = normals(uniform, zDim);
      const scale = quantile(info.radius, uniform()) / norm(draws);
      return Float32Array.from(draws, (value) => value * scale);
    }
    case "diagonal": {
      const draws = normals(uniform, zDim);
      return Float32Array.from(draws, (value, at) => {
        let variance = 0;
        for (let axis = 0; axis < zDim; axis++) variance += (std[axis] * space.axes[axis * zDim + at]) ** 2;
        return space.mean[at] + value * Math.sqrt(variance);
      });
    }
    case "gaussian":
      return fitted(normals(uniform, zDim));
    case "core": {
      const tail = ndtr(-sigmas);
      return fitted(normals(uniform, zDim).map((value) => ndtri(tail + (1 - 2 * tail) * ndtr(value))));
    }
    case "elliptical": {
      const draws = normals(uniform, zDim);
      const scale = quantile(info.distance, uniform()) / norm(draws.subarray(0, info.n_active));
      return fitted(draws.map((value) => value * scale));
    }
    case "permuted": {
      const scores = new Float64Array(zDim);
      for (let axis = 0; axis < zDim; axis++) {
        const point = await space.point(image());
        for (let at = 0; at < zDim; at++) scores[axis] += (point[at] - space.mean[at]) * space.axes[axis * zDim + at];
      }
      return space.fromScores(scores);
    }
    case "mixture": {
      const [weights, means, factors] = await Promise.all(
        ["weights", "means", "factors"].map((part) => space.chunks.load(`${space.name}/mixture_${part}`)),
      );
      let component = 0;
      for (let left = uniform() - weights[0]; left > 0 && component < weights.length - 1; left -= weights[component]) component++;
      const draws = normals(uniform, zDim);
      return Float32Array.from({ length: zDim }, (_, at) => {
        let sum = means[component * zDim + at];
        const start = (component * zDim + at) * zDim;
        for (let other = 0; other <= at; other++) sum += factors[start + other] * draws[other];
        return sum;
      });
    }
    case "bootstrap":
      return space.point(image());
    case "jitter": {
      const point = await space.point(image());
      const moved = fitted(normals(uniform, zDim).map((value) => value * jitter));
      return point.map((value, at) => value + moved[at] - space.mean[at]);
    }
  }
  throw new Error(`sampler: expected one of ${Object.keys(SAMPLERS).join(", ")}, received ${name}`);
}
