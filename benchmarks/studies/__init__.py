"""Studies of the kernel solvers that a single ratio cannot show: scale, cost, agreement, rank."""
