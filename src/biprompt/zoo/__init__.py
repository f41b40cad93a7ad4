"""The models the package knows: their specifications, weights and words."""
