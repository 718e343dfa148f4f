"""The figures: what is simulated for them, and the curves of theory."""
