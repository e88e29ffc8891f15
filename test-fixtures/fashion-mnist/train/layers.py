"""The network, described once. Training, calibration, the integer reference and the exports all walk this list."""

from __future__ import annotations

from dataclasses import dataclass

INPUT_SHAPE = (1, 28, 28, 1)  # n, h, w, c


@dataclass(frozen=True)
class Layer:
    """One layer. Shapes are (n, h, w, c) for one image."""

    name: str
    op: str  # conv2d | depthwise | maxPool | add | globalAveragePool | fullyConnected
    inputs: tuple[str, ...]
    output_shape: tuple[int, int, int, int]
    kernel: int = 1
    stride: int = 1
    pad: int = 0
    relu: bool = False

    @property
    def has_weights(self) -> bool:
        return self.op in ("conv2d", "depthwise", "fullyConnected")


LAYERS = (
    Layer("conv1", "conv2d", ("input",), (1, 28, 28, 16), kernel=3, pad=1, relu=True),
    Layer("pool1", "maxPool", ("conv1",), (1, 14, 14, 16), kernel=2, stride=2),
    Layer("dw1", "depthwise", ("pool1",), (1, 14, 14, 16), kernel=3, pad=1, relu=True),
    Layer("pw1", "conv2d", ("dw1",), (1, 14, 14, 32), relu=True),
    Layer("pool2", "maxPool", ("pw1",), (1, 7, 7, 32), kernel=2, stride=2),
    Layer("conv2", "conv2d", ("pool2",), (1, 7, 7, 32), kernel=3, pad=1, relu=True),
    Layer("add1", "add", ("conv2", "pool2"), (1, 7, 7, 32)),
    Layer("dw2", "depthwise", ("add1",), (1, 7, 7, 32), kernel=3, pad=1, relu=True),
    Layer("pw2", "conv2d", ("dw2",), (1, 7, 7, 64), relu=True),
    Layer("gap", "globalAveragePool", ("pw2",), (1, 1, 1, 64)),
    Layer("fc", "fullyConnected", ("gap",), (1, 1, 1, 10)),
)


def shape_of(tensor: str) -> tuple[int, int, int, int]:
    """Shape (n, h, w, c) of a layer's output, or of "input"."""
    if tensor == "input":
        return INPUT_SHAPE
    return next(layer.output_shape for layer in LAYERS if layer.name == tensor)
