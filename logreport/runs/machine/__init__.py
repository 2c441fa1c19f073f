"""The machine that a log tells of.

`DeviceReader` and `EnvironmentReader` take the runtime lines of a run: `name: GeForce GTX 1050 Ti major: 6 …` becomes a
row of devices, a line of libcuda one of environment. `tensorflow_release.infer` finds the release by file and line
numbers of the lines; `told_by` asks the first two, and remembers what a sequence of lines told. `used_device.device_kind`
says whether the run used a GPU, `cpu_label` calls a CPU by what stands around the log.
"""
