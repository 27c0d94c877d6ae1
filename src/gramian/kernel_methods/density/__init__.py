"""Kernel density estimation: log-sums, sampling laws, leave-one-out bandwidths."""
