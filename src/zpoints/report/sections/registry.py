"""All sections in the order of the page. A new analysis adds its line."""

from zpoints.report.drawing import Section
from zpoints.report.sections import (
    compare,
    components,
    layers,
    loss,
    models,
    noise,
    overview,
    pca,
    radius,
    reconstructions,
    samples,
)

SECTIONS = (
    Section("overview", "", overview.plates),
    Section("models", "All models in one table", context=models.context),
    Section("loss", "Losses", loss.plates, loss.context),
    Section("radius", "Radius of the z-points", radius.plates, radius.context),
    Section("noise", noise.title, noise.plates, shown=noise.shown),
    Section("components", "Axis by axis", components.plates),
    Section("pca", "Shape of the cloud", pca.plates),
    Section("reconstructions", "Reconstructions", reconstructions.plates, reconstructions.context),
    Section("samples", "Images from random z-points", samples.plates, samples.context),
    Section("layers", "Layers and parameters", context=layers.context),
    Section("compare", "Comparing with another run", context=compare.context),
)
