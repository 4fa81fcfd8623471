"""The generator of messages and what it makes: current, and the same to Google's own protobuf as to ours."""

import os
import shutil
import subprocess
import unittest

from harness import ApolloTestCase
from harness.case import BINARY, ROOT
from harness.tools import python_tools

SAMPLES = os.path.join(ROOT, "Tests", "Ground", "ProtobufSamples")


@unittest.skipUnless(shutil.which("protoc"), "there is no protoc (scripts/dependencies test)")
class Protobuf(ApolloTestCase):
    own_platform = True

    def run_tool(self, *command):
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        self.assertEqual(done.returncode, 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}")
        return done.stdout

    def test_the_swift_of_every_proto_file_is_what_would_be_made_of_it_now(self):
        self.run_tool(os.path.join(ROOT, "scripts", "protoc"), "--check")

    def test_random_messages_are_the_same_to_googles_protobuf_and_to_ours(self):
        python = python_tools()
        descriptors = os.path.join(self.directory, "samples.bin")
        self.run_tool(
            "protoc", f"-I{SAMPLES}", "--include_imports", f"--descriptor_set_out={descriptors}", "samples.proto")
        echo = os.path.join(os.path.dirname(BINARY), "protobuf-echo")
        peer = os.path.join(ROOT, "Tests", "Integration", "peers", "protobuf_peer.py")
        said = self.run_tool(python, peer, descriptors, echo, "1", "500")
        self.assertEqual(len(said.splitlines()), 1, said)

    def test_what_protoc_cannot_have_is_an_error_that_names_it(self):
        source = os.path.join(self.directory, "old.proto")
        with open(source, "w") as file:
            file.write('syntax = "proto2"; message Old { required int32 x = 1; }')
        plugin = os.path.join(os.path.dirname(BINARY), "protoc-gen-apollo")
        done = subprocess.run(
            ["protoc", f"--plugin={plugin}", f"-I{self.directory}", f"--apollo_out={self.directory}", source],
            capture_output=True, text=True, timeout=60, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("old.proto: field 'x' of message 'Old' is required", done.stderr)
