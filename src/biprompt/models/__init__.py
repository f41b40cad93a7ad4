"""Networks: pure ``nn.Module``, no input or output, no device defaults."""
