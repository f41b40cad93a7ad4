"""Training: recipes, losses, the loop and its checkpoints, the word table."""
