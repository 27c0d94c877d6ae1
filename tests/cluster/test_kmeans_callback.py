"""What a fit of k-means shows while it runs, and what an interrupted one leaves behind."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from tests.cluster.kmeans_cases import SEEDED, blobs, brute_labels

from gramian import KMeans
from gramian.cluster._kmeans import IterationState


def test_the_callback_sees_each_iteration_and_can_stop() -> None:
    X = blobs(1000)
    states: list[IterationState] = []

    def watch(state: IterationState) -> bool:
        states.append(state)
        np.testing.assert_allclose(
            ((X - state.centers[brute_labels(X, state.centers)]) ** 2).sum(), state.inertia
        )
        return len(states) == 3

    model = KMeans(5, init="random", n_init=4, random_state=1, tol=0, callback=watch).fit(X)
    assert [(s.run, s.iteration) for s in states] == [(0, 0), (0, 1), (0, 2)]
    assert model.n_iter_ == 3
    np.testing.assert_array_equal(model.labels_, model.predict(X))
    assert model.inertia_ == -model.score(X) == states[-1].inertia
    np.testing.assert_array_equal(model.cluster_centers_, states[-1].centers)


@pytest.mark.parametrize("limits", [{"max_iter": 2, "tol": 0}, {"tol": 0.1}, {"tol": 0}])
def test_the_callback_sees_the_final_centers(limits: dict[str, Any]) -> None:
    states: list[IterationState] = []
    X = blobs(1000, spread=3.0)
    model = KMeans(**SEEDED, **limits, callback=states.append).fit(X)
    np.testing.assert_array_equal(states[-1].centers, model.cluster_centers_)
    assert states[-1].inertia == model.inertia_
    assert [state.iteration for state in states] == list(range(len(states)))
    # where labels settle, the last iteration starts from the final centres
    assert len(states) == model.n_iter_ + (limits["tol"] != 0 or "max_iter" in limits)


def test_the_callback_gets_copies() -> None:
    def spoil(state: IterationState) -> None:
        state.centers[:] = np.nan

    X = blobs()
    spoiled = KMeans(**SEEDED, tol=0, callback=spoil).fit(X)
    plain = KMeans(**SEEDED, tol=0).fit(X)
    np.testing.assert_array_equal(spoiled.cluster_centers_, plain.cluster_centers_)


def interrupt(state: IterationState) -> None:
    raise KeyboardInterrupt


def test_an_interrupted_first_fit_leaves_no_trace() -> None:
    model = KMeans(5, callback=interrupt)
    with pytest.raises(KeyboardInterrupt):
        model.fit(blobs())
    assert not [name for name in vars(model) if name.endswith("_")]
    with pytest.raises(NotFittedError):
        model.predict(blobs())


def test_an_interrupted_second_fit_leaves_the_first() -> None:
    X = blobs()
    model = KMeans(**SEEDED).fit(X)
    kept = model.cluster_centers_.copy()
    model.set_params(callback=interrupt)
    with pytest.raises(KeyboardInterrupt):
        model.fit(blobs(d=7))
    np.testing.assert_array_equal(model.cluster_centers_, kept)
    np.testing.assert_array_equal(model.predict(X), model.labels_)


def test_verbose_tells_the_steps(capsys: pytest.CaptureFixture[str]) -> None:
    KMeans(**SEEDED, verbose=1, tol=0).fit(blobs())
    told = capsys.readouterr().out
    assert told.startswith("Initialization complete\nIteration 0, inertia ")
    assert told.endswith("strict convergence.\n")
