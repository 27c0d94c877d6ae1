"""One file per lab, found by its name."""
