"""Holds 100,000 sessions, half of each pool freed, and a million numbers; tells its allocator's own
count before each line that it reads. With "leak" it goes on for ever to take more sessions."""

import os
import sys
import time


class Session:
    def __init__(self, number):
        self.number = number


sessions = [Session(i) for i in range(200_000)]
del sessions[::2]
numbers = list(range(1_000_000, 2_000_000))
os.dup2(1, 2)
print("ready", flush=True)
if sys.argv[1:] == ["leak"]:
    while os.getppid() != 1:
        sessions.extend(Session(i) for i in range(500))
        time.sleep(0.02)
heard = b"\n"
while heard:
    sys._debugmallocstats()
    heard = os.read(0, 1000)
