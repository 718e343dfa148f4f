"""Symbolic theory: from one-step moments to recursions, claims and certificates."""
