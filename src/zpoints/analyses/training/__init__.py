"""How well does each model reconstruct, and how far has it trained? The stage `train` measures it; this shows it."""
