"""How entries are reduced and never stored: plans, the reference and the backends."""
