"""Random data in the official format, which the scripts can read and nobody takes for the real ones."""

import pickle
import tarfile

import numpy as np
import pytest

from logreport.errors import RunnerError
from logreport.runner.preparation.cifar_data import is_synthetic, write_synthetic

NAMES = [*(f"data_batch_{number}.bin" for number in range(1, 6)), "test_batch.bin"]


def test_the_files_are_as_the_official_ones(tmp_path):
    """Records of one label from 0 to 9 and 3 072 bytes of pixels, in six files that differ, and in an archive of them."""
    folder = write_synthetic(tmp_path / "new" / "data", records=50)
    contents = [(folder / "cifar-10-batches-bin" / name).read_bytes() for name in NAMES]
    records = np.frombuffer(b"".join(contents), np.uint8).reshape(-1, 3073)
    assert len(records) == 300
    assert set(records[:, 0]) == set(range(10))
    assert 120 < records[:, 1:].mean() < 135
    assert len(set(contents)) == 6
    with tarfile.open(folder / "cifar-10-binary.tar.gz") as archive:
        for name, content in zip(NAMES, contents, strict=True):
            assert archive.extractfile(f"cifar-10-batches-bin/{name}").read() == content


def test_the_python_version_holds_the_same_images(tmp_path):
    """tf_cnn_benchmarks reads pickles: keys as bytes, rows of 3 072 bytes, labels as a list."""
    folder = write_synthetic(tmp_path / "data", records=20)
    for name in NAMES:
        name = name.removesuffix(".bin")  # noqa: PLW2901 - short
        batch = pickle.loads((folder / "cifar-10-batches-py" / name).read_bytes())  # noqa: S301 - ours
        rows = np.frombuffer((folder / "cifar-10-batches-bin" / f"{name}.bin").read_bytes(), np.uint8)
        rows = rows.reshape(20, 3073)
        assert (batch[b"data"] == rows[:, 1:]).all()
        assert batch[b"labels"] == rows[:, 0].tolist()
    assert is_synthetic(folder / "cifar-10-batches-py")


def test_it_says_what_it_is_and_is_written_once(tmp_path):
    """The note stays with the data; a second call changes nothing; the same seed gives the same bytes."""
    folder = write_synthetic(tmp_path / "data", records=5)
    assert is_synthetic(folder)
    assert not is_synthetic(tmp_path)
    first = (folder / "cifar-10-batches-bin" / NAMES[0]).read_bytes()
    write_synthetic(folder, records=7)
    assert (folder / "cifar-10-batches-bin" / NAMES[0]).read_bytes() == first
    again = write_synthetic(tmp_path / "again", records=5)
    assert (again / "cifar-10-batches-bin" / NAMES[0]).read_bytes() == first
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again", "data"]


def test_nothing_of_the_user_is_touched(tmp_path):
    """A folder with anything in it is refused; a place that cannot be written is an error that names it."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").touch()
    with pytest.raises(RunnerError, match="mine: is not empty"):
        write_synthetic(tmp_path / "mine")
    with pytest.raises(RunnerError, match=r"data: cannot be written \("):
        write_synthetic(tmp_path / "mine" / "file" / "data")
