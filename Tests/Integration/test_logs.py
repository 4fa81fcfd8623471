"""`apollo task logs`, and what the API gives of a task's output."""

import base64
import datetime
import json
import os
import signal
import time

from harness import ApolloTestCase


class Logs(ApolloTestCase):
    def finished(self, script, **fields):
        record = self.api.shell(script, **fields)
        self.platform.await_end(record["name"])
        return record["name"]

    def logs(self, *words):
        outcome = self.apollo("task", "logs", *words)
        self.assertCode(outcome, 0)
        return outcome

    def test_both_streams_go_where_they_came_from(self):
        outcome = self.logs(self.finished("echo out; echo err >&2"))
        self.assertEqual((outcome.out, outcome.err), ("out\n", "err\n"))

    def test_tail_begins_with_the_last_lines(self):
        name = self.finished("seq 1 1000")
        self.assertEqual(self.logs(name, "--tail", "3").out, "998\n999\n1000\n")
        self.assertEqual(self.logs(name, "--tail", "1").out, "1000\n")
        self.assertEqual(self.logs(name, "--tail", "0").out, "")
        self.assertEqual(len(self.logs(name, "--tail", "5000").out.split()), 1000)

    def test_tail_counts_a_last_line_without_a_newline(self):
        self.assertEqual(self.logs(self.finished("printf 'a\\nb\\nc'"), "--tail", "2").out, "b\nc")

    def test_following_ends_with_the_task_and_misses_nothing(self):
        gate = self.scratch("gate")
        record = self.api.shell(f"seq 1 5; while [ ! -e {gate} ]; do sleep 0.05; done; seq 6 10")
        process = self.apollo.start("task", "logs", "-f", "--tail", "2", record["name"])
        self.platform.await_output(record["name"], "5\n")
        open(gate, "w").close()
        out, err = process.communicate(timeout=60)
        self.assertEqual((process.returncode, err), (0, b""))
        # Where the tail began depends on when it looked; from there on it is complete.
        self.assertRegex(out.decode(), r"\A([1-5]\n)*6\n7\n8\n9\n10\n\Z")

    def test_following_before_the_start_shows_everything(self):
        record = self.api.shell("echo late", resources={"cpu": 4000})
        self.assertEqual(record["state"], "pending")
        process = self.apollo.start("task", "logs", "-f", record["name"])
        self.assertCode(self.apollo("task", "stop", record["name"]), 0)
        out, err = process.communicate(timeout=60)
        self.assertEqual((process.returncode, out, err), (0, b"", b""))

    def test_following_goes_on_through_restarts(self):
        record = self.api.shell('echo "try"; exit 3', restart={"mode": "on-failure", "attempts": 2, "wait": 0.05})
        process = self.apollo.start("task", "logs", "--follow", "--all", record["name"])
        out, err = process.communicate(timeout=60)
        self.assertEqual((process.returncode, out, err), (0, b"try\n" * 3, b""))
        self.assertEqual(self.apollo("task", "logs", "--all", record["name"]).out, "try\n" * 3)
        self.assertEqual(self.apollo("task", "logs", record["name"]).out, "try\n")

    def test_a_run_in_the_foreground_shows_every_attempt(self):
        outcome = self.apollo("task", "run", "--restart", "on-failure:2", "--", "sh", "-c", "echo try; exit 3")
        self.assertEqual((outcome.code, outcome.out), (3, "try\n" * 3))

    def test_more_attempts_than_are_kept_can_be_followed(self):
        record = self.api.shell('echo "try"; exit 3', restart={"mode": "on-failure", "attempts": 14, "wait": 0})
        process = self.apollo.start("task", "logs", "--follow", "--all", record["name"])
        out, err = process.communicate(timeout=60)
        self.assertEqual((process.returncode, err), (0, b""))
        self.assertGreaterEqual(out.count(b"try\n"), 10)

    def test_interrupting_it_leaves_the_task_alone(self):
        record = self.api.shell("echo up; exec sleep 1000")
        process = self.apollo.start("task", "logs", "-f", record["name"])
        self.assertEqual(process.stdout.readline(), b"up\n")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        self.assertIn(process.returncode, (130, -2))
        self.assertEqual(self.api.task(record["name"])["state"], "running")
        self.apollo("task", "stop", "--grace", "0", record["name"])

    def test_since_passes_over_what_is_older(self):
        gate = self.scratch("gate")
        record = self.api.shell(f"echo old; while [ ! -e {gate} ]; do sleep 0.05; done; echo new")
        self.platform.await_output(record["name"], "old\n")
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        open(gate, "w").close()
        self.platform.await_end(record["name"])
        self.assertEqual(self.logs(record["name"], "--since", now).out, "new\n")
        self.assertEqual(self.logs(record["name"], "--since", "5m").out, "old\nnew\n")

    def test_timestamps_stand_before_each_piece(self):
        name = self.finished("echo one")
        self.assertRegex(self.logs(name, "--timestamps").out, r"\A20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z one\n\Z")

    def test_the_output_of_each_attempt_is_kept(self):
        record = self.api.shell(
            'echo "$APOLLO_ATTEMPT"; exit 3', restart={"mode": "on-failure", "attempts": 2, "wait": 0.01}
        )
        record = self.platform.await_end(record["name"])
        ids = [attempt["id"] for attempt in record["attempts"]]
        self.assertEqual(len(set(ids)), 3)
        for number, attempt in enumerate(ids, 1):
            self.assertEqual(self.logs("--attempt", str(number), record["name"]).out, attempt + "\n")
        self.assertEqual(self.logs(record["name"]).out, ids[2] + "\n")

    def test_an_attempt_that_was_not_made_is_code_66_with_those_there_are(self):
        name = self.finished("true")
        outcome = self.apollo("task", "logs", "--attempt", "7", name)
        self.assertCode(outcome, 66)
        self.assertSays(outcome.err, "no attempt 7", "it has 1")

    def test_a_task_that_is_not_there_is_code_66(self):
        outcome = self.apollo("task", "logs", "nobody")
        self.assertCode(outcome, 66)
        self.assertSays(outcome.err, "no task 'nobody'", "apollo task ps --all")

    def test_binary_output_is_identical_byte_for_byte(self):
        data = os.urandom(100_000) + bytes(range(256))
        path = self.scratch("bytes")
        with open(path, "wb") as file:
            file.write(data)
        self.assertEqual(self.logs(self.finished(f"cat {path}")).raw_out, data)

    def test_five_megabytes_are_complete_when_read_later(self):
        name = self.finished("seq 1 720000")
        outcome = self.logs(name)
        self.assertEqual(outcome.raw_out, "".join(f"{n}\n" for n in range(1, 720001)).encode())

    def test_a_very_long_line_is_complete(self):
        name = self.finished("head -c 3000000 /dev/zero | tr '\\0' x")
        self.assertEqual(self.logs(name).raw_out, b"x" * 3_000_000)

    def test_json_lines_are_those_of_the_api(self):
        name = self.finished("echo text; printf '\\377\\376' >&2")
        lines = [json.loads(line) for line in self.logs("--output", "json", name).out.splitlines()]
        answer = self.api.get(f"/api/v1/tasks/{name}/logs")
        self.assertEqual(answer.headers["Content-Type"], "application/x-ndjson")
        self.assertEqual(lines, [json.loads(line) for line in answer.text.splitlines() if line])
        by_stream = {line["stream"]: line for line in lines}
        self.assertEqual(by_stream["stdout"]["text"], "text\n")
        self.assertEqual(base64.b64decode(by_stream["stderr"]["base64"]), b"\xff\xfe")
        self.assertEqual({line["attempt"] for line in lines}, {1})

    def test_a_reader_that_goes_away_ends_the_command(self):
        record = self.api.shell("seq 1 200000; exec sleep 1000")
        outcome = self.apollo.shell(f"apollo task logs -f {record['name']} | head -n 1; exit ${{PIPESTATUS[0]}}")
        self.assertEqual((outcome.code, outcome.out), (141, "1\n"))
        self.apollo("task", "stop", "--grace", "0", record["name"])

    def test_what_follows_a_running_task_arrives_within_a_second(self):
        gate = self.scratch("gate")
        record = self.api.shell(f"echo up; while [ ! -e {gate} ]; do sleep 0.01; done; echo now; sleep 1000")
        process = self.apollo.start("task", "logs", "-f", record["name"])
        self.assertEqual(process.stdout.readline(), b"up\n")
        began = time.monotonic()
        open(gate, "w").close()
        self.assertEqual(process.stdout.readline(), b"now\n")
        self.assertLess(time.monotonic() - began, 12)  # Before the next sign of life, on the busiest machine.
        self.apollo("task", "stop", "--grace", "0", record["name"])
        process.communicate(timeout=60)

    def test_many_can_follow_one_task(self):
        gate = self.scratch("gate")
        record = self.api.shell(f"echo up; while [ ! -e {gate} ]; do sleep 0.05; done; seq 1 2000")
        followers = [self.apollo.start("task", "logs", "-f", record["name"]) for _ in range(8)]
        for follower in followers:
            self.assertEqual(follower.stdout.readline(), b"up\n")
        open(gate, "w").close()
        wanted = "".join(f"{n}\n" for n in range(1, 2001)).encode()
        for follower in followers:
            self.assertEqual(follower.communicate(timeout=60)[0], wanted)
