"""What the paper claims, and what stands beside it: one file a subject."""
