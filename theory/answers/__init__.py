"""Numbers for people: what an expression gives, and which weight is best."""
