"""Pictures of embeddings: what they store, what they refuse, and that they draw in both themes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gramian import KernelPCA
from gramian.plot import ComponentCorrelationDisplay, EmbeddingDisplay, SpectrumDisplay
from gramian.plot.embedding import MOST_CLASSES, OTHERS


def rows(n: int = 300, d: int = 4) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(n, d))


def test_classes_are_named_counted_and_coloured_apart() -> None:
    label = np.repeat(["b", "a"], [200, 100])
    display = EmbeddingDisplay.from_predictions(rows(), label=label, label_name="kind").plot()
    assert display.classes_ == ["a", "b"]
    legend = display.ax_.get_legend()
    assert legend.get_title().get_text() == "kind"
    assert [text.get_text() for text in legend.get_texts()] == ["a · 100", "b · 200"]
    drawn = [len(part.get_offsets()) for part in display.ax_.collections]
    assert drawn == [100, 200]
    assert "coloured by kind, 2 classes" in display.describe()
    assert set(display.themed()) == {"light", "dark"}


def test_many_classes_share_one_grey() -> None:
    label = np.arange(300) % 20
    display = EmbeddingDisplay.from_predictions(rows(), label=label.astype(str)).plot()
    assert display.classes_ is not None
    assert len(display.classes_) == MOST_CLASSES
    assert display.classes_[-1] == OTHERS
    assert sum(len(part.get_offsets()) for part in display.ax_.collections) == 300


@pytest.mark.parametrize("hole", [False, True])
def test_numbers_are_a_scale(hole: bool) -> None:
    label = np.linspace(0, 1, 300)
    label[:5] = np.nan if hole else 0.0
    display = EmbeddingDisplay.from_predictions(rows(), label=label, label_name="age").plot()
    assert display.classes_ is None
    assert "coloured by age on a scale" in display.describe()
    assert len(display.ax_.collections[0].get_offsets()) == (5 if hole else 0)
    few = EmbeddingDisplay.from_predictions(rows(3), label=np.array([1.5, np.nan, 1.5]))
    assert few.classes_ == ["1.5", "missing"]


@pytest.mark.parametrize("n", [1, 2, 25_000])
def test_one_component_and_few_or_many_rows(n: int) -> None:
    display = EmbeddingDisplay.from_predictions(np.zeros((n, 1))).plot()
    assert display.axis_names == ("component 1", "")
    assert "spread for legibility" in display.describe()


def test_displays_of_a_fitted_model() -> None:
    X = rows()
    model = KernelPCA(3).fit(X)
    embedding = EmbeddingDisplay.from_estimator(model, X)
    np.testing.assert_allclose(embedding.positions, model.transform(X)[:, :2])
    spectrum = SpectrumDisplay.from_estimator(model).plot()
    np.testing.assert_allclose(spectrum.cumulated[-1], model.explained_variance_ratio_.sum())
    assert spectrum.columns()["component"] == [1, 2, 3]
    assert len(spectrum.ax_.patches) == 3
    found = ComponentCorrelationDisplay.from_estimator(model, X, feature_names=list("abcd"))
    expected = np.corrcoef(model.transform(X).T, X.T)[:3, 3:]
    np.testing.assert_allclose(found.plot().correlation, expected, atol=1e-12)
    assert set(found.columns()) == {"component", *"abcd"}
    assert "strongest: component" in found.describe()


def test_columns_that_never_vary_and_empty_spectra_draw() -> None:
    X = rows(20)
    X[:, 1] = 7.1
    found = ComponentCorrelationDisplay.from_predictions(X, np.zeros((20, 2)))
    assert not found.plot().correlation.any()
    SpectrumDisplay.from_predictions([0.0, 0.0]).plot()
    wide = ComponentCorrelationDisplay.from_predictions(rows(20, 50), rows(20, 3)).plot()
    assert len(wide.shown_features) == 30


BAD: dict[str, tuple[Any, str]] = {
    "label": (lambda: EmbeddingDisplay.from_predictions(rows(), label=[1]), "label must be of"),
    "NaN": (lambda: EmbeddingDisplay.from_predictions([[np.nan]]), "embedding must be free of"),
    "share": (lambda: SpectrumDisplay.from_predictions([-0.1]), "shares must be at least 0"),
    "rows": (
        lambda: ComponentCorrelationDisplay.from_predictions(rows(), rows(9)),
        "embedding must be of 300 rows",
    ),
    "unfitted": (lambda: SpectrumDisplay.from_estimator(KernelPCA()), "must be a fitted object"),
    "no fit": (lambda: EmbeddingDisplay.from_estimator(KernelPCA(), rows()), "a fitted object"),
}


@pytest.mark.parametrize(("call", "message"), BAD.values(), ids=BAD)
def test_bad_input(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
