"""This machine, before and while a run goes on.

`machine` tells its facts, `Sampler` and `Usage` what it does meanwhile, `warnings` what would disturb it.
"""
