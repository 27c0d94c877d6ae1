"""The exercises, one file per lab, found by their names."""
