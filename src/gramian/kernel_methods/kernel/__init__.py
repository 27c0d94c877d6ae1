"""The kernel of an estimator: its parameters, its table over rows, its targets and its blocks."""
