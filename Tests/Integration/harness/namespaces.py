"""Network namespaces of a test's own, and the program as it runs in them."""

import ctypes
import os
import subprocess

CLONE_NEWNET = 0x40000000


class Namespaces:
    def __init__(self, scratch, binary):
        self.scratch, self.binary, self.mark = scratch, binary, f"ap{os.urandom(3).hex()}"
        self.names = []

    def run(self, *words):
        subprocess.run(words, check=True, capture_output=True, timeout=30)

    def namespace(self, name):
        full = f"{self.mark}-{name}"
        self.run("ip", "netns", "add", full)
        self.names.append(full)
        self.run("ip", "-n", full, "link", "set", "lo", "up")
        return full

    def set_link(self, space, link, state):
        self.run("ip", "-n", space, "link", "set", link, state)

    def program(self, space):
        """The program as it runs in a namespace."""
        path = os.path.join(self.scratch, f"apollo-in-{space}")
        with open(path, "w") as file:
            file.write(f'#!/bin/sh\nexec ip netns exec {space} {self.binary} "$@"\n')
        os.chmod(path, 0o700)
        return path

    def enter(self, space):
        """Puts the calling thread there, and with it what it starts from now on (setns(2))."""
        libc = ctypes.CDLL(None, use_errno=True)
        with open(f"/run/netns/{space}") as file:
            if libc.setns(file.fileno(), CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns")

    def close(self):
        for name in self.names:
            subprocess.run(["ip", "netns", "del", name], capture_output=True)
