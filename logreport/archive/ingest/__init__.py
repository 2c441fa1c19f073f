"""Logs into the archive.

`batches_of` lists files, `Adding` takes a batch of them, `KnownLogs` says what is there already, `derive` makes the tables of what is new, and `facts`
keeps what people say of a run: tags, notes, other names.
"""
