"""Recursive training, simulated: it knows the models and none of their theory."""
