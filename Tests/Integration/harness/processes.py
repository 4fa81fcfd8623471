"""The processes that tests start, found and ended by what they descend from, never by name."""

import ctypes
import os
import signal
import time

PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans():
    """Makes this process the parent of whatever its descendants leave behind (prctl(2))."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")


def table():
    """Every process: its id, its parent's, its state."""
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as file:
                    fields = file.read().rpartition(b")")[2].split()
            except OSError:
                continue
            found[int(name)] = (int(fields[1]), fields[0].decode())
    return found


def descendants(root):
    """The living processes below `root`, parents before children."""
    processes = table()
    below, frontier = [], [root]
    while frontier:
        parents = set(frontier)
        frontier = [pid for pid, (parent, state) in processes.items() if parent in parents and pid not in below]
        below += frontier
    return [pid for pid in below if processes[pid][1] not in "ZX"]


def is_alive(pid):
    """Whether the process runs; one that only waits to be reaped does not."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[0] not in (b"Z", b"X")
    except OSError:
        return False


def words(pid):
    """The command line of the process; empty when it is gone."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read().decode(errors="replace").split("\0")[:-1]
    except OSError:
        return []


def start_time(pid):
    """When it started, in clock ticks since boot: with its id this tells a process from a later one; None when gone."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return int(file.read().rpartition(b")")[2].split()[19])
    except OSError:
        return None


def _send(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def _reap():
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def launchers(root):
    """The launchers below `root`: parents of process tasks, which outlive the platform."""
    return [pid for pid in descendants(root) if words(pid)[1:2] == ["launcher"]]


def launcher_of(data):
    """The parent of the tasks that run below a data directory; None where there is none."""
    return next((pid for pid in launchers(os.getpid()) if words(pid)[2].startswith(data + "/")), None)


def end_descendants(root=None):
    """Ends all that descends from this process (or from `root`); launchers so that they tidy their cgroups."""
    root = root or os.getpid()
    found = launchers(root)
    for pid in descendants(root):
        if pid not in found and not any(pid in descendants(launcher) for launcher in found):
            _send(pid, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while found and time.monotonic() < deadline:
        for launcher in found:
            # It ends once its tasks have.
            _send(launcher, signal.SIGTERM)
            for pid in descendants(launcher):
                _send(pid, signal.SIGKILL)
        _reap()
        found = launchers(root)
        time.sleep(0.01)
    deadline = time.monotonic() + 5
    while (left := descendants(root)) and time.monotonic() < deadline:
        for pid in left:
            _send(pid, signal.SIGKILL)
        _reap()
        time.sleep(0.01)
    _reap()
