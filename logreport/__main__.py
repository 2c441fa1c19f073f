"""`python -m logreport` is the same as `logreport`."""

from logreport.cli import main

if __name__ == "__main__":
    main()
