"""Training of EVF-SAM."""
