"""Kernel ridge regression: one system, its path of ridges, its search over bandwidths."""
