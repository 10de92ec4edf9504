"""What the z-points say: a module per question, from arrays to plain measurements. No plotting, no files."""
