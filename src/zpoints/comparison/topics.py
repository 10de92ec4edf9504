"""All topics, in the order of the table's groups. A new analysis adds its line."""

from zpoints.comparison import components, noise, pca, radius, training

TOPICS = (training.TOPIC, radius.TOPIC, noise.TOPIC, components.TOPIC, pca.TOPIC)
