"""What runs a model: one protocol, numpy in and out, so that nobody above it sees a framework."""
