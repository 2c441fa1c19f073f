"""Compile logreport/kernel where there is a C compiler; without one logreport works too, and reads more slowly.

`CC` names another compiler, with its arguments, and `LOGREPORT_PLATFORM` the platform that it compiles for, as the names of
wheels have it.
"""

import os
import shlex
import shutil
import subprocess
import sysconfig
import tempfile
import zlib
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

KERNEL = "logreport/kernel/kernel.so"  # the same name on every platform


def compile_kernel(root: Path, library: Path, *options: str) -> str:
    """Compile the kernel of a checkout; returns why that failed, or nothing.

    The library is replaced as a whole, because a process may have it open.
    """
    compiler = shlex.split(os.environ.get("CC", "cc"))
    if not compiler or shutil.which(compiler[0]) is None:
        return "no C compiler"
    folder = (root / KERNEL).parent
    sources, number = sorted(map(str, folder.glob("*.c"))), 0
    for path in sorted(folder.glob("*.[ch]")):  # as grammar/native/kernel.py counts them
        number = zlib.crc32(path.read_bytes(), number)
    code = [] if "windows" in " ".join(compiler) else ["-fPIC"]
    with tempfile.TemporaryDirectory(dir=library.parent) as scratch:
        made = str(Path(scratch) / library.name)
        command = [
            *compiler,
            "-std=c11",
            "-O2",
            "-shared",
            f"-DSOURCES={number & 0x7FFFFFFF}",
            *code,
            *options,
            "-o",
            made,
            *sources,
        ]
        run = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - the user's own compiler
        if run.returncode:
            return f"{compiler[0]} failed: {(run.stderr.strip() or 'it said nothing').splitlines()[0]}"
        Path(made).replace(library)
    return ""


class KernelHook(BuildHookInterface[Any]):
    """Puts the kernel into the wheel, or for an editable installation into the checkout."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before a wheel is made."""
        self.folder = tempfile.TemporaryDirectory()
        root = Path(self.root)
        editable = version == "editable"
        library = root / KERNEL if editable else Path(self.folder.name) / "kernel.so"
        if failure := compile_kernel(root, library):
            library.unlink(missing_ok=True)
            self.app.display_warning(f"{failure}: logreport will read with Python alone, which is slower")
            return
        platform = os.environ.get("LOGREPORT_PLATFORM") or sysconfig.get_platform()
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{platform.replace('-', '_').replace('.', '_')}"
        if not editable:
            build_data["force_include"][str(library)] = KERNEL

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002 - hatchling's
        """Called when it is made."""
        self.folder.cleanup()
