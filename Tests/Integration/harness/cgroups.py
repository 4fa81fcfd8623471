"""Cgroups of the test's own, for programs that are to have less than the machine."""

import contextlib
import os
import stat
import tempfile
import unittest

from .waiting import eventually


def _places():
    """Directories below which cgroups with a memory limit may be made, each with the file that says it."""
    with open("/proc/self/mounts") as mounts:
        rows = [line.split() for line in mounts]
    for _, place, kind, options, *_ in rows:
        if kind == "cgroup" and "memory" in options.split(","):
            yield place, "memory.limit_in_bytes"
        if kind == "cgroup2":
            with contextlib.suppress(OSError), open(os.path.join(place, "cgroup.subtree_control")) as controllers:
                if "memory" in controllers.read().split():
                    yield place, "memory.max"


@contextlib.contextmanager
def bounded(binary, scratch, memory):
    """A program that is `binary` in a cgroup with so many bytes of memory. It has to be over before the context is."""
    for place, file in _places():
        try:
            group = tempfile.mkdtemp(prefix="apollo-test-", dir=place)
        except OSError:
            continue
        break
    else:
        raise unittest.SkipTest("no cgroup with a memory limit can be made here")
    try:
        with open(os.path.join(group, file), "w") as limit:
            limit.write(str(memory))
        path = os.path.join(scratch, "bounded")
        with open(path, "w") as script:
            script.write(f'#!/bin/sh\necho $$ > {group}/cgroup.procs || exit 1\nexec {binary} "$@"\n')
        os.chmod(path, stat.S_IRWXU)
        yield path
    finally:

        def remove():
            try:
                os.rmdir(group)
            except OSError:
                return False
            return True

        eventually(remove, "nothing is in the cgroup any more")
