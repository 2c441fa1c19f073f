"""Words and numbers: the one place where values become text.

`formatting` writes numbers, times, sizes and names; `wording` says what a person would say about workloads, devices and
verdicts; `short_names` leaves the folder out that all sources share.
"""
