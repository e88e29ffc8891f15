"""Post-training quantisation to the processor's arithmetic: int8 asymmetric activations per tensor, int8 symmetric
weights per output channel, int32 bias, fixed-point multipliers (M, s)."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import torch

import floatnet
from layers import LAYERS, Layer, shape_of

INPUT_SCALE, INPUT_ZERO_POINT = 1 / 255, -128  # int8 = pixel - 128, real = pixel / 255
ADD_FRACTION_BITS = 20  # an addition's inputs are rescaled with this many bits below the point
NARROWEST_CHANNEL = 1e-3  # smallest weight range of a channel, relative to the tensor's: keeps s and the bias in range


@dataclass(frozen=True)
class Quantisation:
    """real = scale * (q - zero_point)"""

    scale: float
    zero_point: int


@dataclass
class QuantisedLayer:
    layer: Layer
    inputs: list[Quantisation]
    output: Quantisation
    clamp: tuple[int, int]
    table: np.ndarray  # int32 (entries, 4): bias, M, s, 0; empty for max pools
    weights: np.ndarray | None = None  # int8 (O, Kh, Kw, I); depthwise (1, Kh, Kw, C)
    weight_scales: list[float] = field(default_factory=list)  # one per output channel


def multiplier(real: float) -> tuple[int, int]:
    """(M, s) with M in [2^30, 2^31), s in 1..62 and M * 2^-s nearest to `real`."""
    mantissa, exponent = math.frexp(real)  # mantissa in [0.5, 1)
    m, s = round(mantissa * 2**31), 31 - exponent
    if m == 2**31:
        m, s = m // 2, s - 1
    if not (2**30 <= m < 2**31 and 1 <= s <= 62):
        raise ValueError(f"multiplier {real} does not fit (M={m}, s={s})")
    return m, s


def calibrate(folded: floatnet.Folded, images: np.ndarray, percentile: float) -> dict[str, Quantisation]:
    """Scale and zero point of each tensor from training images.

    A range reaches from the mean per-batch low percentile to the high one: single outliers don't cost all other
    values their precision. Zero is always representable, because padding and ReLU need it exactly."""
    lows: dict[str, list[float]] = {layer.name: [] for layer in LAYERS}
    highs: dict[str, list[float]] = {layer.name: [] for layer in LAYERS}
    for at in range(0, len(images), 250):
        for name, tensor in floatnet.run(folded, images[at : at + 250]).items():
            if name != "input":
                low, high = np.percentile(tensor.numpy(), [100 - percentile, percentile])
                lows[name].append(float(low))
                highs[name].append(float(high))
    ranges = {"input": Quantisation(INPUT_SCALE, INPUT_ZERO_POINT)}
    for layer in LAYERS:
        if layer.op == "maxPool":
            ranges[layer.name] = ranges[layer.inputs[0]]  # values pass unchanged
            continue
        low, high = min(0.0, float(np.mean(lows[layer.name]))), max(0.0, float(np.mean(highs[layer.name])))
        # float32 is what the ONNX model and a tensor descriptor can hold.
        scale = float(np.float32((high - low) / 255))
        ranges[layer.name] = Quantisation(scale, int(np.clip(round(-128 - low / scale), -128, 127)))
    return ranges


def quantise_weights(layer: Layer, weights: torch.Tensor, bias: torch.Tensor, x: Quantisation, y: Quantisation):
    """int8 weights in the processor's order, their scales and the per-channel table."""
    real = weights.double().numpy()  # O, I, Kh, Kw
    largest = np.abs(real).max((1, 2, 3))
    scales = np.float32(np.maximum(largest, largest.max() * NARROWEST_CHANNEL) / 127).astype(np.float64)
    q = np.clip(np.rint(real / scales[:, None, None, None]), -127, 127).astype(np.int8).transpose(0, 2, 3, 1)
    if layer.op == "depthwise":
        q = q.transpose(3, 1, 2, 0)  # (C, Kh, Kw, 1) -> (1, Kh, Kw, C)
    table = np.zeros((len(scales), 4), np.int64)
    table[:, 0] = np.rint(bias.double().numpy() / (x.scale * scales))
    table[:, 1:3] = [multiplier(x.scale * scale / y.scale) for scale in scales.tolist()]
    assert np.abs(table).max() < 2**31
    return np.ascontiguousarray(q), scales.tolist(), table.astype(np.int32)


def add_table(a: Quantisation, b: Quantisation, y: Quantisation) -> np.ndarray:
    """Entries a, b, out. Both inputs are brought to units of 2 * max(scale) / 2^20 before they are added, so the larger
    one is multiplied by 2^19 and |sum| < 2^29: no overflow, and about 20 bits of fraction for the final rounding."""
    unit = 2 * max(a.scale, b.scale) / 2**ADD_FRACTION_BITS
    return np.array([(0, *multiplier(real / unit), 0) for real in (a.scale, b.scale)] + [
        (0, *multiplier(unit / y.scale), 0)
    ], np.int32)


def quantise(folded: floatnet.Folded, images: np.ndarray, percentile: float) -> list[QuantisedLayer]:
    """The whole network; `images` (uint8, training set) are the calibration set."""
    tensors = calibrate(folded, images, percentile)
    result = []
    for layer in LAYERS:
        inputs, y = [tensors[name] for name in layer.inputs], tensors[layer.name]
        clamp = (y.zero_point if layer.relu else -128, 127)
        q = QuantisedLayer(layer, inputs, y, clamp, np.zeros((0, 4), np.int32))
        if layer.has_weights:
            q.weights, q.weight_scales, q.table = quantise_weights(layer, *folded[layer.name], inputs[0], y)
        elif layer.op == "add":
            q.table = add_table(inputs[0], inputs[1], y)
        elif layer.op == "globalAveragePool":
            _, h, w, _ = shape_of(layer.inputs[0])
            q.table = np.array([(0, *multiplier(inputs[0].scale / (y.scale * h * w)), 0)], np.int32)
        result.append(q)
    return result
