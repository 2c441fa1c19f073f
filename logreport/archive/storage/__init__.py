"""Immutable files named by their content, in a folder or bucket.

`Store` reads and writes them; logs go into `packs`, tables into Parquet files (`layout`), and a commit (`commits.write`)
makes files count. A `Snapshot` is what all commits together say at one moment; `succession` decides which of two
statements holds.
"""
