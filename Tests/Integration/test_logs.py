"""`apollo task logs`, and what the API gives of a task's output."""

import base64
import datetime
import json
import os
import signal
import time

from harness import ApolloTestCase, eventually
from harness.proxy import CuttingProxy


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


class CutLogs(ApolloTestCase):
    """Output over connections that are cut."""

    def follow(self, proxy, *words):
        return self.apollo.start("task", "logs", "--address", proxy.address, *words)

    def test_a_reader_whose_connection_is_cut_again_and_again_misses_and_doubles_nothing(self):
        script = 'seq 1 500; i=500; while [ $i -lt 700 ]; do i=$((i + 1)); echo $i; echo e$i >&2; sleep 0.01; done'
        record = self.api.shell(script)
        with CuttingProxy(self.api.port, every=8_000) as proxy:
            process = self.follow(proxy, "-f", record["name"])
            out, err = process.communicate(timeout=60)
            self.assertEqual(process.returncode, 0, err)
            self.assertGreater(proxy.cuts, 2)
        self.assertEqual(out.decode().split(), [str(number) for number in range(1, 701)])
        said = [line for line in err.decode().splitlines() if not line.startswith("apollo: ")]
        self.assertEqual(said, [f"e{number}" for number in range(501, 701)])
        self.assertSays(err.decode(), "apollo: the connection was cut; reading on where it was")

    def test_so_it_is_over_restarts_of_the_task(self):
        gate = self.scratch("gate")
        script = f'seq 1 4000; while [ ! -e {gate} ]; do sleep 0.05; done; exit 3'
        record = self.api.shell(script, restart={"mode": "on-failure", "attempts": 2, "wait": 0})
        with CuttingProxy(self.api.port, every=30_000) as proxy:
            process = self.follow(proxy, "-f", "--all", record["name"])
            self.platform.await_output(record["name"], "4000\n")
            open(gate, "w").close()
            out, err = process.communicate(timeout=60)
            self.assertEqual(process.returncode, 0, err)
            self.assertGreater(proxy.cuts, 0)
        self.assertEqual(out.decode().split(), [str(number) for number in range(1, 4001)] * 3)

    def test_a_platform_that_is_killed_and_started_again_is_read_on(self):
        platform = self.make_platform().start()
        gate = self.scratch("gate")
        record = platform.api.shell(f"seq 1 5000; while [ ! -e {gate} ]; do sleep 0.05; done; seq 5001 6000")
        process = platform.apollo.start("task", "logs", "-f", record["name"])
        line = b""
        while line != b"5000\n":
            line = process.stdout.readline()
        platform.kill9()
        platform.start()
        open(gate, "w").close()
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, err)
        self.assertEqual(out.decode().split(), [str(number) for number in range(5001, 6001)])

    def test_a_platform_that_stays_away_before_the_first_line_is_said_at_once(self):
        outcome = self.apollo("task", "logs", "-f", "--address", "http://127.0.0.1:1", "web")
        self.assertCode(outcome, 69)

    def test_offsets_are_places_of_an_attempt(self):
        record = self.api.shell("for i in 1 2 3 4 5; do echo $i; sleep 0.05; done")
        self.platform.await_end(record["name"])
        path = f"/api/v1/tasks/{record['name']}/logs"
        lines = [json.loads(line) for line in self.api.get(path).text.splitlines() if line]
        for index, line in enumerate(lines):
            rest = self.api.get(f"{path}?attempt=1&offset={line['offset']}").text.splitlines()
            self.assertEqual([json.loads(text) for text in rest if text], lines[index + 1 :])
        self.assertEqual(self.api.get(f"{path}?attempt=1&offset=99999999").text.strip(), "")
        for query, field in (
            ("offset=5", "attempt"),
            ("attempt=1&offset=5&tail=1", "tail"),
            ("attempt=1&offset=-1", "offset"),
        ):
            self.assertProblem(self.api.get(f"{path}?{query}"), 400, "invalid", field)


    def test_server_sent_events_have_ids_to_go_on_from(self):
        script = "for i in 1 2 3; do echo $i; sleep 0.05; done; exit 3"
        record = self.api.shell(script, restart={"mode": "on-failure", "attempts": 1, "wait": 0})
        self.platform.await_end(record["name"])
        path = f"/api/v1/tasks/{record['name']}/logs?all=true"
        accept = {"Accept": "text/event-stream"}
        answer = self.api.get(path, headers=accept)
        self.assertEqual(answer.headers["Content-Type"], "text/event-stream")
        events = [block.splitlines() for block in answer.text.split("\n\n") if block]
        self.assertEqual(events[-1], ["event: end", "data: {}"])
        ids = [line[4:] for event in events for line in event if line.startswith("id: ")]
        self.assertEqual(len(ids), len(events) - 1)
        for index, last in enumerate(ids):
            rest = self.api.get(path, headers={**accept, "Last-Event-ID": last}).text
            self.assertEqual([block.splitlines() for block in rest.split("\n\n") if block], events[index + 1 :])
        wrong = self.api.get(path, headers={**accept, "Last-Event-ID": "x"})
        self.assertProblem(wrong, 400, "invalid", "Last-Event-ID")


class KeptLogs(ApolloTestCase):
    own_platform = True

    def test_output_is_bounded_per_attempt_and_dropped_by_time_and_size_and_that_is_said(self):
        platform = self.make_platform(
            env={
                "APOLLO_WORKER_LOGS_ATTEMPT_SIZE": "64Ki",
                "APOLLO_WORKER_LOGS_MAX_SIZE": "100Ki",
                "APOLLO_WORKER_LOGS_KEEP": "1h",
            }
        ).start()
        first = platform.api.shell("seq 1 100000")["name"]
        platform.await_end(first)
        self.assertSays(platform.apollo("task", "logs", first).err, "of older output were dropped")
        second = platform.api.shell("seq 1 100000")["name"]
        platform.await_end(second)
        # One has room, two have not: the older one goes.
        self.assertEqual(platform.terminate(), 0)
        platform.start()
        eventually(lambda: platform.apollo("task", "logs", first).out == "", "the first output is dropped")
        self.assertSays(platform.apollo("task", "logs", first).err, "of older output were dropped")
        self.assertSays(platform.apollo("task", "logs", second).out, "100000")
        self.assertEqual(platform.terminate(), 0)
        platform.environment["APOLLO_WORKER_LOGS_KEEP"] = "1s"
        platform.start()
        eventually(lambda: platform.apollo("task", "logs", second).out == "", "the second output is dropped")
        self.assertEqual(platform.api.task(second)["state"], "completed")
