"""Kernel principal components and their pre-images."""
