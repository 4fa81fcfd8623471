"""Our gRPC client against a server that is not ours."""

import os
import subprocess

from harness import ApolloTestCase
from harness.case import BINARY, ROOT
from harness.tools import python_tools


class RPCClient(ApolloTestCase):
    own_platform = True

    def start(self, *command):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.addCleanup(process.stdout.close)
        return process

    def test_it_makes_every_kind_of_call_and_notices_every_end(self):
        server = self.start(python_tools(), os.path.join(ROOT, "Tests", "Integration", "peers", "grpc_server.py"))
        port = server.stdout.readline().strip()
        caller = self.start(os.path.join(os.path.dirname(BINARY), "rpc-caller"), port)
        said = []
        for line in caller.stdout:
            said.append(line.strip())
            if said[-1] == "reading":
                server.kill()
        self.assertEqual(caller.wait(60), 0)
        self.assertEqual(
            said,
            [
                "unary: hello here in time",
                "failure: aborted, not now, hint try another, text is taken",
                "no such method: unimplemented, Method not found!",
                "deadline: exceeded",
                "answers: 1000",
                "requests: 500500",
                "both, to a server without heartbeats: a!",
                "left in the middle: 0",
                "reading",
                "a server that is killed: unavailable",
            ],
        )
        self.assertEqual(server.stdout.read().split("\n")[0], "a caller left")
