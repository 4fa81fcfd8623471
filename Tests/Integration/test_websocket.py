"""A task's output over a WebSocket, read by Python's `websockets`."""

import json
import os
import subprocess

from harness import ApolloTestCase
from harness.case import needs
from harness.tools import python_tools

PEER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "websocket_peer.py")


class WebSocketPeer(ApolloTestCase):
    @classmethod
    def setUpClass(cls):
        cls.python = python_tools()
        super().setUpClass()

    def begin(self, path, *words, token=True, platform=None):
        platform = platform or self.platform
        url = platform.address.replace("http", "ws", 1) + path
        return subprocess.Popen(
            [self.python, PEER, url, platform.token if token is True else token, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def finish(self, peer):
        out, err = peer.communicate(timeout=120)
        self.assertEqual(peer.returncode, 0, err)
        return json.loads(out.strip().splitlines()[-1])

    def read(self, path, *words, **options):
        return self.finish(self.begin(path, *words, **options))

    def lines(self, path):
        return [json.loads(line) for line in self.api.get(path).text.splitlines() if line]

    def test_it_has_the_lines_of_ndjson_each_in_a_message(self):
        record = self.api.shell("seq 1 5000; echo ä >&2; printf '\\377'")
        self.platform.await_end(record["name"])
        path = f"/api/v1/tasks/{record['name']}/logs"
        result = self.read(path)
        self.assertEqual([json.loads(message) for message in result["messages"]], self.lines(path))
        self.assertEqual((result["code"], result["reason"]), (1000, ""))
        self.assertEqual(len(self.read(path + "?tail=1")["messages"]), len(self.lines(path + "?tail=1")))

    def test_following_goes_on_until_the_task_is_finished(self):
        gate = self.scratch("gate")
        record = self.api.shell(f"echo one; while [ ! -e {gate} ]; do sleep 0.05; done; echo two")
        peer = self.begin(f"/api/v1/tasks/{record['name']}/logs?follow=true")
        self.assertEqual(peer.stdout.readline(), "open\n")
        open(gate, "w").close()
        result = self.finish(peer)
        text = "".join(json.loads(message)["text"] for message in result["messages"])
        self.assertEqual((text, result["code"]), ("one\ntwo\n", 1000))

    def test_what_is_refused_is_refused_before_the_switch(self):
        record = self.api.shell("echo x")
        path = f"/api/v1/tasks/{record['name']}/logs"
        for status, words, options in (
            (401, (path,), {"token": ""}),
            (401, (path,), {"token": "apollo_wrong"}),
            (404, ("/api/v1/tasks/nobody/logs",), {}),
            (400, (path + "?tail=-1",), {}),
            (404, (path + "?attempt=9",), {}),
            (403, (path, "origin=http://evil.example"), {}),
        ):
            result = self.read(*words, **options)
            self.assertEqual(result.get("status"), status, (words, result))
            self.assertEqual(json.loads(result["body"])["status"], status)
        own = self.read(path, f"origin={self.platform.address}")
        self.assertEqual(own.get("code"), 1000, own)

    def test_who_talks_is_told_that_nothing_is_taken(self):
        record = self.api.shell("exec sleep 1000")
        result = self.read(f"/api/v1/tasks/{record['name']}/logs?follow=true", "say=hello")
        self.assertEqual((result["code"], result["reason"]), (1008, "messages are not taken here"))
        long = self.read(f"/api/v1/tasks/{record['name']}/logs?follow=true", "say=" + "x" * 5000)
        self.assertEqual(long["code"], 1009)
        self.apollo("task", "stop", "--grace", "0", record["name"])

    def test_a_reader_that_is_killed_leaves_nothing_behind(self):
        record = self.api.shell("while :; do echo x; sleep 0.01; done")
        peer = self.begin(f"/api/v1/tasks/{record['name']}/logs?follow=true")
        self.assertEqual(peer.stdout.readline(), "open\n")
        peer.kill()
        peer.communicate(timeout=60)
        self.assertCode(self.apollo("task", "stop", "--grace", "0", record["name"]), 0)
        self.assertNotIn("broke off", self.platform.log)

    def test_a_platform_that_stops_says_that_it_goes_away(self):
        platform = self.make_platform().start()
        record = platform.api.shell("exec sleep 1000")
        peer = self.begin(f"/api/v1/tasks/{record['name']}/logs?follow=true", platform=platform)
        self.assertEqual(peer.stdout.readline(), "open\n")
        self.assertEqual(platform.terminate(), 0)
        self.assertEqual(self.finish(peer)["code"], 1001)
        self.assertNotIn("broke off", platform.log)

    @needs.program("openssl")
    def test_it_goes_through_tls(self):
        certificate, key = self.scratch("tls.pem"), self.scratch("tls.key")
        subprocess.run(
            ["openssl", "req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-newkey", "ec",
             "-pkeyopt", "ec_paramgen_curve:prime256v1", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
             "-keyout", key, "-out", certificate], check=True, capture_output=True)  # fmt: skip
        os.chmod(key, 0o600)
        platform = self.make_platform("--tls-certificate", certificate, "--tls-key", key).start()
        env = {"APOLLO_CA_FILE": certificate}
        self.assertCode(platform.apollo("task", "run", "--name", "safe", "--", "echo", "secret", env=env), 0)
        result = self.read("/api/v1/tasks/safe/logs", certificate, platform=platform)
        self.assertEqual([json.loads(message)["text"] for message in result["messages"]], ["secret\n"])
