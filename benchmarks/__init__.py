"""What the simulators cost: against their plain twins, against their random numbers, and as a setting grows."""
