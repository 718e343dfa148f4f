"""Who does the work, and what is kept of it: knows nothing of statistics."""
