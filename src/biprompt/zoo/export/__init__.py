"""Native networks as ONNX graphs: `graphs` says which, `writing` traces, checks and writes them."""
