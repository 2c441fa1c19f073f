"""From the printed lines of one phase to its speed.

`phases_of` gathers the lines. `windows_of` undoes cumulative means, so that each window speaks for itself;
`steady_state.warm_up` leaves a slow start out; `intervals.from_windows` gives the 95 % interval; `measure` puts it together.
"""
