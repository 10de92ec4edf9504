"""The parts of the page: for each a module with its figures and facts, and a template of its name."""
