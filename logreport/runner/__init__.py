"""Run the official benchmark scripts, or any command, as they are, and keep what they print with the facts of the machine.

`running.run_once` is one run: `preparation/` makes the command, `process/` runs it and keeps its log, `machine/` looks at
the machine meanwhile, `live` reads the lines as they come and `view` shows them; `judging` says how it ended, and the
record is written beside the log. `hooks` are the user's commands around it.
`watching` follows logs that somebody else writes. `campaign/` makes many of them; `launcher/` lets scripts of TensorFlow 1 run on 2.
"""
