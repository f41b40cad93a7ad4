"""EVF-SAM's ablations at small scale: what the papers' tables 4 and 6 vary, on a tiny network."""
