"""The checks: each looks at the tables and adds findings by their code.

`check_phase` (loss, length, steadiness, rounding), `check_devices` and `check_disturbance` (the machine),
`check_labels` (paths and headings that contradict the log), `check_across` (what two runs show together).
The words stand in `logreport.tables.findings`.
"""
