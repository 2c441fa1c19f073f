"""One file a script: what its lines mean.

For each benchmark: `facts` (model, batch size, devices, mode, from headers, flags and lines), `status` (did it
finish, and how is that known) and `build`, which adds its phases, steps, layers and evaluations to the tables. `common`
has what they share, `launchers` how many processes a command starts, `generic` the runs of a user's own grammar.
"""
