"""Drills on what is done with a tensor: arithmetic, products, memory, conversion."""

from __future__ import annotations

from gramian.labs.experiments._drills.drill import Rows

__all__ = ["ARITHMETIC"]

ARITHMETIC: Rows = {
    "entries": [
        (
            "squares of a column",
            "t = torch.tensor([[2.0], [3], [5]]); t * t",
            "t = torch.tensor([[2.0], [3], [5]]); t.T @ t",
            [[4], [9], [25]],
        ),
        ("squares of a matrix", "A**2", "A @ A.T", [[4, 9, 16], [25, 36, 49]]),
        ("sums", "u + v", "u - v", [3, 4, 6, 10]),
        ("differences", "u - v", "v - u", [-1, 0, 2, 6]),
        ("products", "u * v", "u @ v", [2, 4, 8, 16]),
        ("quotients", "u / v", "u // v", [0.5, 1, 2, 4]),
        ("powers", "u**v", "v**u", [1, 4, 16, 64]),
        (
            "two numbers",
            "a, b = torch.tensor([3.0, 2]); torch.stack([a + b, a * b, a / b, a**b])",
            "a, b = torch.tensor([3.0, 2]); torch.stack([a + b, a * b, a // b, a**b])",
            [5, 6, 1.5, 9],
        ),
        (
            "exponentials",
            "torch.exp(torch.arange(5.0))",
            "2 ** torch.arange(5.0)",
            [1, 2.7183, 7.3891, 20.0855, 54.5981],
        ),
        (
            "equal entries",
            "X == Y",
            "X != Y",
            [[False, True, False, True], [False] * 4, [False] * 4],
            "bool",
        ),
        (
            "larger entries",
            "torch.tensor([1, 2, 3]) > torch.tensor([0, 1, 2])",
            "torch.tensor([1, 2, 3]) < torch.tensor([0, 1, 2])",
            [True, True, True],
            "bool",
        ),
        ("the sum of all", "X.sum()", "X.sum(0)", 66),
        (
            "a number and a block",
            "[tuple((2 + Z).shape), tuple((2 * Z).shape)]",
            "[tuple((2 + Z).shape), tuple((2 * Z).sum(0).shape)]",
            [(2, 3, 4)] * 2,
            "",
        ),
    ],
    "products": [
        ("A Bᵀ", "A @ A.T", "A * A", [[29, 56], [56, 110]]),
        ("Aᵀ B", "A.T @ A", "A @ A.T", [[29, 36, 43], [36, 45, 54], [43, 54, 65]]),
        ("A B", "A @ A", "A @ A.T", "RuntimeError", ""),
        (
            "a batch",
            "M @ torch.arange(1.0, 13).reshape(3, 4).T",
            "M @ M[0]",
            [[[30, 70, 110], [70, 174, 278], [110, 278, 446]]] * 2,
        ),
        (
            "a matrix and a vector",
            "torch.arange(6.0).reshape(2, 3) @ w",
            "torch.arange(6.0).reshape(2, 3) * w",
            [5, 14],
        ),
        (
            "four rows and a vector",
            "torch.mv(torch.arange(12.0).reshape(4, 3), w)",
            "torch.arange(12.0).reshape(4, 3).sum(1)",
            [5, 14, 23, 32],
        ),
        ("an inner product", "torch.dot(w, torch.ones(3))", "w * torch.ones(3)", 3),
        (
            "an outer product",
            "u[:, None] @ w[None, :2]",
            "u[None, :2].T * w[2]",
            [[0, 1], [0, 2], [0, 4], [0, 8]],
        ),
        ("dot of two matrices", "torch.dot(A, A)", "(A * A).sum()", "RuntimeError", ""),
        (
            "a power",
            "torch.linalg.matrix_power(S, 2)",
            "S * S",
            [[14, 14, 26], [14, 20, 26], [26, 26, 50]],
        ),
    ],
    "memory": [
        (
            "Y = Y + X",
            "old = Y; Y = Y + X; same(old, Y)",
            "old = Y; Y += X; same(old, Y)",
            False,
            "",
        ),
        ("Y += X", "old = Y; Y += X; same(old, Y)", "old = Y; Y = Y + X; same(old, Y)", True, ""),
        (
            "Y[:] = X + Y",
            "old = Y; Y[:] = X + Y; same(old, Y)",
            "old = Y; Y = X + Y; same(old, Y)",
            True,
            "",
        ),
        ("a slice", "X[:2][:] = 0; X[0]", "X[:2].clone()[:] = 0; X[0]", [0, 0, 0, 0]),
        ("a view", "X.view(-1)[0] = 7; X[0]", "X.flatten().clone()[0] = 7; X[0]", [7, 1, 2, 3]),
        ("NumPy from a tensor", "w.numpy()[0] = 9; w", "w.numpy().copy()[0] = 9; w", [9, 1, 2]),
        (
            "a tensor from NumPy",
            "a = np.zeros(2); torch.from_numpy(a)[0] = 5; a.tolist()",
            "a = np.zeros(2); torch.tensor(a)[0] = 5; a.tolist()",
            [5.0, 0.0],
            "",
        ),
        (
            "to the device and back",
            "X.to(device).cpu()[1]",
            "X.to(device).cpu().T[1]",
            [4, 5, 6, 7],
        ),
    ],
    "numbers": [
        ("item", "torch.tensor([3.5]).item()", "torch.tensor([3.5])", 3.5, ""),
        (
            "of any shape with one entry",
            "torch.tensor([[3.5]]).item()",
            "torch.tensor([[3.5]])[0]",
            3.5,
            "",
        ),
        ("float", "float(torch.tensor([3.5]))", "int(torch.tensor([3.5]))", 3.5, ""),
        ("int", "int(torch.tensor([3.5]))", "round(3.5)", 3, ""),
        (
            "of two entries",
            "torch.tensor([3.5, 1]).item()",
            "torch.tensor([3.5, 1])[0].item()",
            "RuntimeError",
            "",
        ),
        (
            "whole numbers to float32",
            "torch.tensor([1, 2]).float()",
            "torch.tensor([1, 2]).double()",
            [1, 2],
            "float32",
        ),
        (
            "float32 to float16",
            "torch.tensor([1.5, 2]).half()",
            "torch.tensor([1.5, 2]).int()",
            [1.5, 2],
            "float16",
        ),
        (
            "float32 to float64",
            "torch.tensor([1.5, 2]).double()",
            "torch.tensor([1.5, 2])",
            [1.5, 2],
            "float64",
        ),
        ("Tensor([1])", "torch.Tensor([1])", "torch.tensor([1])", [1], "float32"),
        ("tensor([1])", "torch.tensor([1])", "torch.Tensor([1])", [1], "int64"),
    ],
}
