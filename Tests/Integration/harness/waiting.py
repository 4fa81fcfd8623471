"""Waiting for what should happen, never for a length of time."""

import time

# The machine may be busy with a build: a wait that succeeds costs nothing of this.
PATIENCE = 40.0


def eventually(look, what, within=PATIENCE):
    """Returns what `look` returns once that is true; fails with `what` and the last answer when it never is."""
    deadline = time.monotonic() + within
    pause = 0.005
    while True:
        answer = look()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within:g} s: {what}; at last: {answer!r}")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.1)
