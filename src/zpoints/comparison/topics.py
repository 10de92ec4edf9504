"""All topics, in the order of the table's groups. A new analysis adds its line."""

from zpoints.comparison import (
    attributes,
    clusters,
    components,
    curvature,
    gaussianity,
    noise,
    pca,
    radius,
    training,
    tsne,
)

TOPICS = (
    training.TOPIC,
    radius.TOPIC,
    noise.TOPIC,
    curvature.TOPIC,
    components.TOPIC,
    pca.TOPIC,
    gaussianity.TOPIC,
    clusters.TOPIC,
    tsne.TOPIC,
    attributes.TOPIC,
)
