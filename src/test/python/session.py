"""Holds 100,000 sessions, half of each pool freed, and a million numbers; tells its allocator's own
count before each line that it reads. At "grow" it takes 300,000 sessions more."""

import os
import sys


class Session:
    def __init__(self, number):
        self.number = number


sessions = [Session(i) for i in range(200_000)]
del sessions[::2]
numbers = list(range(1_000_000, 2_000_000))
os.dup2(1, 2)
print("ready", flush=True)
heard = b"\n"
while heard:
    sys._debugmallocstats()
    heard = os.read(0, 1000)
    if heard == b"grow\n":
        sessions.extend([Session(i) for i in range(300_000)])
        print("grown", flush=True)
