"""Random data in the official formats of CIFAR-10: the scripts run on it, and learn nothing.

Formats: https://www.cs.toronto.edu/~kriz/cifar.html. Binary version: one byte of label, then 1 024 bytes each of red,
green and blue, row by row. Python version: pickles of a dictionary with `data`, rows of 3 072 bytes in the same order, and
`labels`, both keys as bytes.
"""

import pickle
import tarfile
import tempfile
from pathlib import Path

from logreport.errors import RunnerError
from logreport.runner.files import writing

FOLDER = "cifar-10-batches-bin"
ARCHIVE = "cifar-10-binary.tar.gz"  # without it the scripts download the data; old ones always unpack it
CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
FILES = (*(f"data_batch_{number}" for number in range(1, 6)), "test_batch")
PYTHON = "cifar-10-batches-py"
NOTE = "synthetic.txt"
RECORDS = 1000  # a file; the official ones have 10 000, but the scripts read round and round
PIXELS = 32 * 32 * 3


def write_synthetic(folder: Path, *, records: int = RECORDS, seed: int = 10) -> Path:
    """Write a data set of random images with random labels in both versions, each with a note that says so; returns the folder.

    Args:
        folder: where to; a synthetic data set that is there already is kept.
        records: images in each of the six files.
        seed: of the random numbers: the same seed gives the same bytes.

    Raises:
        RunnerError: where something else is in the folder, or it cannot be written.
    """
    if is_synthetic(folder):
        return folder
    with writing(folder, None):
        if folder.exists() and any(folder.iterdir()):
            raise RunnerError("is not empty", source=folder, todo="name a new folder for the data")
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as scratch:
            whole = Path(scratch) / "data"
            write_files(whole, records, seed)
            with tarfile.open(whole / ARCHIVE, "w:gz", compresslevel=1) as archive:
                archive.add(whole / FOLDER, FOLDER)
            whole.replace(folder)
    return folder


def write_files(folder: Path, records: int, seed: int) -> None:
    """Write the six files of records of each version, the names of the classes, and the notes."""
    import numpy as np

    random = np.random.default_rng(seed)
    for version in (FOLDER, PYTHON):
        (folder / version).mkdir(parents=True)
        (folder / version / NOTE).write_text(
            f"Random images and labels, {records} a file, seed {seed}; made by logreport.\n"
        )
    for name in FILES:
        images = random.integers(0, 256, (records, 1 + PIXELS), dtype=np.uint8)
        images[:, 0] %= len(CLASSES)
        (folder / FOLDER / f"{name}.bin").write_bytes(images.tobytes())
        batch = {b"data": images[:, 1:].copy(), b"labels": images[:, 0].tolist()}
        (folder / PYTHON / name).write_bytes(pickle.dumps(batch, protocol=2))
    (folder / FOLDER / "batches.meta.txt").write_text("\n".join((*CLASSES, "")))


def is_synthetic(folder: Path) -> bool:
    """Whether a data set, or one version of it, is one that `write_synthetic` made."""
    return any((place / NOTE).is_file() for place in (folder / FOLDER, folder))
