"""The shared library of logreport/kernel: found, and checked before it is used. What is wrong with it is one sentence."""

import ctypes
import functools
import os
import struct
import zlib
from pathlib import Path

SOURCES = Path(__file__).parents[2] / "kernel"
LIBRARY = SOURCES / "kernel.so"  # the same name on every system
Pointer = ctypes.c_void_p
ELF_64 = b"\x7fELF\x02\x01"  # of 64 bits, the lowest byte first


def why_not() -> str:
    """Why the machine is not in use; nothing where it is."""
    if os.environ.get("LOGREPORT_ENGINE") == "python":
        return "LOGREPORT_ENGINE says so"
    if not LIBRARY.exists():
        return "there was no C compiler when it was installed"
    try:
        library(LIBRARY)
    except OSError as error:
        return " ".join(str(error).split())
    return ""


@functools.cache
def library(path: Path) -> ctypes.CDLL:
    """The library. Its functions keep Python's lock, because a scanner does one thing at a time.

    Raises:
        OSError: where it was not built, or for another machine, of other sources, or is damaged.
    """
    if not is_whole(path):
        raise OSError(f"{path} is damaged; install logreport again")
    found = ctypes.PyDLL(str(path))
    if not hasattr(found, "kernel_sources") or found.kernel_sources() != sources_of(SOURCES):
        raise OSError(f"{path} was made of other sources; install logreport again")
    found.program_fault.argtypes = [Pointer]
    found.automaton_fault.argtypes = [Pointer, ctypes.c_int32]
    found.filter_new.argtypes = [Pointer, ctypes.c_int32, ctypes.c_bool]
    found.filter_new.restype = Pointer
    found.filter_free.argtypes = [Pointer]
    found.filter_free.restype = None
    found.filter_find.argtypes = [Pointer, ctypes.c_char_p, ctypes.c_int64, Pointer]
    found.filter_find.restype = None
    found.scanner_new.argtypes = [Pointer, Pointer, ctypes.c_bool]
    found.scanner_new.restype = Pointer
    found.scanner_free.argtypes = [Pointer]
    found.scanner_free.restype = None
    found.scanner_scan.argtypes = [Pointer, ctypes.c_char_p, Pointer, ctypes.c_int64, Pointer]
    found.rows_of_leaves.argtypes = [Pointer, ctypes.c_int64, ctypes.c_int32, Pointer, Pointer]
    for name in ("whole_numbers", "decimal_numbers"):
        getattr(found, name).argtypes = [ctypes.c_char_p, Pointer, Pointer, ctypes.c_int64, Pointer, Pointer]
    found.least_and_greatest.argtypes = [ctypes.c_char_p, Pointer, Pointer, ctypes.c_int64, Pointer]
    found.forms_new.restype = Pointer
    for name in ("forms_free", "forms_forget"):
        getattr(found, name).argtypes = [Pointer]
        getattr(found, name).restype = None
    found.forms_size.argtypes = [Pointer]
    found.forms_size.restype = ctypes.c_int64
    found.forms_number.argtypes = [
        Pointer, Pointer, Pointer, ctypes.c_char_p, Pointer, ctypes.c_int64, Pointer, Pointer, Pointer, Pointer,
    ]  # fmt: skip
    found.forms_number.restype = ctypes.c_int64
    found.write_lines.argtypes = [
        Pointer, Pointer, ctypes.c_char_p, Pointer, ctypes.c_int64, Pointer, Pointer, Pointer, Pointer, ctypes.c_int64,
        Pointer,
    ]  # fmt: skip
    found.write_lines.restype = ctypes.c_int64
    found.scanner_steps.argtypes = [Pointer]
    found.scanner_steps.restype = ctypes.c_int64
    return found


def is_whole(path: Path) -> bool:
    """Whether a library is a file that nothing was cut off from: the system ends a process that uses one that is not."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.read(64)
    if not head.startswith(ELF_64) or len(head) < 64:
        return True  # the system says what is wrong with it
    # The table of sections is the last thing in the file.
    (sections,), (size, count) = struct.unpack_from("<Q", head, 40), struct.unpack_from("<HH", head, 58)
    return bool(sections + size * count <= path.stat().st_size)


def sources_of(folder: Path) -> int:
    """The number by which a library knows the sources that it was made of; hatch_build.py gives it to the compiler."""
    number = 0
    for path in sorted(folder.glob("*.[ch]")):
        number = zlib.crc32(path.read_bytes(), number)
    return number & 0x7FFFFFFF
