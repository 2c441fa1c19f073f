"""Run the official benchmark scripts as they are, and keep what they print with the facts of the machine."""
