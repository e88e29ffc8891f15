"""The float network: training with batch normalisation, folding that away, evaluating the folded graph."""

from __future__ import annotations

import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from layers import LAYERS, Layer, shape_of

Folded = dict[str, tuple[torch.Tensor, torch.Tensor]]  # layer name -> weights (O, I/groups, Kh, Kw), bias (O)


def apply_layer(layer: Layer, inputs: list[torch.Tensor], weighted: nn.Module | None) -> torch.Tensor:
    """One layer on NCHW tensors; `weighted` is the convolution (with or without batch normalisation)."""
    if weighted is not None:
        y = weighted(inputs[0])
        return F.relu(y) if layer.relu else y
    if layer.op == "maxPool":
        return F.max_pool2d(inputs[0], layer.kernel, layer.stride)
    if layer.op == "add":
        return inputs[0] + inputs[1]
    assert layer.op == "globalAveragePool"
    return inputs[0].mean((2, 3), keepdim=True)


class Network(nn.Module):
    """The layer list as a trainable module. The fully connected layer is a 1x1 convolution on a 1x1 map."""

    def __init__(self) -> None:
        super().__init__()
        self.weighted = nn.ModuleDict()
        for layer in LAYERS:
            if not layer.has_weights:
                continue
            channels_in, channels_out = shape_of(layer.inputs[0])[3], layer.output_shape[3]
            last = layer.op == "fullyConnected"
            conv = nn.Conv2d(
                channels_in,
                channels_out,
                layer.kernel,
                layer.stride,
                layer.pad,
                groups=channels_in if layer.op == "depthwise" else 1,
                bias=last,
            )
            self.weighted[layer.name] = conv if last else nn.Sequential(conv, nn.BatchNorm2d(channels_out))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        values = {"input": x}
        for layer in LAYERS:
            weighted = self.weighted[layer.name] if layer.has_weights else None
            values[layer.name] = apply_layer(layer, [values[name] for name in layer.inputs], weighted)
        return values["fc"].flatten(1)


def to_float(images: np.ndarray) -> torch.Tensor:
    """uint8 (count, 28, 28) -> float (count, 1, 28, 28) in 0..1: exactly what the int8 input stands for."""
    return torch.from_numpy(images.astype(np.float32) / np.float32(255)).unsqueeze(1)


def augment(batch: torch.Tensor) -> torch.Tensor:
    """Mirror half of the images and shift all by up to one pixel; clothes stay what they are."""
    mirrored = torch.where(torch.rand(len(batch), 1, 1, 1) < 0.5, batch, batch.flip(3))
    down, right = torch.randint(0, 3, (2,)).tolist()
    return F.pad(mirrored, (1, 1, 1, 1))[:, :, down : down + 28, right : right + 28]


def train(images: np.ndarray, labels: np.ndarray, seed: int, epochs: int, batch_size: int = 128) -> Network:
    """Train for a fixed number of epochs; no test image takes part, the last weights are the result."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)  # one thread: sums are always formed in the same order
    torch.use_deterministic_algorithms(True)
    x, y = to_float(images), torch.from_numpy(labels.astype(np.int64))
    network = Network()
    steps = len(x) // batch_size
    optimiser = torch.optim.AdamW(network.parameters(), lr=1e-2, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=1e-2, total_steps=epochs * steps)
    started = time.monotonic()
    for epoch in range(epochs):
        order, total = torch.randperm(len(x)), 0.0
        for step in range(steps):
            pick = order[step * batch_size : (step + 1) * batch_size]
            loss = F.cross_entropy(network(augment(x[pick])), y[pick])
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
            schedule.step()
            total += float(loss.detach())
        print(f"epoch {epoch + 1}/{epochs}: loss {total / steps:.4f}, {time.monotonic() - started:.0f} s", flush=True)
    return network.eval()


@torch.no_grad()
def fold(network: Network) -> Folded:
    """Fold each batch normalisation into the convolution before it."""
    folded: Folded = {}
    for name, module in network.weighted.items():
        if isinstance(module, nn.Sequential):
            conv, norm = module
            gain = (norm.weight.double() / torch.sqrt(norm.running_var.double() + norm.eps)).detach()
            weights = conv.weight.double() * gain[:, None, None, None]
            bias = norm.bias.double() - norm.running_mean.double() * gain
        else:
            weights, bias = module.weight, module.bias
        folded[name] = (weights.detach().float(), bias.detach().float())
    return folded


@torch.no_grad()
def run(folded: Folded, images: np.ndarray) -> dict[str, torch.Tensor]:
    """All tensors (NCHW, float) of the folded network for uint8 images."""
    values = {"input": to_float(images)}
    for layer in LAYERS:
        inputs = [values[name] for name in layer.inputs]

        def weighted(x: torch.Tensor, layer: Layer = layer) -> torch.Tensor:
            weights, bias = folded[layer.name]
            groups = x.shape[1] if layer.op == "depthwise" else 1
            return F.conv2d(x, weights, bias, layer.stride, layer.pad, groups=groups)

        values[layer.name] = apply_layer(layer, inputs, weighted if layer.has_weights else None)
    return values


def accuracy(folded: Folded, images: np.ndarray, labels: np.ndarray, batch_size: int = 500) -> int:
    """Number of images that the folded float network classifies correctly."""
    correct = 0
    for at in range(0, len(images), batch_size):
        logits = run(folded, images[at : at + batch_size])["fc"].flatten(1).numpy()
        correct += int((logits.argmax(1) == labels[at : at + batch_size]).sum())
    return correct
