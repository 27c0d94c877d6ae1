"""Arguments that become attributes, and methods added to a class later."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

__all__ = ["HyperParameters", "add_to_class"]

F = TypeVar("F", bound=Callable[..., Any])


def add_to_class(cls: type) -> Callable[[F], F]:
    """A decorator that adds a function to a class that exists already.

    Parameters
    ----------
    cls : type
        Also its instances made so far get the method.

    Returns
    -------
    decorator : callable
        Returns the function, so that its name keeps its meaning.

    Examples
    --------
    >>> from gramian.train import add_to_class
    >>> class Counter:
    ...     count = 0
    >>> counter = Counter()
    >>> @add_to_class(Counter)
    ... def step(self):
    ...     self.count += 1
    >>> counter.step(); counter.count
    1
    """

    def add(function: F) -> F:
        setattr(cls, function.__name__, function)
        return function

    return add


class HyperParameters:
    """Keeps the arguments of a constructor as attributes.

    Attributes
    ----------
    hparams : dict
        Name to value, of every call so far.
    """

    hparams: dict[str, Any]

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...  # what save_hyperparameters sets

    def save_hyperparameters(self, ignore: Iterable[str] = ()) -> None:
        """Keep the arguments of the calling method as attributes and in ``hparams``.

        Parameters
        ----------
        ignore : iterable of str, default=()
            Names to leave out. Names that begin with an underscore are left out too.

        Notes
        -----
        Takes arguments only, with the values they have at the moment of the call; other local
        variables are not kept.

        Examples
        --------
        >>> from gramian.train import HyperParameters
        >>> class Net(HyperParameters):
        ...     def __init__(self, width, depth, name):
        ...         self.save_hyperparameters(ignore=["name"])
        >>> net = Net(50, 8, "residual")
        >>> net.width, net.hparams
        (50, {'width': 50, 'depth': 8})
        """
        here = inspect.currentframe()
        caller = here.f_back if here is not None else None
        if caller is None:
            raise RuntimeError("save_hyperparameters: the interpreter must have stack frames.")
        names, varargs, varkw, values = inspect.getargvalues(caller)
        names = [*names, *(name for name in (varargs, varkw) if name is not None)]
        left_out = set(ignore)
        given = {
            name: values[name]
            for name in names
            if name not in left_out and not name.startswith("_") and values[name] is not self
        }
        self.hparams = {**getattr(self, "hparams", {}), **given}
        for name, value in given.items():
            setattr(self, name, value)
