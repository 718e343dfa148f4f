"""How samples are tested: knows nothing of models."""
