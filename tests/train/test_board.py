"""Points, artists and faces of the board."""

from __future__ import annotations

import io
import math
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from tests.train.conftest import classes_table, line_table

from gramian import train as d2l
from gramian.train import _board, _faces


def test_windows_of_points() -> None:
    board = d2l.ProgressBoard("x", display=False)
    for i in range(100):
        x = i / 10
        board.draw(x, math.sin(x), "sin", every_n=2)
        board.draw(x, math.cos(x), "cos", every_n=10)
    assert {name: len(points) for name, points in board.data.items()} == {"sin": 50, "cos": 10}
    assert board.data["sin"][0].x == pytest.approx(0.05)
    assert board.data["sin"][0].y == pytest.approx((math.sin(0) + math.sin(0.1)) / 2)


def test_every_series_is_drawn_and_no_line_twice() -> None:
    board = d2l.ProgressBoard(display=False, xlabel="t", ylabel="v", ylim=(0, 9), yscale="linear")
    for i in range(6):
        for x in range(5):
            board.draw(x, x + i, f"series {i}", every_n=0)
        assert len(board.figure.axes[0].lines) == i + 1
    lines = board.figure.axes[0].lines
    for i, line in enumerate(lines):
        assert list(line.get_ydata()) == [i + x for x in range(5)]
    board.draw(5, 0, "series 0")
    assert board.figure.axes[0].lines[0] is lines[0]
    assert len(lines[0].get_ydata()) == 6
    assert len({(line.get_color(), line.get_linestyle()) for line in lines}) == 6
    assert board.figure.axes[0].get_ylim() == (0, 9)
    assert board.figure.axes[0].get_xlabel() == "t"


def test_given_axes_and_colours(tmp_path: Any) -> None:
    from gramian.plot import style

    ax = style.figure().add_subplot()
    board = d2l.ProgressBoard(axes=ax, colors=["red"], yscale="log", display=False)
    board.draw(1, 10.0, "a")
    board.draw(2, 100.0, "a")
    assert board.figure is ax.figure
    assert ax.get_yscale() == "log"
    assert ax.lines[0].get_color() == "red"
    board.save(tmp_path / "board.svg")
    assert b"<svg" in (tmp_path / "board.svg").read_bytes()


@pytest.mark.parametrize("batch_size", [8, 100])
def test_the_board_of_a_run_can_be_had_afterwards(batch_size: int) -> None:
    data = classes_table(batch_size=batch_size)
    model = d2l.SoftmaxRegression(3, lr=0.1)
    history = d2l.Trainer(4).fit(model, data)
    board = model.board
    assert set(board.data) == {"train_loss", "val_loss", "val_acc"}
    assert [p.y for p in board.data["val_acc"]] == history["val_acc"]
    # one batch per epoch gives one point per epoch, and not none
    assert len(board.data["train_loss"]) == (4 if batch_size == 100 else 10)
    assert board.figure.axes[0].get_xlim() == (0, 4)
    assert board.figure.axes[0].get_xlabel() == "epoch"


def test_off_unless_somebody_watches(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    trainer = d2l.Trainer(2)
    trainer.fit(d2l.LinearRegression(0.1), line_table())
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    trainer.fit(d2l.LinearRegression(0.1), line_table())
    assert "epoch 2/2" in sys.stderr.getvalue()  # type: ignore[attr-defined]  # a stand-in has it
    sys.stderr.truncate(0)
    d2l.Trainer(2, board=False).fit(d2l.LinearRegression(0.1), line_table())
    assert sys.stderr.getvalue().strip("\0") == ""  # type: ignore[attr-defined]  # a stand-in has it


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    history = d2l.Trainer(2, board=True).fit(d2l.LinearRegression(0.1), line_table())
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("epoch 2/2  train_loss ")
    assert lines[1].endswith(f"val_loss {history['val_loss'][-1]:.4g}")


def test_a_terminal_line(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setattr(_board, "INTERVAL", 0.0)
    monkeypatch.setattr(_board, "SHARE", 0)
    d2l.Trainer(3, board=True).fit(d2l.LinearRegression(0.1), line_table())
    text = stream.getvalue()
    assert "epoch 2/3, batch 4/5" in text
    assert "val_loss █▁ " in text
    assert "epoch 3/3" in text


def test_bars() -> None:
    assert _faces.bars([1.0, 2.0, 3.0]) == "▁▄█" or _faces.bars([1.0, 2.0, 3.0]) == "▁▅█"
    assert _faces.bars([2.0, 2.0]) == "▁▁"
    assert _faces.bars([math.nan, 1.0, 2.0]) == "▁█"
    assert _faces.bars([math.nan]) == ""
    assert len(_faces.bars(range(100))) == 12


class Notebook:
    """What a notebook's kernel would be asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.shown: list[bytes] = []
        self.updated: list[bytes] = []
        ipython, display = ModuleType("IPython"), ModuleType("IPython.display")
        ipython.get_ipython = lambda: SimpleNamespace(kernel=1)  # type: ignore[attr-defined]  # a stand-in has it
        display.Image = lambda data: data  # type: ignore[attr-defined]  # a stand-in has it
        display.display = self._display  # type: ignore[attr-defined]  # a stand-in has it
        monkeypatch.setitem(sys.modules, "IPython", ipython)
        monkeypatch.setitem(sys.modules, "IPython.display", display)

    def _display(self, image: bytes, display_id: bool = False) -> Any:
        self.shown.append(image)
        return SimpleNamespace(update=self.updated.append)


def test_a_notebook_has_one_picture_that_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = Notebook(monkeypatch)
    monkeypatch.setattr(_board, "INTERVAL", 0.0)
    monkeypatch.setattr(_board, "SHARE", 0)
    d2l.Trainer(2).fit(d2l.LinearRegression(0.1), line_table())
    assert len(notebook.shown) == 1
    assert notebook.shown[0][:4] == b"\x89PNG"
    assert len(notebook.updated) == 2 * 5 + 2  # ten steps, two epochs and the end, less the first
    assert len(set(notebook.updated)) > 2


def test_a_notebook_shows_quick_pictures_and_drawn_points(monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = Notebook(monkeypatch)
    d2l.plot(np.arange(3.0), np.arange(3.0))
    assert len(notebook.shown) == 1
    board = d2l.ProgressBoard()
    board.draw(0, 0, "a")
    board.draw(1, 0, "a")  # too soon for another picture
    assert (len(notebook.shown), len(notebook.updated)) == (2, 0)
    d2l.ProgressBoard(display=False).draw(0, 0, "a")
    assert len(notebook.shown) == 2


def test_drawing_rests_in_proportion(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("gramian.train._board.time.perf_counter", lambda: now[0])

    class Slow:
        def show(self, *_: Any, **__: Any) -> None:
            now[0] += 2.0

    board = d2l.ProgressBoard()
    board._face = Slow()  # type: ignore[assignment]  # a stand-in
    board._show("", epoch_done=False)
    assert board._due == 2.0 + 40 * 2.0
