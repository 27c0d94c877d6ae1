"""Contracts hold on every backend: the torch backend, and whichever comes first here."""

from __future__ import annotations

import pytest

import gramian as gm


@pytest.fixture(params=["torch", "auto"])
def each_backend(request: pytest.FixtureRequest) -> str:
    """Run the test once on the torch backend and once on the first that fits each call.

    Set for the whole process, because tests start threads of their own; the fixture in the
    conftest above puts the settings back.
    """
    gm.config(backend=request.param)
    return request.param
