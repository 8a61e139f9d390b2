"""Muon for the hidden matrices, AdamW for the rest, under one schedule."""

import torch
from torch import Tensor, nn

MUON_RATE, MUON_MOMENTUM, MUON_DECAY = 0.02, 0.95, 0.05
ADAM_RATE = 3e-3


def _orthogonal(matrices: Tensor, steps: int) -> Tensor:
    """[N, rows, columns] -> nearly the closest (semi-)orthogonal matrices, by Newton-Schulz steps."""
    wide = matrices if matrices.shape[1] <= matrices.shape[2] else matrices.transpose(1, 2)
    x = wide / (wide.flatten(1).norm(dim=1)[:, None, None] + 1e-7)
    for _ in range(steps):
        gram = x @ x.transpose(1, 2)
        x = 3.4445 * x + (-4.7750 * gram + 2.0315 * (gram @ gram)) @ x
    return x if wide is matrices else x.transpose(1, 2)


class Muon(torch.optim.Optimizer):
    """Momentum whose every update has singular values near 1; matrices of one shape go together."""

    def __init__(self, parameters: list[nn.Parameter], newton_steps: int):
        super().__init__(parameters, {"lr": MUON_RATE})
        self.newton_steps = newton_steps

    @torch.no_grad()
    def step(self) -> None:
        for group in self.param_groups:
            by_shape: dict[torch.Size, list[nn.Parameter]] = {}
            for parameter in group["params"]:
                if parameter.grad is not None:
                    by_shape.setdefault(parameter.shape, []).append(parameter)
            for shape, parameters in by_shape.items():
                updates = []
                for parameter in parameters:
                    state = self.state[parameter]
                    momentum = state.setdefault("momentum", torch.zeros_like(parameter))
                    momentum.lerp_(parameter.grad, 1 - MUON_MOMENTUM)
                    updates.append(parameter.grad.lerp(momentum, MUON_MOMENTUM))
                scale = group["lr"] * max(1.0, shape[0] / shape[1]) ** 0.5
                directions = _orthogonal(torch.stack(updates), self.newton_steps)
                for parameter, update in zip(parameters, directions):
                    parameter.mul_(1 - group["lr"] * MUON_DECAY).add_(update, alpha=-scale)


def make(model: nn.Module) -> list[torch.optim.Optimizer]:
    """Embeddings, head, router and norms are AdamW's: their rows are no maps between hidden states.

    With experts, five Newton-Schulz steps would be two fifths of the time of a training step.
    """
    named = list(model.named_parameters())
    hidden = [p for name, p in named if p.dim() == 2 and "layers" in name and "gate.weight" not in name]
    chosen = {id(p) for p in hidden}
    rest = [p for _, p in named if id(p) not in chosen]
    newton_steps = 5 if model.config.num_local_experts is None else 3
    optimizers = [Muon(hidden, newton_steps),
                  torch.optim.AdamW(rest, lr=ADAM_RATE, betas=(0.9, 0.98), weight_decay=0.0)]
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["peak"] = group["lr"]
    return optimizers


def set_rate(optimizers: list[torch.optim.Optimizer], fraction: float) -> None:
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = group["peak"] * fraction
