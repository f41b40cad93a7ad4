"""Foundation models of transformers behind the runtime protocol."""
