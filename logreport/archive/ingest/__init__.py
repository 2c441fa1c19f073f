"""Logs into the archive.

`Adding` takes a batch of logs, `Known` says what is there already, `derive` makes the tables of what is new, and `facts`
keeps what people say of a run: tags, notes, other names.
"""
