"""Where derivations start: one-step moments."""
