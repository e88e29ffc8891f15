"""Integer reference in numpy: the processor's arithmetic, on batches of NHWC int8 tensors."""

from __future__ import annotations

import numpy as np

from quantise import QuantisedLayer


def requantise(acc: np.ndarray, m: np.ndarray, s: np.ndarray) -> np.ndarray:
    """(int64(acc) * M + 2^(s-1)) >> s, elementwise; |acc| < 2^31 and M < 2^31, so nothing leaves int64."""
    assert np.abs(acc).max() < 2**31, "the int32 accumulator would wrap"
    m, s = np.asarray(m, np.int64), np.asarray(s, np.int64)
    return (acc.astype(np.int64) * m + (np.int64(1) << (s - 1))) >> s


def windows(x: np.ndarray, kernel: int, stride: int, pad: int) -> np.ndarray:
    """(n, h, w, c) -> (n, oh, ow, kh, kw, c); padding is 0, so x must have its zero point subtracted already."""
    x = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    view = np.lib.stride_tricks.sliding_window_view(x, (kernel, kernel), (1, 2))
    return view[:, ::stride, ::stride].transpose(0, 1, 2, 4, 5, 3)


def output(acc: np.ndarray, entries: np.ndarray, q: QuantisedLayer) -> np.ndarray:
    """Requantise, add the output's zero point, clamp."""
    y = q.output.zero_point + requantise(acc, entries[..., 1], entries[..., 2])
    return np.clip(y, *q.clamp).astype(np.int8)


def run_layer(q: QuantisedLayer, inputs: list[np.ndarray]) -> np.ndarray:
    """One layer: int8 (n, h, w, c) in, int8 (n, h, w, c) out."""
    layer, table = q.layer, q.table
    if layer.op == "maxPool":
        return windows(inputs[0], layer.kernel, layer.stride, 0).max((3, 4))
    # Sums of int8 products in float64 are exact below 2^53, and a matrix product in it is fast.
    x = [value.astype(np.float64) - quantisation.zero_point for value, quantisation in zip(inputs, q.inputs)]
    if layer.op == "add":
        a, b = (requantise(value, entry[1], entry[2]) for value, entry in zip(x, table))
        return output(a + b, table[2], q)
    if layer.op == "globalAveragePool":
        return output(x[0].sum((1, 2), keepdims=True), table[0], q)
    taps = windows(x[0], layer.kernel, layer.stride, layer.pad)
    assert q.weights is not None
    weights = q.weights.astype(np.float64)
    if layer.op == "depthwise":
        acc = (taps * weights[0]).sum((3, 4))
    else:
        acc = taps.reshape(*taps.shape[:3], -1) @ weights.reshape(len(weights), -1).T
    return output(acc + table[:, 0], table, q)


def run(network: list[QuantisedLayer], images: np.ndarray) -> dict[str, np.ndarray]:
    """All layers' outputs (NHWC int8) for int8 images (count, 28, 28)."""
    values = {"input": images[..., np.newaxis]}
    for q in network:
        values[q.layer.name] = run_layer(q, [values[name] for name in q.layer.inputs])
    return values


def accuracy(network: list[QuantisedLayer], images: np.ndarray, labels: np.ndarray, batch_size: int = 500) -> int:
    """Number of int8 images classified correctly; the lowest class wins a tie."""
    correct = 0
    for at in range(0, len(images), batch_size):
        logits = run(network, images[at : at + batch_size])["fc"].reshape(-1, 10)
        correct += int((logits.argmax(1) == labels[at : at + batch_size]).sum())
    return correct
