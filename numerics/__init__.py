"""Simulators, random streams and statistical tests."""
