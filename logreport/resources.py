"""What an installation has: files that ship with the package (beside its modules in a wheel, beside it in a checkout), processors."""

import os
from pathlib import Path

PACKAGE_DIR = Path(__file__).parent


def install(extra: str) -> str:
    """The command that installs one of the extras, for a message: no registry has the package, a checkout does."""
    checkout = PACKAGE_DIR.parent
    where = str(checkout) if (checkout / "pyproject.toml").is_file() else "CLONE"
    return f"pip install '{where}[{extra}]'"


def resource_dir(name: str) -> Path:
    """The folder `grammars` or `templates`.

    Raises:
        FileNotFoundError: where the installation is damaged.
    """
    for parent in (PACKAGE_DIR, PACKAGE_DIR.parent):
        if (parent / name).is_dir():
            return parent / name
    raise FileNotFoundError(f"{name}: not found beside {PACKAGE_DIR}; install logreport again")


def processors() -> set[int]:
    """The numbers of the processors that this process may use; all of them on a system that does not say it, as macOS."""
    if hasattr(os, "sched_getaffinity"):
        return os.sched_getaffinity(0)
    return set(range(os.cpu_count() or 1))
