"""The networks' own Keras layers: ordinary mathematics, in the form that a processor is fastest at."""
