"""Where a run begins and ends.

A recognised line goes to `Segmenter.feed`, which looks up the rule of its kind: those of the scripts stand in
`runs.scripts`, those of documents, commands and tracebacks in `rules`. A rule asks for the open run (`of`), begins
another (`begin_new`), or lets the line wait for the run that comes. A line without a rule goes by its role
(`feed_other`). What ends is kept if it is a run at all (`states.is_run`), and keeps its command if that can have
printed it (`commands.can_print`). `finish` gives the runs, and what belongs to none.
"""
