"""From an estimator to the recursion of its error: no claim is made here."""
