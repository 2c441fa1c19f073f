"""Questions to an archive.

`query` answers SQL over the views, of which `results` is the flat one; `selecting` gives the runs that a condition
means, `machines` the devices.
"""
