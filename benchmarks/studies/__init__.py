"""Studies of what a single ratio cannot show: scale, cost, agreement, correctness, growth."""
