"""Where a run begins and ends.

Recognised lines go to `Segmenter.feed`. Lines that mean the same for where a run begins and ends go on together: steps that
go up (`rising`), and lines that begin no run (`feed_quiet`). Each other line goes to the rule of its kind: those of the
scripts stand in `runs.scripts`, those of documents, commands and tracebacks in `rules`. A rule asks for the open run
(`of`), begins another (`begin_new`), or lets the line wait for the run that comes. A line without a rule goes by its
role (`feed_other`). What ends is kept if it is a run at all (`states.is_run`), and keeps its command if that can have
printed it (`commands.can_print`). `finish` gives the runs, and what belongs to none.
"""
