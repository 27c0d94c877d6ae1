"""How far each layer moves under each transform, with intervals, floors and controls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from gramian._validation import _message, check_real
from gramian.plot import style
from gramian.plot._arrays import as_array
from gramian.plot._base import Display

__all__ = ["AuditDisplay"]

MOST_NAMED = 40
PARTLY = 0.5
"""Ratios above this are no invariance."""


class AuditDisplay(Display):
    """One line per layer, one mark with its interval per transform.

    0 is perfect, 1 is what chance gives. Hollow marks were judged "undecided", ticks below a mark
    are floors and crosses are negative controls.

    Parameters
    ----------
    layers, transforms : list of m str
    ratio, lower, upper : ndarray of shape (m,)
        nan where a layer is constant.
    verdicts : list of m str
    floor, control : ndarray of shape (m,)
        nan where there is none.
    delta : float
        The declared margin.

    Attributes
    ----------
    layers, transforms, ratio, lower, upper, verdicts, floor, control, delta
        As passed.

    Examples
    --------
    >>> from gramian.plot import AuditDisplay
    >>> display = AuditDisplay.from_predictions(
    ...     ["conv", "fc"], ["shift", "shift"], [0.02, 0.8], [0.01, 0.7], [0.03, 0.9],
    ...     verdicts=["invariant", "not invariant"])
    >>> display.describe()
    'Ratios of 2 layers under 1 transform: 1 invariant, 1 not invariant; margin 0.1.'
    """

    def __init__(
        self,
        layers: list[str],
        transforms: list[str],
        ratio: np.ndarray,
        lower: np.ndarray,
        upper: np.ndarray,
        *,
        verdicts: list[str],
        floor: np.ndarray,
        control: np.ndarray,
        delta: float,
    ) -> None:
        self.layers, self.transforms, self.verdicts = layers, transforms, verdicts
        self.ratio, self.lower, self.upper = ratio, lower, upper
        self.floor, self.control, self.delta = floor, control, delta

    @classmethod
    def from_predictions(
        cls,
        layers: Sequence[str],
        transforms: Sequence[str],
        ratio: Any,
        lower: Any,
        upper: Any,
        *,
        verdicts: Sequence[str],
        floor: Any = None,
        control: Any = None,
        delta: float = 0.1,
    ) -> Self:
        """A display of test results; `gramian.symmetry.audit` makes them.

        Parameters
        ----------
        layers, transforms : sequence of m str
            What was tested in each row.
        ratio, lower, upper : array of shape (m,)
            Ratios and their one-sided bounds; nan where a layer is constant.
        verdicts : sequence of m str
        floor, control : array of shape (m,), default=None
            nan where there is none.
        delta : float, default=0.1
            In (0, 0.5].

        Returns
        -------
        display : AuditDisplay

        Raises
        ------
        ValueError
            If lengths disagree, there is no row, or `delta` is out of range.
        """
        caller = f"{cls.__name__}.from_predictions"
        check_real(delta, "delta", caller, low=0, high=PARTLY, low_open=True)
        values = as_array(ratio, "ratio", caller, ndim=1)
        count = len(values)
        none = np.full(count, np.nan)
        given = {
            "lower": as_array(lower, "lower", caller, ndim=1),
            "upper": as_array(upper, "upper", caller, ndim=1),
            "floor": none if floor is None else as_array(floor, "floor", caller, ndim=1),
            "control": none if control is None else as_array(control, "control", caller, ndim=1),
        }
        names = {"layers": layers, "transforms": transforms, "verdicts": verdicts}
        for name, column in (given | names).items():
            if len(column) != count:
                raise ValueError(_message(caller, name, f"of length {count}", len(column)))
        texts = {name: [str(text) for text in column] for name, column in names.items()}
        return cls(
            texts["layers"],
            texts["transforms"],
            values,
            given["lower"],
            given["upper"],
            verdicts=texts["verdicts"],
            floor=given["floor"],
            control=given["control"],
            delta=delta,
        )

    def describe(self) -> str:
        """The picture in words, with how often each verdict was given."""
        layers, transforms = len(set(self.layers)), len(set(self.transforms))
        counted = {verdict: self.verdicts.count(verdict) for verdict in sorted(set(self.verdicts))}
        return (
            f"Ratios of {layers} layer{'s' * (layers > 1)} under {transforms} "
            f"transform{'s' * (transforms > 1)}: "
            f"{', '.join(f'{count} {verdict}' for verdict, count in counted.items())}; "
            f"margin {self.delta:g}."
        )

    def columns(self) -> Mapping[str, Sequence[Any]]:
        """Layer, transform, verdict, ratio, interval, floor and negative control."""
        return {
            "layer": self.layers,
            "transform": self.transforms,
            "verdict": self.verdicts,
            "ratio": [_shown(v) for v in self.ratio],
            "lower": [_shown(v) for v in self.lower],
            "upper": [_shown(v) for v in self.upper],
            "floor": [_shown(v) for v in self.floor],
            "control": [_shown(v) for v in self.control],
        }

    def _size(self) -> tuple[float, float]:
        rows = len(set(self.layers)) * (0.5 + 0.14 * len(set(self.transforms)))
        return style.NARROW, float(np.clip(rows + 1.6, 2.8, 14))

    def _draw(self, ax: Axes, theme: style.Theme) -> None:
        layers, transforms = list(dict.fromkeys(self.layers)), list(dict.fromkeys(self.transforms))
        step = 0.7 / len(transforms)
        for i in np.flatnonzero(np.isfinite(self.ratio)):
            rank = transforms.index(self.transforms[i])
            place = layers.index(self.layers[i]) + (rank - (len(transforms) - 1) / 2) * step
            color, marker = theme.color(rank), style.MARKERS[rank // 8 % len(style.MARKERS)]
            ax.plot([self.lower[i], self.upper[i]], [place, place], color=color, lw=2.4, zorder=2)
            face = theme.surface if self.verdicts[i] == "undecided" else color
            ax.plot(
                self.ratio[i], place, marker, color=color, mfc=face, ms=5.5, zorder=3, clip_on=False
            )
            ax.plot(self.floor[i], place, "|", color=theme.muted, ms=9, mew=1.6, zorder=1)
            ax.plot(self.control[i], place, "x", color=theme.noise, ms=5, zorder=1)
        for value, name in ((self.delta, "margin"), (PARTLY, "no invariance")):
            ax.axvline(value, color=theme.accent, linewidth=1.1, linestyle=(0, (4, 3)), zorder=0)
            ax.annotate(
                name,
                (value, 1),
                xycoords=("data", "axes fraction"),
                xytext=(0, 3),
                textcoords="offset points",
                ha="center",
                va="bottom",
                fontsize=8.5,
                color=theme.accent,
            )
        shown = np.concatenate([self.upper, self.control, self.floor, [1.0]])
        ax.set_xlim(0, 1.06 * float(np.nanmax(shown)))
        ax.set_ylim(len(layers) - 0.5, -0.5)
        few = len(layers) <= MOST_NAMED
        ax.set_yticks(
            range(len(layers)) if few else [], [style.plain(n) for n in layers] if few else []
        )
        ax.tick_params(axis="y", length=0)
        ax.grid(axis="x", color=theme.grid)
        ax.set_xlabel("distance to its own copy / distance to the others'")
        ax.set_ylabel("layer" if few else f"{len(layers)} layers")
        if len(transforms) > 1:
            keys = [_key(theme, rank, name) for rank, name in enumerate(transforms)]
            below: dict[str, Any] = {"bbox_to_anchor": (0.5, 0), "borderaxespad": 5.0, "ncols": 3}
            ax.legend(handles=keys, loc="upper center", **below)


def _shown(value: float) -> str:
    """A number of the table; empty for nan."""
    return f"{value:.3f}" if np.isfinite(value) else ""


def _key(theme: style.Theme, rank: int, name: str) -> Line2D:
    """An entry of the legend."""
    marker = style.MARKERS[rank // 8 % len(style.MARKERS)]
    color = theme.color(rank)
    return Line2D([], [], color=color, marker=marker, lw=2.4, ms=5.5, label=style.plain(name))
