"""Devices: every one that logs name (`devices`), and how much of its peak rate a speed is (`utilisation`).

`operations` counts what a network needs for one image, from the definitions of its layers; gpus.json has the cores.
"""
