"""All sections in the order of the page. A new analysis adds its line."""

from zpoints.report.drawing import Section
from zpoints.report.sections import (
    attributes,
    clusters,
    compare,
    components,
    curvature,
    gaussianity,
    layers,
    loss,
    models,
    noise,
    overview,
    pca,
    radius,
    reconstructions,
    samples,
    similarity,
    tsne,
)

SECTIONS = (
    Section("overview", "", overview.plates),
    Section("models", "All models in one table", context=models.context),
    Section("loss", "Losses", loss.plates, loss.context),
    Section("radius", "Radius of the z-points", radius.plates, radius.context),
    Section("noise", noise.title, noise.plates, shown=noise.shown),
    Section("curvature", "Curvature and the law of logvar", curvature.plates, curvature.context, shown=curvature.shown),
    Section("components", "Axis by axis", components.plates),
    Section("pca", "Shape of the cloud", pca.plates),
    Section("gaussianity", "One multivariate normal?", gaussianity.plates),
    Section("clusters", "Clusters", clusters.plates),
    Section("tsne", "Maps", tsne.plates, tsne.context),
    Section(
        "similarity",
        "Is one space another, rotated?",
        similarity.plates,
        similarity.context,
        shown=similarity.shown,
    ),
    Section("attributes", "What can be read off mu", attributes.plates, attributes.context, shown=attributes.shown),
    Section("reconstructions", "Reconstructions", reconstructions.plates, reconstructions.context),
    Section("samples", "Images from random z-points", samples.plates, samples.context),
    Section("layers", "Layers and parameters", context=layers.context),
    Section("compare", "Comparing with another run", context=compare.context),
)
