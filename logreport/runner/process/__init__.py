"""One child process.

`supervise` starts it under the `guard`, which leaves nothing of it behind; `LogFile` keeps what it prints byte for byte.
"""
