"""A store of S3 that is not ours, in memory: moto's server, on a free port of loopback."""

import subprocess

from .tools import python_tools

PROGRAM = """
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print("http://%s:%d" % server.get_host_and_port(), flush=True)
sys.stdin.read()
server.stop()
"""


class Moto:
    """Starts when it is made; it ends at the end of its input."""

    # Any will do.
    creds = ("moto", "moto-secret")

    def __init__(self):
        self.process = subprocess.Popen(
            [python_tools(), "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            text=True)
        self.address = self.process.stdout.readline().strip()
        if not self.address.startswith("http://"):
            self.close()
            raise AssertionError("moto did not start")

    def close(self):
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()
