"""The errors that gramian adds to Python's own.

Bad parameters raise ``ValueError`` or ``TypeError``; these classes exist only
where a caller may want to tell one failure from another.
"""

__all__ = ["BackendUnavailableError", "DataError", "MemoryBudgetError"]


class MemoryBudgetError(MemoryError):
    """No plan fits the memory budget; raised before any work is done.

    Attributes
    ----------
    needed : int
        The least budget, in bytes, that would do.
    budget : int
        The budget in force, in bytes.
    """

    def __init__(self, message: str, *, needed: int, budget: int) -> None:
        super().__init__(message)
        self.needed, self.budget = needed, budget

    def __reduce__(self) -> tuple:
        return _rebuild_memory_error, (str(self), self.needed, self.budget)


def _rebuild_memory_error(message: str, needed: int, budget: int) -> MemoryBudgetError:
    return MemoryBudgetError(message, needed=needed, budget=budget)


class BackendUnavailableError(RuntimeError):
    """No backend, or not the one that was named, can run this call."""


class DataError(ValueError):
    """A table, image file or data set cannot be read, or is not what it claims to be."""
