"""What a run has measured: values of the method, of the controls, and pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from gramian._validation import _message, check_choice
from gramian.labs.frame.animation import Animation
from gramian.labs.frame.context import Context
from gramian.labs.frame.drawing import Draw, DrawFrame, Drawing
from gramian.labs.frame.statistics import Estimate
from gramian.labs.frame.values import as_plain

__all__ = ["Figure", "Measurement", "Result"]

T = TypeVar("T")


@dataclass(frozen=True)
class Measurement:
    """A value of the method, its unit, and how far it may differ on another machine."""

    id: str
    estimate: Estimate
    unit: str = ""
    tolerance: float = 1e-6


@dataclass(frozen=True)
class Figure:
    """A picture with its words and numbers; `picture` is a display, a drawing or an animation."""

    id: str
    picture: Any
    title: str
    alt: str
    caption: str
    data: dict[str, list[Any]] | None


@dataclass
class Result:
    """What `run` fills and returns. Nothing is judged here.

    Parameters
    ----------
    context : Context

    Examples
    --------
    >>> from gramian.labs import Context, Result, get_lab
    >>> result = Result(Context(get_lab("deep-sets")))
    >>> result.measure("error", 2e-16)
    >>> result.measurements["error"].estimate.value
    2e-16
    """

    context: Context
    measurements: dict[str, Measurement] = field(default_factory=dict, init=False)
    observed: dict[str, Estimate] = field(default_factory=dict, init=False)
    figures: dict[str, Figure] = field(default_factory=dict, init=False)
    warnings: list[str] = field(default_factory=list, init=False)
    skipped: dict[str, str] = field(default_factory=dict, init=False)

    def measure(self, id: str, value: Any, *, unit: str = "", tolerance: float = 1e-6) -> None:
        """Record a value of the method.

        Parameters
        ----------
        id : str
        value : bool, number, text, list of these, array, or Estimate
        unit : str, default=""
        tolerance : float, default=1e-6
            Difference between machines that `compare` allows, relative to max(1, abs(value)).
        """
        self._check_new(id, self.measurements)
        self.measurements[id] = Measurement(id, self._estimate(value), unit, tolerance)

    def control(self, id: str, value: Any) -> None:
        """Record what a control showed, in the measure of its claim."""
        check_choice(id, "control", self._caller, [c.id for c in self.context.lab.controls])
        self._check_new(id, self.observed)
        self.observed[id] = self._estimate(value)

    def contrast(
        self,
        id: str,
        cases: Mapping[str, T],
        measure: Callable[[T], Any],
        *,
        unit: str = "",
        tolerance: float = 1e-6,
    ) -> None:
        """Measure the method and its controls in the same way.

        Parameters
        ----------
        id : str
            Of the measurement.
        cases : mapping
            The first is the method, the others bear the ids of controls. A planted fault takes
            the place of the first.
        measure : callable
            From a case to a value.
        unit, tolerance
            As in `measure`.
        """
        found = {name: self._estimate(measure(case)) for name, case in cases.items()}
        self.measure(id, self.context.method(found), unit=unit, tolerance=tolerance)
        for name in list(cases)[1:]:
            self.control(name, found[name])

    def figure(
        self,
        id: str,
        picture: Any,
        *,
        title: str,
        alt: str = "",
        data: Mapping[str, Sequence[Any]] | None = None,
        caption: str = "",
        size: tuple[float, float] = (5.6, 4.0),
        panels: tuple[int, int] = (1, 1),
    ) -> None:
        """Add a picture.

        Parameters
        ----------
        id : str
        picture : display of `gramian.plot`, or callable
            ``draw(ax, theme)`` draws onto axes, or an array of axes where there are several
            panels.
        title : str
        alt : str
            The picture in words; a display describes itself.
        data : mapping of column name to values, default=None
            The numbers behind it; a display brings its own.
        caption : str, default=""
        size : tuple of two float, default=(5.6, 4.0)
            Width and height in inches of a drawn picture.
        panels : tuple of two int, default=(1, 1)
            Rows and columns of axes.
        """
        if not hasattr(picture, "themed"):
            draw: Draw = picture
            picture = Drawing(draw, size, panels)
        else:
            alt = alt or picture.describe()
            data = picture.columns() if data is None else data
        self._add(id, picture, title, alt, caption, data)

    def animation(
        self,
        id: str,
        draw: DrawFrame,
        *,
        frames: Sequence[str],
        title: str,
        alt: str,
        data: Mapping[str, Sequence[Any]] | None = None,
        caption: str = "",
        size: tuple[float, float] = (5.6, 4.0),
        panels: tuple[int, int] = (1, 1),
        seconds: float = 0.4,
    ) -> None:
        """Add a moving picture that the reader steps through, or a slider.

        Parameters
        ----------
        draw : callable
            ``draw(ax, theme, frame)`` with the number of the frame.
        frames : sequence of str
            A label for each frame. The last one stands still until another is chosen.
        seconds : float, default=0.4
            Of each frame when played.
        id, title, alt, data, caption, size, panels
            As in `figure`.
        """
        moving = Animation(draw, list(frames), size, panels, seconds)
        self._add(id, moving, title, alt, caption, data)

    def warn(self, text: str) -> None:
        """Tell the reader something that the numbers do not say."""
        self.warnings.append(text)

    def skip(self, id: str, why: str) -> None:
        """Leave a claim or a control out: it is "not_applicable" here."""
        lab = self.context.lab
        ids = [*(claim.id for claim in lab.claims), *(control.id for control in lab.controls)]
        check_choice(id, "id", self._caller, ids)
        self.skipped[id] = why

    @property
    def _caller(self) -> str:
        return f"Result of {self.context.lab.name}"

    def _estimate(self, value: Any) -> Estimate:
        if not isinstance(value, Estimate):
            value = Estimate(value)
        return replace(value, value=as_plain(value.value, self._caller))

    def _check_new(self, id: str, known: Mapping[str, Any]) -> None:
        if id in known:
            raise ValueError(_message(self._caller, "id", "given once", id))

    def _add(
        self,
        id: str,
        picture: Any,
        title: str,
        alt: str,
        caption: str,
        data: Mapping[str, Sequence[Any]] | None,
    ) -> None:
        self._check_new(id, self.figures)
        if not alt:
            remedy = "Say in words what the picture shows."
            raise ValueError(_message(f"{self._caller}, {id}", "alt", "a text", alt, remedy))
        columns = None
        if data is not None:
            columns = {name: as_plain(list(part), self._caller) for name, part in data.items()}
            if len({len(column) for column in columns.values()}) > 1:
                lengths = {name: len(column) for name, column in columns.items()}
                raise ValueError(_message(self._caller, "data", "columns of one length", lengths))
        self.figures[id] = Figure(id, picture, title, alt, caption, columns)
