"""Kernel classifiers: Newton on squared losses and the dual of the hinge, on one system."""
