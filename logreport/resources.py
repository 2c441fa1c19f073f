"""Find what ships with the package: beside its modules in a wheel, beside the package in a checkout."""

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
