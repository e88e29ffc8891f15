#!/usr/bin/python3
"""Train the Fashion-MNIST network, quantise it and write every file of this fixture.

    apt-get install --no-install-recommends python3-torch python3-numpy python3-onnx dataset-fashion-mnist
    /usr/bin/python3 train/train.py              # train from the fixed seed (about 8 minutes on one core), then export
    /usr/bin/python3 train/train.py --from-float # only quantise and export again, from train/float.npz (seconds)

The first form also writes train/float.npz, the folded float weights. No test image takes part in training, calibration
or any choice; they are only counted at the end.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import torch

import dataset
import floatnet
import integer
import onnx_export
from layers import INPUT_SHAPE, LAYERS, shape_of
from quantise import INPUT_SCALE, INPUT_ZERO_POINT, QuantisedLayer, quantise

SEED = 20
EPOCHS = 16
CALIBRATION_IMAGES = 5000
CALIBRATION_PERCENTILE = 99.99
FIXTURE_IMAGES = 200

ROOT = Path(__file__).resolve().parent.parent
FLOAT_FILE = ROOT / "train" / "float.npz"


def save_float(folded: floatnet.Folded) -> None:
    arrays = {f"{name}.{part}": t.numpy() for name, pair in folded.items() for part, t in zip(("w", "b"), pair)}
    np.savez(FLOAT_FILE, **arrays)


def load_float() -> floatnet.Folded:
    with np.load(FLOAT_FILE) as file:
        return {
            layer.name: (torch.from_numpy(file[f"{layer.name}.w"]), torch.from_numpy(file[f"{layer.name}.b"]))
            for layer in LAYERS
            if layer.has_weights
        }


def describe(q: QuantisedLayer) -> dict[str, object]:
    """A layer's entry in model.json."""
    layer = q.layer
    inputs, output = onnx_export.layer_io(q)
    entry: dict[str, object] = {
        "name": layer.name,
        "op": layer.op,
        "inputs": list(layer.inputs),
        "inputShapes": [list(shape_of(name)) for name in layer.inputs],
        "outputShape": list(layer.output_shape),
        "kernel": [layer.kernel, layer.kernel],
        "stride": [layer.stride, layer.stride],
        "pad": {"top": layer.pad, "left": layer.pad, "bottom": layer.pad, "right": layer.pad},
        "activation": "relu" if layer.relu else "none",
        "inputScales": [i.scale for i in q.inputs],
        "inputZeroPoints": [i.zero_point for i in q.inputs],
        "outputScale": q.output.scale,
        "outputZeroPoint": q.output.zero_point,
        "clamp": {"lo": q.clamp[0], "hi": q.clamp[1]},
        "onnx": {"file": f"onnx/{layer.name}.onnx", "inputs": inputs, "output": output},
    }
    if q.weights is not None:
        entry["weights"] = {
            "file": f"{layer.name}.weights.bin",
            "shape": list(q.weights.shape),
            "scales": q.weight_scales,
        }
    if len(q.table):
        entry["table"] = {"file": f"{layer.name}.table.bin", "entries": len(q.table)}
    return entry


def write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n")


def export(
    network: list[QuantisedLayer], images: np.ndarray, labels: np.ndarray, accuracy: dict[str, dict[str, int]]
) -> None:
    """Everything but float.npz; `images` are the first int8 test images."""
    for q in network:
        if q.weights is not None:
            (ROOT / f"{q.layer.name}.weights.bin").write_bytes(q.weights.tobytes())
        if len(q.table):
            (ROOT / f"{q.layer.name}.table.bin").write_bytes(q.table.astype("<i4").tobytes())
    (ROOT / "images.bin").write_bytes(images.tobytes())
    (ROOT / "labels.bin").write_bytes(labels.tobytes())
    write_json(
        ROOT / "model.json",
        {
            "name": "fashion-mnist",
            "seed": SEED,
            "accuracy": accuracy,
            "classes": list(dataset.CLASS_NAMES),
            "input": {"shape": list(INPUT_SHAPE), "scale": INPUT_SCALE, "zeroPoint": INPUT_ZERO_POINT},
            "output": network[-1].layer.name,
            "images": {"file": "images.bin", "labels": "labels.bin", "count": len(images)},
            "onnx": {"file": "onnx/model.onnx", "inputs": ["input"], "output": network[-1].layer.name},
            "layers": [describe(q) for q in network],
        },
    )
    onnx_export.export(network, ROOT / "onnx")

    outputs = integer.run(network, images)
    expected = ROOT / "expected"
    expected.mkdir(exist_ok=True)
    (expected / "logits.bin").write_bytes(outputs["fc"].tobytes())

    def digest(values: np.ndarray) -> str:
        return hashlib.sha256(values.tobytes()).hexdigest()

    write_json(
        expected / "layers.sha256.json",
        {
            "allImages": {q.layer.name: digest(outputs[q.layer.name]) for q in network},
            "firstImage": {q.layer.name: digest(outputs[q.layer.name][:1]) for q in network},
        },
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("/usr/share/datasets/fashion-mnist"))
    parser.add_argument("--from-float", action="store_true", help="skip the training, read train/float.npz")
    options = parser.parse_args()

    torch.set_num_threads(1)
    train_images, train_labels = dataset.load(options.data, "train")
    test_images, test_labels = dataset.load(options.data, "t10k")
    if not options.from_float:
        save_float(floatnet.fold(floatnet.train(train_images, train_labels, SEED, EPOCHS)))
    folded = load_float()
    network = quantise(folded, train_images[:CALIBRATION_IMAGES], CALIBRATION_PERCENTILE)

    as_int8 = (test_images.astype(np.int16) + INPUT_ZERO_POINT).astype(np.int8)
    first = slice(0, FIXTURE_IMAGES)

    def count_correct(part: slice) -> dict[str, int]:
        return {
            "images": len(test_labels[part]),
            "floatCorrect": floatnet.accuracy(folded, test_images[part], test_labels[part]),
            "int8Correct": integer.accuracy(network, as_int8[part], test_labels[part]),
        }

    accuracy = {"testSet": count_correct(slice(None)), "fixture": count_correct(first)}
    print(json.dumps(accuracy))
    export(network, as_int8[first], test_labels[first], accuracy)


if __name__ == "__main__":
    main()
