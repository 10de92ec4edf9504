import numpy as np
import pytest
from PIL import Image

from zpoints.datasets.picture import FILTERS
from zpoints.shards import resize
from zpoints.shards.resize import KERNELS, Resizer, weights

# width, height, box, size: CelebA's, its edges, larger and smaller ones, one to one, enlarged, one pixel
GEOMETRIES = [
    (178, 218, (0, 20, 178, 198), 96),
    (178, 218, (40, 0, 178, 138), 64),
    (178, 218, (30, 61, 139, 170), 97),
    (250, 250, (0, 0, 250, 250), 8),
    (64, 64, (0, 0, 64, 64), 64),
    (64, 70, (3, 4, 35, 36), 32),
    (20, 24, (1, 3, 18, 20), 96),
    (9, 9, (4, 4, 5, 5), 8),
]


def images(width, height):
    """Noise, hard edges (which overshoot), a slope, and plain white."""
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    edges = np.where(rng.random((height, width, 3)) < 0.5, 0, 255).astype(np.uint8)
    slope = np.broadcast_to(np.linspace(0, 255, width).astype(np.uint8)[None, :, None], noise.shape)
    return [noise, edges, slope, np.full_like(noise, 255)]


@pytest.mark.parametrize("filter", FILTERS)
@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_every_pixel_is_that_of_pillow(geometry, filter):
    width, height, box, size = geometry
    resizer = Resizer(width, height, box, size, filter)
    for image in images(width, height):
        expected = Image.fromarray(np.ascontiguousarray(image)).resize((size, size), FILTERS[filter], box=box)
        small = resizer(image)
        np.testing.assert_array_equal(small, np.asarray(expected))
        assert small.flags.c_contiguous and small.dtype == np.uint8


def test_one_image_leaves_nothing_behind_for_the_next():
    resizer = Resizer(30, 40, (0, 5, 30, 35), 12, "lanczos")
    noise, edges, *_ = images(30, 40)
    first = resizer(noise)
    kept = first.copy()
    resizer(edges)
    np.testing.assert_array_equal(first, kept)
    np.testing.assert_array_equal(resizer(noise), kept)


def test_filters_are_those_of_picture():
    assert set(KERNELS) == set(FILTERS)


@pytest.mark.parametrize("filter", KERNELS)
def test_sums_of_weights_times_levels_are_exact_in_float64(filter):
    whole = weights(178, 0, 178, 96, filter) * 2.0**22
    np.testing.assert_array_equal(whole, np.rint(whole))
    assert np.abs(whole).sum(axis=1).max() * 255 < 2**53
    np.testing.assert_allclose(whole.sum(axis=1), 2.0**22, atol=12)


def test_blocks_hold_every_weight():
    matrix = weights(178, 0, 178, 97, "lanczos")
    found = np.zeros_like(matrix)
    for made, used in resize._blocks(matrix):
        found[made, used] = matrix[made, used]
    np.testing.assert_array_equal(found, matrix)
