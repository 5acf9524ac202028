"""Training a zero-inflated lognormal network: the only place that needs torch."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from patron.forecasts.methods.network import Network, Scale
from patron.ground.errors import ExtraMissing

if TYPE_CHECKING:
    import torch
    from torch import Tensor

FloatArray = NDArray[np.float64]
_BATCH = 512
_PATIENCE = 6
_KEPT_APART = 0.1
_LEAST_SIGMA, _MOST_SIGMA = 0.05, 2.0


def train(features: FloatArray, amount: FloatArray, knobs: Mapping[str, Any], seed: int) -> Network:
    """Return one network, learned by Adam on batches and stopped when customers kept apart show no progress.

    Args:
        features: shape (n_customers, n_features), NaN where absent.
        amount: shape (n_customers,), 0 or more.
        knobs: parameters of `ZeroInflatedLognormal`.
        seed: of coefficients, batches and of who is kept apart.
    """
    torch = _torch()
    torch.set_num_threads(int(knobs["n_jobs"]))
    chance = torch.Generator().manual_seed(seed)
    scale = Scale.learn(features)
    inputs = torch.tensor(scale(features), dtype=torch.float32)
    target = torch.tensor(amount, dtype=torch.float32)
    order = torch.randperm(len(target), generator=chance)
    n_apart = int(_KEPT_APART * len(target))
    apart, learned = order[:n_apart], order[n_apart:]
    net = _layers(torch, inputs.shape[1], tuple(knobs["hidden"]), chance)
    adam = torch.optim.AdamW(net.parameters(), lr=knobs["learning_rate"], weight_decay=knobs["shrinkage"])
    best, state, waited = math.inf, _copy(net), 0
    for _ in range(int(knobs["most_epochs"])):
        shuffled = learned[torch.randperm(len(learned), generator=chance)]
        for batch in shuffled.split(_BATCH):
            adam.zero_grad()
            _loss(torch, net(inputs[batch]), target[batch]).backward()
            adam.step()
        with torch.no_grad():
            watched = apart if n_apart >= 20 else learned
            now = float(_loss(torch, net(inputs[watched]), target[watched]))
        best, state, waited = (now, _copy(net), 0) if now < best - 1e-5 else (best, state, waited + 1)
        if waited >= _PATIENCE:
            break
    weights = tuple(np.ascontiguousarray(state[name].T, dtype=np.float64) for name in state if name.endswith("weight"))
    biases = tuple(state[name].astype(np.float64) for name in state if name.endswith("bias"))
    return Network(scale, weights, biases, "logistic")


def _torch() -> Any:
    try:
        import torch  # noqa: PLC0415  # heavy and optional: loaded when a network is learned
    except ImportError as error:
        raise ExtraMissing.named("deep", "Learning a ZeroInflatedLognormal network") from error
    return torch


def _layers(torch: Any, n_inputs: int, hidden: tuple[int, ...], chance: torch.Generator) -> Any:
    sizes = (n_inputs, *hidden, 3)
    layers: list[Any] = []
    for width_in, width_out in itertools.pairwise(sizes):
        layer = torch.nn.Linear(width_in, width_out)
        bound = 1.0 / math.sqrt(width_in)
        with torch.no_grad():
            layer.weight.uniform_(-bound, bound, generator=chance)
            layer.bias.zero_()
        layers += [layer, torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])


def _loss(torch: Any, outputs: Tensor, amount: Tensor) -> Any:
    bought = (amount > 0).to(outputs.dtype)
    whether = torch.nn.functional.binary_cross_entropy_with_logits(outputs[:, 0], bought)
    sigma = torch.clamp(torch.nn.functional.softplus(outputs[:, 2]), _LEAST_SIGMA, _MOST_SIGMA)
    logs = torch.log(torch.where(amount > 0, amount, torch.ones_like(amount)))
    how_much = bought * (
        logs + torch.log(sigma) + 0.5 * math.log(2 * math.pi) + (logs - outputs[:, 1]) ** 2 / (2 * sigma**2)
    )
    return whether + how_much.mean()


def _copy(net: Any) -> dict[str, FloatArray]:
    return {name: tensor.detach().numpy().copy() for name, tensor in net.state_dict().items()}
