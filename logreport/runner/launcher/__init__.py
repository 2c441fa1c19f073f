"""Runs a script written for TensorFlow 1 on TensorFlow 2: `PYTHON logreport/runner/launcher SCRIPT ARGUMENT…`.

That Python, 3.10 or later, needs TensorFlow and tf-keras of its version, but nothing of logreport.
"""
