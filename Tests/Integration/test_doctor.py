"""`apollo doctor`: what it says of a machine, with and without a platform on it."""

import json
import os
import socket
import tempfile

from harness import ApolloTestCase


class Doctor(ApolloTestCase):
    own_platform = True

    CHECKS = {
        "platform", "data", "disk", "engine", "oci", "cgroups", "kvm", "kernel", "network", "ports", "clock", "limits",
        "libraries", "tools",
    }

    def doctor(self, platform, *options, env=None):
        outcome = platform.apollo("doctor", "--data", platform.data, "--output", "json", *options, env=env)
        self.assertIn(outcome.code, (0, 1), outcome)
        return outcome, json.loads(outcome.out)

    def finding(self, platform, check, *options, env=None):
        outcome, findings = self.doctor(platform, "--check", check, *options, env=env)
        self.assertEqual([finding["check"] for finding in findings], [check], outcome)
        return findings[0]

    def test_every_check_says_something_without_a_platform(self):
        platform = self.make_platform()
        outcome, findings = self.doctor(platform)
        self.assertEqual({finding["check"] for finding in findings}, self.CHECKS)
        for finding in findings:
            if finding["level"] != "ok":
                self.assertTrue(finding["meaning"] and finding["fix"], finding)
        self.assertEqual(outcome.code, 1 if any(f["level"] == "problem" for f in findings) else 0)
        self.assertFalse(os.path.exists(platform.data), "it changes nothing")

    def test_a_platform_that_runs_is_asked_and_its_port_is_its_own(self):
        platform = self.make_platform().start()
        found = self.finding(platform, "platform")
        self.assertEqual(found["level"], "ok")
        self.assertIn(platform.address, found["found"])
        port = platform.address.rsplit(":", 1)[1]
        found = self.finding(platform, "ports", env={"APOLLO_HTTP_PORT": port})
        self.assertNotIn(f"port {port} is taken", found["found"])
        self.assertEqual(self.finding(platform, "data")["level"], "ok")

    def test_a_platform_that_was_killed_is_a_problem(self):
        platform = self.make_platform().start()
        platform.kill9()
        found = self.finding(platform, "platform")
        self.assertEqual(found["level"], "problem")
        self.assertIn("apollo up", found["fix"])

    def test_a_port_that_another_program_holds_is_named_with_it(self):
        platform = self.make_platform()
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = str(server.getsockname()[1])
            found = self.doctor(platform, "--check", "ports", env={"APOLLO_HTTP_PORT": port})[1][0]
        self.assertEqual(found["level"], "warning")
        self.assertIn(f"port {port} is taken by process {os.getpid()}", found["found"])

    def test_an_engine_that_does_not_answer_is_named_with_its_socket(self):
        platform = self.make_platform()
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "engine.sock")
            # Bound and never listened on: as after an engine that was killed.
            with socket.socket(socket.AF_UNIX) as server:
                server.bind(path)
                found = self.finding(platform, "engine", env={"APOLLO_DOCKER_SOCKET": path})
        self.assertEqual(found["level"], "problem")
        self.assertIn(path, found["found"])

    def test_a_token_that_others_may_read_is_a_problem(self):
        platform = self.make_platform().start()
        self.assertEqual(platform.terminate(), 0)
        token = os.path.join(platform.data, "admin.token")
        os.chmod(token, 0o644)
        outcome, findings = self.doctor(platform, "--check", "data")
        self.assertCode(outcome, 1)
        self.assertIn(token, findings[-1]["found"])

    def test_people_get_lines_and_strict_counts_warnings(self):
        platform = self.make_platform()
        outcome = platform.apollo("doctor", "--data", platform.data, "--check", "disk", "--check", "data")
        self.assertSays(outcome.out, "ok       data", "disk", "no problems")
        gone = {"APOLLO_DOCKER_SOCKET": os.path.join(platform.scratch, "none.sock")}
        self.assertCode(platform.apollo("doctor", "--check", "engine", env=gone), 0)
        self.assertCode(platform.apollo("doctor", "--check", "engine", "--strict", env=gone), 1)
        wrong = platform.apollo("doctor", "--check", "dsik")
        self.assertCode(wrong, 65)
        self.assertSays(wrong.err, "dsik", "did you mean 'disk'?")
