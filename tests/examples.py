"""How many random examples a test takes that does not take the number of its profile."""

from __future__ import annotations

import hypothesis

FAST = 50


def examples(fast: int) -> int:
    """``fast`` in `make test`, and as many times more elsewhere as all other tests take."""
    return fast * hypothesis.settings.default.max_examples // FAST
