"""The exercise of autograd: derivatives taken twice, and code that hides a wrong one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import torch

from gramian.labs.checking import (
    Array,
    Exercise,
    Fixture,
    Function,
    Mistake,
    Number,
    Property,
    Tolerance,
    any_of,
    close,
    fails,
    like,
    modifies,
)
from gramian.labs.exercises._autograd import (
    all_at_once,
    claims,
    entries,
    fits,
    gradient,
    judged,
    points,
    slope,
    starts,
)
from gramian.labs.exercises._evidence import says, wrong_on


def grad(f: Callable, x: torch.Tensor) -> torch.Tensor:
    """The gradient (d,) of f at x (d,), by differences to both sides of every entry.

    f maps a tensor (d,) to one number. Right to 1e-5 where x is float64 and f is smooth.
    """
    h = 1e-5
    slopes = torch.zeros_like(x)
    for i in range(len(x)):
        step = torch.zeros_like(x)
        step[i] = h
        slopes[i] = (f(x + step) - f(x - step)) / (2 * h)
    return slopes


def is_gradient(f: Callable, x: torch.Tensor, g: torch.Tensor) -> bool:
    """Whether g (d,) is the gradient of f at x (d,), up to 1e-3 in every entry."""
    return bool(((g - grad(f, x)).abs() < 1e-3).all())


def f_slope(a: float) -> float:
    """The slope of this function at a, which is not 0.

    b begins as 2a and is doubled as long as |b| < 1000. The value is b, or 100 b where b < 0.
    """
    x = torch.tensor(a, dtype=torch.float64, requires_grad=True)
    b = 2 * x
    while b.abs() < 1000:
        b = 2 * b
    y = b if b > 0 else 100 * b
    return float(torch.autograd.grad(y, x)[0])


def detached_product(x: torch.Tensor) -> torch.Tensor:
    """The gradient (n,) of the sum of u x, by reverse mode, at x (n,).

    u = x² is computed from x, and is then held constant.
    """
    leaf = x.clone().requires_grad_()
    u = (leaf * leaf).detach()
    return torch.autograd.grad((u * leaf).sum(), leaf)[0]


_EVEN = Fixture("scalars.squares")

EXERCISE = Exercise(
    lab="autograd",
    title="Derivatives, taken twice",
    question="Does reverse mode give the true derivative, and when does code hide a wrong one?",
    background="""\
**Reverse mode** records every operation on tensors that ask for it (`requires_grad`), and
`y.backward()` walks back from the number `y` and *adds* $\\partial y / \\partial x$ to `x.grad`. So
two passes leave the sum of two gradients, unless `x.grad` is cleared in between. What has several
entries has no gradient but a table of them; its sum has one. `u.detach()` is `u` without its
history: a constant from then on, whatever it was made of. A loop or a branch is no obstacle: what
is recorded is the way that was taken.

**Differences** know nothing of all this. For a small $h$

$$\\frac{\\partial f}{\\partial x_i} \\approx \\frac{f(x + h e_i) - f(x - h e_i)}{2h},$$

with an error of the order $h^2$ from the bend of $f$, and one of the order $\\varepsilon / h$ from
rounding, where $\\varepsilon$ is about $10^{-16}$ in float64. To one side only, the first error is
of the order $h$.

Two ways that know nothing of each other, and agree, are seldom both wrong. But they agree up to
rounding: `==` between floats tests the rounding.
""",
    arrays="torch",
    imports="from collections.abc import Callable\n\nimport torch",
    functions=(
        Function(
            solution=grad,
            cases=points,
            axes={"x": "d"},
            returns=Array("d"),
            valid=fits,
            properties=(
                Property(
                    "where f(x) = f(-x), the gradient at -x is minus the one at x",
                    lambda F, f, x: close(F(_EVEN, -x), -F(_EVEN, x), 1e-9),
                    "Go the same step to both sides.",
                ),
            ),
            reference=gradient,
            tolerance=Tolerance(double=1e-5, single=1e-2),
            hint="How large is the step? Too large a one feels the bend of f, too small a one is "
            "lost in rounding.",
            mistakes=(
                Mistake(
                    "steps in place",
                    modifies("x"),
                    "After its step an entry has to go back, and not only nearly. Step on a copy.",
                ),
                Mistake(
                    "all entries at once",
                    like(all_at_once),
                    "A step moves one entry. What do the others do meanwhile?",
                ),
                Mistake(
                    "half of the way forgotten",
                    like(lambda f, x: 2 * gradient(f, x)),
                    "How far apart are both places?",
                ),
                Mistake(
                    "step lost in rounding",
                    like(lambda f, x: np.zeros_like(x)),
                    "Add your step to an entry, and compare: has it moved at all?",
                ),
                Mistake(
                    "one side only",
                    fails("where f(x) = f(-x), the gradient at -x is minus the one at x"),
                    "A step to one side feels the bend of f. Go to both sides.",
                ),
            ),
            task="Without `backward`: this one is to judge it.",
            example="grad(lambda x: (x * x).sum(), torch.tensor([1.0, 2.0], dtype=torch.float64))",
        ),
        Function(
            solution=is_gradient,
            cases=claims,
            axes={"x": "d", "g": "d"},
            returns=Number("boolean"),
            valid=fits,
            reference=judged,
            hint="Compare entry by entry, and all of them.",
            mistakes=(
                Mistake(
                    "exact float comparison",
                    wrong_on("rounding"),
                    "Two right ways differ in the last digits. How far may they be apart?",
                ),
                Mistake(
                    "one right entry is enough",
                    wrong_on("last entry", "cancel"),
                    "A gradient with one wrong entry is a wrong gradient.",
                ),
                Mistake(
                    "errors cancel",
                    wrong_on("cancel"),
                    "The sum of the errors can be nothing although none of them is.",
                ),
                Mistake(
                    "sign of the error forgotten",
                    wrong_on("last entry"),
                    "Too small by much is as wrong as too large by much.",
                ),
            ),
            task="Use `grad`.",
            example="""\
is_gradient(
        lambda x: (x * x).sum(), torch.tensor([1.0, 2.0], dtype=torch.float64),
        torch.tensor([2.0, 4.0], dtype=torch.float64),
    )""",
        ),
        Function(
            solution=f_slope,
            cases=starts,
            returns=Number(),
            reference=slope,
            hint="Write down every b for this a.",
            mistakes=(
                Mistake(
                    "value in place of the slope",
                    like(partial(slope, value=True)),
                    "On each piece the function is a line through the origin. Its slope is asked.",
                ),
                Mistake(
                    "branch forgotten",
                    like(partial(slope, above=1.0)),
                    "What happens to a negative b at the end?",
                ),
                Mistake(
                    "one round too many",
                    like(partial(slope, past=True)),
                    "Does the loop go on where its bound is reached exactly?",
                ),
                Mistake(
                    "first doubling forgotten",
                    like(partial(slope, begin=1.0)),
                    "Where a is large, the loop does not run at all. What is b then?",
                ),
            ),
            task="Write the function out, and let reverse mode walk through the loop.",
            example="f_slope(3.0)",
        ),
        Function(
            solution=detached_product,
            cases=entries,
            axes={"x": "n"},
            returns=Array("n"),
            reference=lambda x: x**2,
            mistakes=(
                Mistake(
                    "backward on a vector",
                    says("scalar outputs"),
                    "Several results have no gradient together. Their sum has one.",
                ),
                Mistake(
                    "nothing recorded",
                    says("does not require grad"),
                    "By what is the derivative taken? That tensor has to ask for it.",
                ),
                Mistake(
                    "not detached",
                    like(lambda x: 3 * x**2),
                    "u moves along with x here. What keeps it where it is?",
                ),
                Mistake(
                    "gradients accumulate",
                    any_of(like(lambda x: x**2 + 2 * x), like(lambda x: 2 * x**2)),
                    "Every backward adds to what the last one left. Clear it in between.",
                ),
            ),
            example="detached_product(torch.tensor([1.0, 2.0, 3.0]))",
        ),
    ),
)
