"""Where Python starts when it is given this folder: makes it a package, then runs the script in this process."""

import os
import sys


def main() -> None:
    """Run the script named first, with the arguments after it."""
    here = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - nothing is imported that a bare Python start leaves out
    sys.path[0] = os.path.dirname(here)  # noqa: PTH120 - the same
    from launcher import starting  # type: ignore[import-not-found]  # found by the line above

    starting.run_script(sys.argv[1:])


main()
