"""What proves: certificates, solvers, and the map of what rests on what."""
