"""How often the tests of symmetry, and the search for a group, are right."""
