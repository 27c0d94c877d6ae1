"""Submissions to mnist-cnn."""

ALTERNATIVES = [
    """
import torch

@torch.no_grad()
def evaluate(model, batches):
    was = model.training
    model.train(False)
    hits = [(model(X).argmax(-1) == y).double() for X, y in batches]
    model.train(was)
    return torch.cat(hits).mean().item()

def train_epoch(model, batches, optimizer):
    losses = []
    for X, y in batches:
        optimizer.zero_grad(set_to_none=True)
        each = torch.nn.CrossEntropyLoss(reduction="none")(model(X), y)
        each.mean().backward()
        optimizer.step()
        losses += each.tolist()
    return sum(losses) / len(losses)
""",
    """
import torch

def evaluate(model, batches):
    model.eval()
    weighted = 0.0
    for X, y in batches:
        with torch.inference_mode():
            accuracy = (torch.max(model(X), 1)[1] == y).double().mean()
        weighted += float(accuracy) * y.numel()
    return weighted / sum(y.numel() for _, y in batches)

def train_epoch(model, batches, optimizer):
    model.train()
    loss_sum, n = torch.zeros((), dtype=torch.float64), 0
    for X, y in batches:
        for p in model.parameters():
            p.grad = None
        logs = model(X).log_softmax(1)
        loss = torch.nn.functional.nll_loss(logs, y)
        loss.backward()
        optimizer.step()
        loss_sum += loss.detach() * len(X)
        n += len(X)
    return loss_sum / n
""",
]

_EVALUATE = """
def evaluate(model, batches):
    model.eval()
    accuracies = []
    for i, (X, y) in enumerate(batches):
        accuracies.append((model(X).argmax(1) == y).double().mean().item())
    return sum(accuracies) / {count}
"""
_EPOCH = """
def train_epoch(model, batches, optimizer):
    total = 0.0
    for i, (X, y) in enumerate(batches):
        loss = torch.nn.functional.cross_entropy(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    return total / {count}
"""

MUTANTS = {
    ("evaluate", "sum over the last index"): _EVALUATE.format(count="i"),
    ("evaluate", "mean of batch means"): _EVALUATE.format(count="len(batches)"),
    ("evaluate", "return inside the loop"): """
def evaluate(model, batches):
    model.eval()
    right = total = 0
    for X, y in batches:
        right += (model(X).argmax(1) == y).sum().item()
        total += len(y)
        return right / total
""",
    ("evaluate", "training mode"): """
def evaluate(model, batches):
    model.train()
    right = sum((model(X).argmax(1) == y).sum().item() for X, y in batches)
    return right / sum(len(y) for _, y in batches)
""",
    ("train_epoch", "softmax before the cross-entropy"): """
def train_epoch(model, batches, optimizer):
    total = n = 0
    for X, y in batches:
        loss = torch.nn.functional.cross_entropy(model(X).softmax(1), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total, n = total + loss.item() * len(y), n + len(y)
    return total / n
""",
    ("train_epoch", "gradients accumulate"): """
def train_epoch(model, batches, optimizer):
    total = n = 0
    for X, y in batches:
        loss = torch.nn.functional.cross_entropy(model(X), y)
        loss.backward()
        optimizer.step()
        total, n = total + loss.item() * len(y), n + len(y)
    return total / n
""",
    ("train_epoch", "return inside the loop"): """
def train_epoch(model, batches, optimizer):
    for X, y in batches:
        loss = torch.nn.functional.cross_entropy(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()
""",
    ("train_epoch", "sum over the last index"): _EPOCH.format(count="i"),
    ("train_epoch", "mean of batch means"): _EPOCH.format(count="len(batches)"),
}
