"""Training of the guided network: encodings and fusions of clicks, compared on equal terms."""
