"""What the platform logs, and that nobody who fails to read it can hold the platform up."""

import json
import os
import re
import subprocess

from harness import ApolloTestCase
from harness.waiting import eventually


class Logging(ApolloTestCase):
    own_platform = True

    def test_objects_have_the_same_keys_each_and_the_request_in_them(self):
        platform = self.make_platform("--log-level", "debug", "--log-format", "json").start()
        answer = platform.api.get("/api/v1/tasks/nothing%1bhere", headers={"X-Request-Id": "mine-1"})
        self.assertEqual(answer.status, 400)
        platform.api.get("/api/v1/version", headers={"X-Request-Id": "mine-2"})
        self.assertEqual(platform.terminate(), 0)
        lines = [json.loads(line) for line in platform.log.splitlines()]
        for line in lines:
            self.assertEqual(list(line)[:3], ["time", "level", "message"])
            self.assertRegex(line["time"], r"\A20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,6}Z\Z")
        mine = [line for line in lines if line.get("request") == "mine-2"]
        self.assertEqual((mine[0]["method"], mine[0]["status"]), ("GET", 200))
        self.assertIsNone(re.search(r"[\x00-\x09\x0b-\x1f]", platform.log))
        self.assertNotIn(platform.token, platform.log)

    def test_a_pipe_that_nobody_reads_does_not_stop_the_platform(self):
        platform = self.make_platform()
        reading, writing = os.pipe()
        self.addCleanup(os.close, reading)
        process = subprocess.Popen(
            [platform.binary, "up", "--data", platform.data, "--port", "0", "--log-level", "debug", *platform.options],
            env=platform.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=writing,
            cwd=platform.scratch,
        )
        platform.process = process
        os.close(writing)
        eventually(lambda: platform.address, "the platform answers")
        # Far more than the pipe's 64 KiB and what is kept besides.
        for _ in range(1500):
            self.assertEqual(platform.api.get("/api/v1/version?" + "x" * 2000, within=20).status, 400)
        self.assertRegex(platform.api.get("/metrics").text, r"(?m)^apollo_log_lines_dropped_total [1-9]")
        self.assertEqual(platform.terminate(), 0)
