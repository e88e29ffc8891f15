"""Reader of the Fashion-MNIST files (IDX format, gzip) as the Debian package dataset-fashion-mnist installs them."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np

CLASS_NAMES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)


def load(directory: Path, part: str) -> tuple[np.ndarray, np.ndarray]:
    """Return images (count, 28, 28) uint8 and labels (count,) uint8 of part "train" or "t10k", in the files' order."""
    with gzip.open(directory / f"{part}-images-idx3-ubyte.gz") as file:
        images = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 28, 28)
    with gzip.open(directory / f"{part}-labels-idx1-ubyte.gz") as file:
        labels = np.frombuffer(file.read(), np.uint8, offset=8)
    assert len(images) == len(labels)
    return images, labels
