"""The learner's process: runs a submission and calls its functions, one request at a time.

Started as ``python -m gramian.labs.checking.worker`` with frames on standard input and output.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable
from typing import Any, BinaryIO

import numpy as np

from gramian.labs.checking.codec import decode, encode, read_frame, write_frame
from gramian.labs.checking.confinement import confine
from gramian.labs.checking.fixtures import find_fixture
from gramian.labs.checking.loading import Submission, told
from gramian.labs.checking.received import Fixture

__all__ = ["Worker", "main"]


class Worker:
    """Answers the requests "load" and "call"."""

    def __init__(self, send: Callable[[Any], None]) -> None:
        self._send = send
        self._arrays = "numpy"
        self._submission = Submission([])

    def load(self, request: dict[str, Any]) -> dict[str, Any]:
        """Run the cells; says each statement before it begins."""
        self._arrays = request["arrays"]
        _seed_everything(torch_too=self._arrays == "torch")
        self._send({"ready": True})
        self._submission = Submission(request["names"])
        failed = self._submission.run(
            request["cells"],
            set(request["skip"]),
            lambda cell, statement: self._send({"begin": (cell, statement)}),
        )
        failures = list(failed)
        versions = {name: list(found) for name, found in self._submission.versions.items()}
        return {"versions": versions, "failed": failures, "defined": self._submission.defined()}

    def call(self, request: dict[str, Any]) -> dict[str, Any]:
        """Call one version of a function with arguments of its own."""
        function = self._submission.versions[request["name"]][request["cell"]]
        arguments = [self._built(value) for value in request["arguments"]]
        before = [encode(value) for value in arguments]
        called = [function, *arguments] if request["through"] else arguments
        runner = find_fixture(request["through"]) if request["through"] else function
        try:
            value = runner(*called)
        except MemoryError:
            return {"lost": "memory"}
        except BaseException as error:  # SystemExit is an answer too, if a wrong one
            return {"lost": "memory"} if _is_out_of_memory(error) else {"raised": told(error)}
        changed = [i for i, value in enumerate(arguments) if encode(value) != before[i]]
        if request["changes"]:
            value = (value, *(arguments[i] for i in request["changes"]))
        # the value last: what is too much of it leaves the rest whole
        return {"changed": changed, "value": value}

    def _built(self, value: Any) -> Any:
        """Tensors where the exercise says so, and fixtures built."""
        if isinstance(value, Fixture):
            options = {key: self._built(option) for key, option in value.options.items()}
            return find_fixture(value.name)(**options)
        if isinstance(value, tuple | list):
            return type(value)(self._built(item) for item in value)
        if isinstance(value, dict):
            return {key: self._built(item) for key, item in value.items()}
        if isinstance(value, np.ndarray) and self._arrays == "torch":
            import torch

            return torch.from_numpy(np.asarray(value))
        return value


def _is_out_of_memory(error: BaseException) -> bool:
    text = str(error)
    return "DefaultCPUAllocator" in text or "Cannot allocate memory" in text


def _seed_everything(*, torch_too: bool) -> None:
    """Make what a submission draws from global generators repeatable."""
    import random

    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 # the global state of this process is the learner's
    if torch_too:
        import torch

        torch.manual_seed(0)


def _own_streams() -> tuple[BinaryIO, BinaryIO]:
    """Requests and answers on descriptors of their own; what a submission prints goes nowhere."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    return requests, answers


def main() -> None:
    """Serve until the other side closes."""
    requests, answers = _own_streams()

    def send(message: Any) -> None:
        write_frame(answers, encode(message))

    warnings.simplefilter("ignore")
    worker = Worker(send)
    confine(int(sys.argv[1]))
    while frame := read_frame(requests):
        request = decode(frame)
        send(getattr(worker, request["do"])(request))


if __name__ == "__main__":
    main()
