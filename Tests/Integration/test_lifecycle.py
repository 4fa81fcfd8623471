"""Looking at tasks, stopping, removing and restarting them."""

import os
import time

from harness import ApolloTestCase, eventually
from harness import processes


class Looking(ApolloTestCase):
    def test_ps_shows_what_is_not_finished_and_all_everything(self):
        running, done = self.unique("running"), self.unique("done")
        self.apollo("task", "run", "-d", "--name", running, "--", "sleep", "1000")
        self.apollo("task", "run", "--name", done, "--", "true")
        self.platform.await_state(running, "running")
        names = self.apollo("task", "ps", "--quiet").out.split()
        self.assertIn(running, names)
        self.assertNotIn(done, names)
        self.assertLessEqual({running, done}, set(self.apollo("task", "ps", "--all", "--quiet").out.split()))
        table = self.apollo("task", "ps", "-a").out.splitlines()
        self.assertEqual(table[0].split(), ["NAME", "STATE", "AGE", "TRIES", "RUNS", "PORTS", "REASON"])
        row = next(line for line in table if line.startswith(done))
        self.assertRegex(row, r"completed .* 1 +true +- +exit code 0")
        self.apollo("task", "stop", "--grace", "0", running)

    def test_ps_lists_those_that_were_asked_for(self):
        up, down, mark = self.unique("up"), self.unique("down"), self.unique("mark")
        marks = ("--label", f"app={mark}")
        self.apollo("task", "run", "-d", "--name", up, *marks, "--label", "tier=a", "--", "sleep", "1000")
        self.apollo("task", "run", "--name", down, *marks, "--", "false")
        self.platform.await_state(up, "running")
        node = self.api.get("/api/v1/nodes").json()["items"][0]

        def names(*options):
            return self.apollo("task", "ps", "-q", *marks, *options).out.split()

        self.assertEqual(names(), [up])
        self.assertEqual(names("--all"), [up, down])
        self.assertEqual(names("--state", "failed"), [down])
        self.assertEqual(names("--state", "failed", "--state", "running"), [up, down])
        self.assertEqual(names("--all", "--label", "tier"), [up])
        self.assertEqual(names("--all", "--label", "tier=b"), [])
        for handle in (node["name"], node["id"]):
            self.assertEqual(names("--all", "--node", handle), [up, down])
        self.assertEqual(names("--all", "--node", "no-such-node"), [])
        self.assertEqual(names("--all", "--job", "no-such-job"), [])
        told = self.apollo("task", "explain", up).out
        self.assertSays(told, f"running on {node['name']}\n", "Of 1 node, 1 would take")
        self.assertRegex(self.apollo("task", "status", up).out, rf"Node: +{node['name']}\n")
        self.apollo("task", "stop", "--grace", "0", up)

    def test_json_of_every_look_is_the_apis_own(self):
        name = self.unique("json")
        self.apollo("task", "run", "--name", name, "--", "true")
        self.assertEqual(self.apollo("task", "status", name, "--output", "json").json(), self.api.task(name))
        listed = self.apollo("task", "ps", "--all", "-o", "json").json()
        self.assertEqual([task for task in listed if task["name"] == name], [self.api.task(name)])
        nodes = self.apollo("node", "ls", "--output", "json").json()
        self.assertEqual(nodes, self.api.get("/api/v1/nodes").json()["items"])
        version = self.apollo("version", "--output", "json").json()
        self.assertEqual(version["platform"], self.api.get("/api/v1/version").json()["version"])
        self.assertEqual(version["address"], self.platform.address)

    def test_status_tells_all_about_one_task(self):
        name = self.unique("told")
        self.apollo(
            "task",
            "run",
            "--name",
            name,
            "--memory",
            "64Mi",
            "--cpu",
            "0.5",
            "--label",
            "a=b",
            "--",
            "sh",
            "-c",
            "exit 4",
        )
        text = self.apollo("task", "status", name).out
        self.assertSays(text, name, "failed", "exit code 4", "64Mi", "0.5", "a=b", "sh -c 'exit 4'", "ATTEMPT")

    def test_status_finds_a_task_by_its_identifier(self):
        record = self.api.submit("/bin/true")
        self.assertIn(record["name"], self.apollo("task", "status", record["id"]).out)

    def test_a_task_that_is_not_there_is_code_66_everywhere(self):
        for words in (["status"], ["logs"], ["stop"], ["rm"], ["rm", "--force"], ["wait"]):
            with self.subTest(command=words):
                outcome = self.apollo("task", *words, "nobody")
                self.assertCode(outcome, 66)
                self.assertSays(outcome.err, "no task 'nobody'", "hint: ")

    def test_node_ls_tells_what_there_is_and_what_is_taken(self):
        node = self.api.get("/api/v1/nodes").json()["items"][0]
        self.assertEqual(node["capacity"]["cpuMillis"], len(os.sched_getaffinity(0)) * 1000)
        pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        self.assertEqual(node["capacity"]["memory"], pages)
        record = self.api.submit("/bin/sleep", "1000", resources={"cpu": 0.25, "memory": "16Mi"})
        self.platform.await_state(record["name"], "running")
        node = self.api.get(f"/api/v1/nodes/{node['name']}").json()
        self.assertGreaterEqual(node["allocated"]["cpuMillis"], 250)
        self.assertGreaterEqual(node["allocated"]["memory"], 16 << 20)
        self.assertSays(self.apollo("node", "ls").out, node["name"], "ready", "process", "no docker")
        self.apollo("task", "stop", "--grace", "0", record["name"])

    def test_more_tasks_than_a_page_holds_are_all_listed(self):
        label = self.unique("many")
        for _ in range(520):
            self.api.submit("/bin/true", labels={"of": label})
        listed = self.apollo("task", "ps", "--all", "--output", "json").json()
        mine = [task["id"] for task in listed if task["spec"]["labels"].get("of") == label]
        self.assertEqual(len(mine), 520)
        self.assertEqual(mine, sorted(set(mine)))

    def test_without_a_platform_the_command_says_how_to_start_one(self):
        outcome = self.apollo("task", "ps", env={"APOLLO_ADDRESS": "http://127.0.0.1:9"})
        self.assertCode(outcome, 69)
        self.assertSays(outcome.err, "http://127.0.0.1:9", "apollo up")

    def test_without_a_token_the_command_says_where_one_would_be(self):
        empty = os.path.dirname(self.scratch("x"))
        outcome = self.apollo("task", "ps", "--data", empty)
        self.assertCode(outcome, 66)
        self.assertSays(outcome.err, empty + "/admin.token", "apollo up")

    def test_a_wrong_token_is_code_77(self):
        for token in ("wrong", self.platform.token[:-1], self.platform.token + "x"):
            with self.subTest(token=token[:6]):
                self.assertCode(self.apollo("task", "ps", env={"APOLLO_TOKEN": token}), 77)

    def test_a_token_can_come_from_a_file_and_from_the_environment(self):
        path = self.scratch("token")
        with open(path, "w") as file:
            file.write(self.platform.token + "\n")
        os.chmod(path, 0o600)
        empty = {"APOLLO_DATA_DIRECTORY": "/nowhere", "APOLLO_ADDRESS": self.platform.address}
        self.assertCode(self.apollo("task", "ps", "--token-file", path, env=empty), 0)
        self.assertCode(self.apollo("task", "ps", env={**empty, "APOLLO_TOKEN": self.platform.token}), 0)
        self.assertCode(self.apollo("task", "ps", "--token-file", path + ".gone", env=empty), 66)

    def test_the_curl_of_getting_started_lists_the_tasks(self):
        token = f"$(cat {self.platform.data}/admin.token)"
        line = f'curl -sS -H "Authorization: Bearer {token}" {self.platform.address}/api/v1/tasks'
        outcome = self.apollo.shell(line)
        self.assertCode(outcome, 0)
        self.assertIn("items", outcome.json())

    def test_projects_do_not_see_each_other(self):
        name = self.unique("apart")
        for project in ("other", "third"):
            self.assertCode(self.apollo("project", "create", project), 0)
        self.assertCode(self.apollo("task", "run", "--name", name, "--", "true"), 0)
        self.assertCode(self.apollo("--project", "other", "task", "run", "--name", name, "--", "true"), 0)
        self.assertEqual(self.apollo("--project", "other", "task", "ps", "--all", "-q").out.split(), [name])
        self.assertCode(self.apollo("--project", "third", "task", "status", name), 66)


class Stopping(ApolloTestCase):
    POLITE = "trap 'echo bye; exit 3' TERM; echo up; while :; do sleep 0.05; done"
    STUBBORN = "trap '' TERM; echo up; while :; do sleep 0.05; done"

    def begin(self, script, **fields):
        record = self.api.shell(script, **fields)
        self.platform.await_output(record["name"], "up\n")
        return record["name"]

    def test_stop_asks_with_sigterm_and_waits_for_the_end(self):
        name = self.begin(self.POLITE)
        outcome = self.apollo("task", "stop", name)
        self.assertEqual((outcome.code, outcome.out), (0, f"{name}\n"))
        record = self.api.task(name)
        self.assertEqual((record["state"], record["attempts"][0]["exitCode"]), ("stopped", 3))
        self.assertEqual(self.apollo("task", "logs", name).out, "up\nbye\n")

    def test_what_does_not_listen_is_killed_after_the_grace(self):
        name = self.begin(self.STUBBORN)
        began = time.monotonic()
        self.assertCode(self.apollo("task", "stop", "--grace", "500ms", name), 0)
        self.assertGreaterEqual(time.monotonic() - began, 0.5)
        record = self.api.task(name)
        self.assertEqual((record["state"], record["attempts"][0]["exitCode"]), ("stopped", 137))
        self.assertIn("SIGKILL", record["reason"])

    def test_the_tasks_own_grace_counts_when_none_is_given(self):
        # Longer than the ten seconds it would have without: a busy machine may be slow, but never early.
        name = self.begin(self.STUBBORN, stopGrace=10.5)
        began = time.monotonic()
        self.assertCode(self.apollo("task", "stop", name), 0)
        self.assertGreaterEqual(time.monotonic() - began, 10.5)
        self.assertEqual(self.api.task(name)["attempts"][0]["exitCode"], 137)

    def test_without_waiting_it_returns_at_once(self):
        name = self.begin(self.STUBBORN, stopGrace=600)
        self.assertCode(self.apollo("task", "stop", "--no-wait", name), 0)
        self.assertEqual(self.api.task(name)["state"], "stopping")
        self.assertCode(self.apollo("task", "stop", "--grace", "0", name), 0)
        self.assertEqual(self.api.task(name)["state"], "stopped")

    def test_several_are_stopped_at_once(self):
        names = [self.begin(self.POLITE) for _ in range(3)]
        outcome = self.apollo("task", "stop", *names)
        self.assertEqual((outcome.code, outcome.out.split()), (0, names))
        self.assertEqual({self.api.task(name)["state"] for name in names}, {"stopped"})

    def test_stopping_what_has_finished_changes_nothing(self):
        record = self.platform.await_end(self.api.submit("/bin/true")["name"])
        self.assertCode(self.apollo("task", "stop", record["name"]), 0)
        self.assertEqual(self.api.task(record["name"]), record)

    def test_stop_reaches_every_process_of_the_task(self):
        name = self.begin("sleep 1001 & setsid sleep 1002 & trap '' TERM; echo $!; echo up; wait; sleep 1003")
        child = int(self.apollo("task", "logs", name).out.split()[0])
        self.assertTrue(processes.is_alive(child))
        self.assertCode(self.apollo("task", "stop", "--grace", "200ms", name), 0)
        eventually(lambda: not processes.is_alive(child), "the child in a session of its own is gone")

    def test_a_waiting_task_is_stopped_without_having_started(self):
        record = self.api.submit("/bin/true", resources={"cpu": 4000})
        self.assertCode(self.apollo("task", "stop", record["name"]), 0)
        record = self.api.task(record["name"])
        self.assertEqual((record["state"], record["attemptCount"]), ("stopped", 0))

    def test_stop_needs_names_or_all_and_not_both(self):
        self.assertCode(self.apollo("task", "stop"), 2)
        self.assertCode(self.apollo("task", "stop", "--all", "x"), 2)


class StoppingAll(ApolloTestCase):
    def test_all_stops_everything_and_nothing_runs_afterwards(self):
        for _ in range(5):
            self.api.submit("/bin/sleep", "1000")
        self.api.submit("/bin/true", resources={"cpu": 4000})
        outcome = self.apollo("task", "stop", "--all")
        self.assertCode(outcome, 0)
        self.assertEqual(len(outcome.out.split()), 6)
        self.assertEqual(self.apollo("task", "ps", "-q").out, "")
        self.assertEqual({task["state"] for task in self.api.tasks()}, {"stopped"})
        self.assertEqual(processes.descendants(self.platform.launcher), [])


class Removing(ApolloTestCase):
    def test_rm_forgets_a_finished_task_and_its_output(self):
        record = self.platform.await_end(self.api.shell("seq 1 100000")["name"])
        kept = os.path.join(self.platform.data, "processes", "attempts", record["attempts"][0]["id"])
        self.assertTrue(os.path.isdir(kept))
        outcome = self.apollo("task", "rm", record["name"])
        self.assertEqual((outcome.code, outcome.out), (0, record["name"] + "\n"))
        self.assertCode(self.apollo("task", "status", record["name"]), 66)
        eventually(lambda: not os.path.exists(kept), "the output is gone from the disk")

    def test_a_running_task_is_not_removed_and_the_message_says_how(self):
        record = self.api.submit("/bin/sleep", "1000")
        self.platform.await_state(record["name"], "running")
        outcome = self.apollo("task", "rm", record["name"])
        self.assertCode(outcome, 67)
        self.assertSays(outcome.err, "running", "apollo task stop", "--force")
        self.assertEqual(self.api.task(record["name"])["state"], "running")
        self.assertCode(self.apollo("task", "rm", "--force", record["name"]), 0)
        self.assertCode(self.apollo("task", "status", record["name"]), 66)

    def test_the_name_is_free_again_afterwards(self):
        name = self.unique("again")
        for _ in range(2):
            self.assertCode(self.apollo("task", "run", "--name", name, "--", "true"), 0)
            self.assertCode(self.apollo("task", "rm", name), 0)

    def test_rm_needs_names_or_finished(self):
        self.assertCode(self.apollo("task", "rm"), 2)
        self.assertCode(self.apollo("task", "rm", "--finished", "x"), 2)


class RemovingFinished(ApolloTestCase):
    def test_finished_forgets_all_that_is_over_and_nothing_else(self):
        names = [self.api.submit("/bin/true")["name"] for _ in range(20)]
        running = self.api.submit("/bin/sleep", "1000")["name"]
        for name in names:
            self.platform.await_end(name)
        outcome = self.apollo("task", "rm", "--finished")
        self.assertCode(outcome, 0)
        self.assertEqual(sorted(outcome.out.split()), sorted(names))
        self.assertEqual([task["name"] for task in self.api.tasks()], [running])
        self.assertEqual(self.api.task(running)["state"], "running")


class Restarting(ApolloTestCase):
    def times(self, path):
        try:
            with open(path) as file:
                return [float(line) for line in file]
        except FileNotFoundError:
            return []

    def test_on_failure_2_makes_three_attempts_with_growing_pauses(self):
        path = self.scratch("times")
        outcome = self.apollo(
            "task",
            "run",
            "--restart",
            "on-failure:2",
            "--name",
            "thrice",
            "--",
            "sh",
            "-c",
            f"date +%s.%N >> {path}; echo try; exit 5",
        )
        self.assertEqual((outcome.code, outcome.out), (5, "try\n" * 3))
        times = self.times(path)
        self.assertEqual(len(times), 3)
        self.assertGreaterEqual(times[1] - times[0], 0.5)
        self.assertGreaterEqual(times[2] - times[1], 1.0)
        record = self.api.task("thrice")
        self.assertEqual((record["state"], record["attemptCount"]), ("failed", 3))
        self.assertEqual([attempt["exitCode"] for attempt in record["attempts"]], [5, 5, 5])

    def test_while_it_waits_it_is_pending_with_the_reason(self):
        record = self.api.shell(
            "exit 5", restart={"mode": "on-failure", "attempts": 1, "wait": 600, "maximumWait": 600}
        )
        record = self.platform.await_state(record["name"], "pending")
        self.assertSays(record["reason"], "exit code 5", "restarting in 10m")
        self.assertIn("notBefore", record)
        self.assertCode(self.apollo("task", "stop", record["name"]), 0)

    def test_success_ends_on_failure(self):
        path = self.scratch("count")
        record = self.api.shell(
            f"echo x >> {path}; [ $(wc -l < {path}) -ge 2 ]", restart={"mode": "on-failure", "wait": 0.01}
        )
        record = self.platform.await_end(record["name"])
        self.assertEqual((record["state"], record["attemptCount"]), ("completed", 2))

    def test_always_goes_on_after_success_until_it_is_stopped(self):
        path = self.scratch("count")
        record = self.api.shell(f"echo x >> {path}", restart={"mode": "always", "wait": 0.01, "maximumWait": 0.01})
        eventually(lambda: os.path.exists(path) and os.path.getsize(path) >= 8, "it ran four times")
        self.assertCode(self.apollo("task", "stop", record["name"]), 0)
        self.assertEqual(self.api.task(record["name"])["state"], "stopped")

    def test_never_is_one_attempt(self):
        outcome = self.apollo("task", "run", "--restart", "never", "--name", "once", "--", "false")
        self.assertCode(outcome, 1)
        self.assertEqual(self.api.task("once")["attemptCount"], 1)

    def test_a_command_that_is_not_there_is_not_tried_again(self):
        record = self.api.submit("/no/such/program", restart={"mode": "always"})
        record = self.platform.await_end(record["name"])
        self.assertEqual((record["state"], record["attemptCount"]), ("failed", 1))

    def test_of_many_attempts_the_last_ten_are_kept(self):
        record = self.api.shell(
            "echo try; exit 1", restart={"mode": "on-failure", "attempts": 14, "wait": 0, "maximumWait": 0}
        )
        record = self.platform.await_end(record["name"])
        self.assertEqual(record["attemptCount"], 15)
        self.assertEqual([attempt["number"] for attempt in record["attempts"]], list(range(6, 16)))
        directory = os.path.join(self.platform.data, "processes", "attempts")
        self.assertEqual(
            {self.apollo("task", "logs", "--attempt", str(n), record["name"]).out for n in (6, 15)}, {"try\n"}
        )
        self.assertCode(self.apollo("task", "logs", "--attempt", "5", record["name"]), 66)
        self.assertCode(self.apollo("task", "rm", record["name"]), 0)
        ids = {attempt["id"] for attempt in record["attempts"]}
        eventually(lambda: not ids & set(os.listdir(directory)), "the output of all attempts is gone")

    def test_a_timeout_ends_the_attempt_and_says_so(self):
        outcome = self.apollo("task", "run", "--timeout", "300ms", "--name", "slow", "--", "sleep", "1000")
        self.assertIn("timed out after 300ms", outcome.err)
        record = self.api.task("slow")
        self.assertEqual((record["state"], record["attempts"][0]["outcome"]), ("failed", "failed"))
        # SIGTERM ended it; what handles that signal chooses its own code.
        self.assertCode(outcome, 143)

    def test_a_timeout_is_a_failure_even_where_the_task_ends_well(self):
        outcome = self.apollo(
            "task",
            "run",
            "--timeout",
            "2s",
            "--name",
            "sly",
            "--",
            "sh",
            "-c",
            "trap 'exit 0' TERM; while :; do sleep 0.05; done",
        )
        self.assertCode(outcome, 1)
        self.assertEqual(self.api.task("sly")["state"], "failed")

    def test_what_is_not_over_at_its_deadline_is_ended_whatever_its_policy_says(self):
        options = ["--finish-within", "2s", "--start-within", "2s", "--restart", "always", "--restart-wait", "100ms"]
        script = "echo try; sleep 0.5; exit 1"
        outcome = self.apollo("task", "run", *options, "--name", "late", "--", "sh", "-c", script)
        self.assertIn("was not done within 2s", outcome.err)
        record = self.api.task("late")
        self.assertEqual(record["state"], "failed")
        self.assertGreater(record["attemptCount"], 1)
        self.assertNotIn("startBy", record)
        self.assertSays(self.apollo("task", "status", "late").out, "Finish within:  2s")

    def test_a_deadline_before_the_start_is_refused(self):
        outcome = self.apollo("task", "run", "--finish-within", "1s", "--start-within", "2s", "--", "true")
        self.assertCode(outcome, 65)
        self.assertSays(outcome.err, "finishWithin", "must not be shorter than 'startWithin'")

    def test_each_attempt_has_the_whole_time(self):
        outcome = self.apollo(
            "task",
            "run",
            "--timeout",
            "2s",
            "--restart",
            "on-failure:1",
            "--name",
            "twice",
            "--",
            "sh",
            "-c",
            "echo try; exec sleep 1000",
        )
        self.assertEqual(outcome.out, "try\ntry\n")
        record = self.api.task("twice")
        self.assertEqual([a["reason"] for a in record["attempts"]], ["timed out after 2s"] * 2)
