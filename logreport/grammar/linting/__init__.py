"""Is a grammar sound, and why was a line not read?

`lint` looks for all that can be wrong with a folder of grammars: what cannot be lowered, two kinds that read one line
(`examples` makes lines from a grammar, `ambiguity` and `exponential` look at its terminals), samples that are not read. `nearest` says
how far into a line the best kind came, and what it expected there; `descriptions` reads the comments over the rules.
"""
