"""Several runs in a row: over numbers of devices, batch sizes and releases (`scaling_of`), and over time (`courses`)."""
