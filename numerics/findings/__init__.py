"""What a run finds wrong or delicate in the paper."""
