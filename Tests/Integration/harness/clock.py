"""Machines whose clock is wrong: the program, with all that it starts, sees a civil time of its own."""

import os
import subprocess

SOURCE = r"""
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *now) {
    int result = syscall(SYS_clock_gettime, clock, now);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += AHEAD;
    return result;
}

int gettimeofday(struct timeval *now, void *zone) {
    struct timespec time;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &time);
    now->tv_sec = time.tv_sec;
    now->tv_usec = time.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *out) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out) *out = now.tv_sec;
    return now.tv_sec;
}
"""

# Every program that is started sees the clock, also those with an environment of their own: /etc/ld.so.preload
# (ld.so(8)), in a mount namespace where /etc has a layer over it.
SCRIPT = """#!/bin/sh
exec unshare --mount sh -c '
    mount -t tmpfs clock {place}/layer && mkdir {place}/layer/upper {place}/layer/work &&
    mount -t overlay -o lowerdir=/etc,upperdir={place}/layer/upper,workdir={place}/layer/work clock /etc &&
    echo {place}/clock.so >/etc/ld.so.preload && exec {binary} "$@"' clock "$@"
"""


def program(binary, place, ahead):
    """The program as it runs where the clock is `ahead` by so many seconds; behind when negative."""
    os.makedirs(os.path.join(place, "layer"))
    source, library, script = (os.path.join(place, name) for name in ("clock.c", "clock.so", "apollo"))
    with open(source, "w") as file:
        file.write(SOURCE)
    subprocess.run(
        ["cc", "-shared", "-fPIC", "-O1", f"-DAHEAD=({ahead})", "-o", library, source], check=True, timeout=60
    )
    with open(script, "w") as file:
        file.write(SCRIPT.format(place=place, binary=binary))
    os.chmod(script, 0o755)
    return script
