"""Which part of a photograph is cropped, as the training images were."""

Box = tuple[int, int, int, int]
# Width and height of the images that `images.crop` refers to; those of source `folder` have any.
ORIGINALS = {"celeba": (178, 218), "toy": (178, 218), "lfw": (250, 250)}


def box_in(crop: Box | None, size: tuple[int, int], original: tuple[int, int] | None) -> Box | None:
    """The crop of an image of (width, height) that corresponds to `crop` on an image of the size `original`.

    None, for the central square, where there is no crop; the crop itself where there is no original.
    """
    if crop is None or original is None or size == original:
        return crop
    scale = min(size[0] / original[0], size[1] / original[1])
    corner = [(length - scale * reference) / 2 for length, reference in zip(size, original, strict=True)]
    # Square to the pixel and inside the image, whatever rounding does.
    edge = max(1, min(round(scale * (crop[2] - crop[0])), *size))
    left, top = (
        min(max(0, round(offset + scale * begin)), length - edge)
        for offset, begin, length in zip(corner, crop[:2], size, strict=True)
    )
    return left, top, left + edge, top + edge
