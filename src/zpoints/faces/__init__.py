"""Where images come from: archives of real faces, their label files, and toy faces with known factors."""
