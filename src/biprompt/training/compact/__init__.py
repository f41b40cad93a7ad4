"""Training of the embedded model: photographs to samples to steps to an ONNX model."""
