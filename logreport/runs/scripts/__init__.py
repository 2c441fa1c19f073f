"""What needs code in one official script, one file for each: where its runs begin and end, what they say of themselves.

A line of a log on its way through: the grammar reads `Step: 10 …` as a kind of the script; the segmenter looks up the
kind in `registry.RULES` and calls the rule, which adds it to the open run or begins another. When the run is whole,
`building.build_run` takes the file of its benchmark from `registry.BENCHMARKS`, and calls `facts` (columns of the runs
table, with the flags of the command), `status` (how it ended, and why) and `build` (its steps, phases and evaluations).
What can be said as data stands in `logreport.scripts`. Runs of formats that are grammars
alone go to `generic`, by the roles that directives give their kinds.

A new script: its entry in `logreport.scripts.OFFICIAL`, a file here with `NAME`, `RULES`, `facts`, `status` and `build`
that the registry names, and with `PROGRESS` where its lines say how far it is, its grammar, and a sample. Commands and
tracebacks name it in the grammars of the shell and of Python.
"""
