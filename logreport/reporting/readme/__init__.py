"""readme."""
