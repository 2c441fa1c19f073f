"""Where a run begins and ends.

`Segmenter.feed` takes the matches of a source one by one. A kind that has a rule (`rules.RULES`) decides: a command
begins a run, a step that was there before begins another, a total closes it; all other lines go by their `Role`. What
waits for a run that has not begun is held; `finish` gives the `Segmented` source: runs, and matches of none.
"""
