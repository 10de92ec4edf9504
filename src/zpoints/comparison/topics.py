"""All topics, in the order of the table's groups. A new analysis adds its line."""

from zpoints.comparison import (
    attributes,
    clusters,
    components,
    curvature,
    edits,
    evaluation,
    gaussianity,
    noise,
    paths,
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
    evaluation.TOPIC,
    paths.TOPIC,
    edits.TOPIC,
)
