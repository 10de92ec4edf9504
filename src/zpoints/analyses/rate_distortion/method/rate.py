"""What a posterior N(mu, sigma²) tells of its image, in nats."""

import math

import numpy as np

BLOCK = 500


def axis_divergences(mu: np.ndarray, logvar: np.ndarray) -> np.ndarray:
    """KL(N(mu, exp(logvar)) || N(0, 1)) of each image and axis, in nats; both (n, z_dim), float64 (n, z_dim).

    Kingma and Welling (2014), appendix B.
    """
    mu, logvar = mu.astype(np.float64), logvar.astype(np.float64)
    return 0.5 * (np.square(mu) + np.exp(logvar) - 1 - logvar)


def mutual_information(mu: np.ndarray, logvar: np.ndarray, seed: tuple[int, ...]) -> dict[str, float]:
    """How the rate of these images splits: rate = I(x; z) + KL(q(z) || p(z)), Hoffman and Johnson (2016).

    q(z) is the mean of the images' posteriors N(mu, exp(logvar)), (n, z_dim) both, and I the mean over one z of each
    image of log q(z | x) - log q(z). So I is that of n images: at most `limit` = log n, and on average no more than
    that of all there might be; `to_prior` = rate - I is too large by as much.
    """
    count = len(mu)
    centre = mu.mean(axis=0, dtype=np.float64)  # about it, squares lose fewer digits
    mu, logvar = mu.astype(np.float64), logvar.astype(np.float64)
    epsilon = np.random.default_rng(seed).standard_normal(mu.shape)
    z = mu + np.exp(logvar / 2) * epsilon
    own = -0.5 * (np.square(epsilon) + logvar).sum(axis=1)  # log q(z | x), but for the constant of all densities here
    precision, centred = np.exp(-logvar), mu - centre
    linear, constant = precision * centred, (precision * np.square(centred) + logvar).sum(axis=1)
    aggregate = np.empty(count)
    for start in range(0, count, BLOCK):
        part = slice(start, min(start + BLOCK, count))
        points = z[part] - centre
        logs = -0.5 * (np.square(points) @ precision.T - 2 * points @ linear.T + constant)
        logs[np.arange(len(logs)), np.arange(part.start, part.stop)] = own[part]  # exact where sigma is tiny
        most = logs.max(axis=1)
        aggregate[part] = most + np.log(np.exp(logs - most[:, None]).sum(axis=1)) - math.log(count)
    rate, information = float(axis_divergences(mu, logvar).sum(axis=1).mean()), float((own - aggregate).mean())
    return {
        "points": count,
        "rate": rate,
        "value": min(information, math.log(count)),
        "limit": math.log(count),
        "to_prior": rate - information,
    }
