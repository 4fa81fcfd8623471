"""Health checks against real servers: well, ill, silent, redirecting, flooding, and none at all."""

import os
import tempfile
import textwrap

from harness import ApolloTestCase, eventually
from harness.case import BINARY
from harness.machines import Manager

# Answers as the file says that it is given: a status, 'silent' for never, 'flood' for a body without end.
SERVER = """
import http.server, os, sys, time

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        with open(sys.argv[1]) as file:
            mood = file.read()
        if mood == "silent":
            time.sleep(600)
        self.send_response(200 if mood == "flood" else int(mood))
        if mood.startswith("3"):
            self.send_header("Location", "/elsewhere")
        self.end_headers()
        while mood == "flood":
            self.wfile.write(b"x" * 65536)

    def log_message(self, *words):
        pass

http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""


class HealthTestCase(ApolloTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = os.path.join(cls.directory, "server.py")
        with open(cls.server, "w", encoding="utf-8") as file:
            file.write(textwrap.dedent(SERVER))

    def mood(self, name, mood):
        """Says how the server of this name answers from now on; returns the file that says so."""
        path = os.path.join(self.directory, name)
        with open(path + ".new", "w", encoding="utf-8") as file:
            file.write(mood)
        os.replace(path + ".new", path)
        return path

    def serve(self, mood="200", http=None, restart="never", **check):
        """A server with a check that is quick; returns its name."""
        name = self.unique("s")
        health = {"http": http or {"path": "/health"}, "interval": 0.1, "startPeriod": 20, "retries": 2, **check}
        self.api.submit(
            "/usr/bin/python3", self.server, self.mood(name, mood), name=name, ports=[{"container": 80}],
            health=health, restart={"mode": restart, "wait": 0.1}, stopGrace=1,
        )  # fmt: skip
        return name

    def health(self, name):
        record = self.api.task(name)
        return (record["attempts"] or [{}])[-1].get("health", {})

    def await_health(self, name, state):
        eventually(lambda: self.health(name).get("state") == state, f"{name} is {state}")
        return self.health(name)["reason"]


class Health(HealthTestCase):
    def test_a_task_is_healthy_then_unhealthy_and_started_again_with_the_reason_kept(self):
        name = self.serve(restart="on-failure")
        self.assertEqual(self.await_health(name, "healthy"), "GET :80/health answered 200")
        self.assertSays(self.apollo("task", "ls").out, "HEALTH", name, "healthy")
        shown = self.apollo("task", "status", name).out
        self.assertSays(shown, "Health:", "healthy for", "Check:", "GET /health every")
        self.mood(name, "503")
        eventually(lambda: len(self.api.task(name)["attempts"]) > 1, "another attempt follows")
        self.mood(name, "200")
        self.await_health(name, "healthy")
        first = self.api.task(name)["attempts"][0]
        self.assertEqual(first["outcome"], "failed")
        self.assertEqual(first["reason"], "unhealthy: GET :80/health answered 503 (2 times in a row)")
        self.assertSays(self.apollo("task", "status", name).out, "unhealthy: GET :80/health answered 503")
        self.apollo("task", "stop", name)

    def ends(self, mood, reason, **options):
        """A server that never answers well is ended for that reason."""
        name = self.serve(mood, startPeriod=0, retries=3, **options)
        record = self.platform.await_end(name)
        self.assertEqual(record["state"], "failed")
        self.assertSays(record["reason"], "unhealthy: ", reason)

    def test_a_redirect_is_an_answer_that_is_not_followed(self):
        # Nobody listens before the server does: so many failures are of that.
        name = self.serve("302", http={"path": "/", "status": [302, 200]})
        self.assertEqual(self.await_health(name, "healthy"), "GET :80/ answered 302")
        self.apollo("task", "stop", name)
        other = self.serve("302")
        eventually(lambda: "302" in self.health(other).get("reason", ""), "the redirect is told while it is starting")
        self.assertEqual(
            self.health(other)["reason"], "GET :80/health answered 302 to /elsewhere, which is not followed"
        )
        self.apollo("task", "stop", other)

    def test_a_server_that_never_answers_is_ended(self):
        name = self.serve(timeout=0.2)
        self.await_health(name, "healthy")
        self.mood(name, "silent")
        record = self.platform.await_end(name)
        self.assertSays(record["reason"], "unhealthy: GET :80/health was not answered within 200ms")

    def test_an_answer_without_end_costs_nothing(self):
        name = self.serve("flood")
        self.await_health(name, "healthy")
        self.apollo("task", "stop", name)

    def test_a_port_that_nobody_listens_on_is_told_by_either_probe(self):
        for probe, words in (({"tcp": {"port": 9}}, "port 9"), ({"http": {"path": "/x", "port": 9}}, "GET :9/x")):
            task = self.api.shell(
                "exec sleep 1000", name=self.unique("n"), health={**probe, "startPeriod": 0, "interval": 0.1}
            )
            record = self.platform.await_end(task["name"])
            self.assertEqual(record["state"], "failed")
            self.assertSays(record["reason"], "unhealthy: ", words, "(3 times in a row)")

    def command(self, script, *words, start_period="20s"):
        """A task whose check is a command that runs `script`; returns its name."""
        name = self.unique("c")
        options = ["--health-interval", "100ms", "--health-retries", "2", "--health-start-period", start_period]
        run = ["task", "run", "-d", "--name", name, *options, *words, "--health-exec", script]
        self.assertCode(self.apollo(*run, "--exec", "/bin/sleep", "--", "1000"), 0)
        return name

    def test_a_command_inside_the_task_says_whether_it_is_healthy(self):
        path = self.mood("ready", "yes")
        name = self.command(f'echo "mood of $COLOUR"; grep -q yes {path}', "--env", "COLOUR=blue")
        self.assertSays(self.await_health(name, "healthy"), "grep -q yes", "ended well")
        self.assertSays(self.apollo("task", "status", name).out, "Check:", "running sh -c echo")
        self.mood("ready", "no")
        record = self.platform.await_end(name)
        self.assertEqual(record["state"], "failed")
        self.assertSays(record["reason"], "unhealthy: ", "ended with exit code 1: mood of blue (2 times in a row)")

    def test_a_command_that_takes_too_long_is_a_failure_and_is_ended(self):
        pids = self.scratch("pids")
        script = f"echo $$ >> {pids}; exec sleep 4000"
        name = self.command(script, "--health-timeout", "200ms", start_period="0s")
        record = self.platform.await_end(name)
        self.assertSays(record["reason"], "took longer than 200ms (2 times in a row)")
        with open(pids) as file:
            for pid in file.read().split():
                eventually(lambda: not os.path.exists(f"/proc/{pid}"), "what took too long is gone")

    def test_a_command_that_is_not_there_is_named(self):
        health = {"exec": {"command": ["apollo-no-such-check", "x"]}, "startPeriod": 0, "interval": 0.1}
        task = self.api.submit("/bin/sleep", "1000", health=health)
        record = self.platform.await_end(task["name"])
        self.assertEqual(record["state"], "failed")
        self.assertSays(record["reason"], "'apollo-no-such-check x' cannot be run", "(3 times in a row)")

    def test_a_platform_that_is_killed_goes_on_probing(self):
        platform = self.make_platform().start()
        try:
            name = self.unique("k")
            self.mood(name, "200")
            health = {"http": {"path": "/"}, "interval": 0.1, "retries": 2, "startPeriod": 20}
            platform.api.submit(
                "/usr/bin/python3", self.server, os.path.join(self.directory, name), name=name,
                ports=[{"container": 80}], health=health, stopGrace=1,
            )  # fmt: skip

            def state():
                attempt = platform.api.task(name)["attempts"][-1]
                return attempt.get("health", {}).get("state")

            eventually(lambda: state() == "healthy", "it is healthy")
            platform.kill9()
            platform.start()
            self.assertEqual(state(), "healthy")
            self.mood(name, "500")
            self.assertSays(platform.await_end(name)["reason"], "unhealthy: GET :80/ answered 500")
        finally:
            platform.kill9()

    def test_a_check_that_is_wrong_names_the_field(self):
        port = [{"container": 80}]
        for health, ports, path in (
            ({}, port, "health"),
            ({"http": {}, "tcp": {}}, port, "health.tcp"),
            ({"tcp": {}, "exec": {"command": ["true"]}}, port, "health.exec"),
            ({"exec": {"command": []}}, port, "health.exec.command"),
            ({"exec": {"command": [""]}}, port, "health.exec.command"),
            ({"http": {}}, [], "health.http.port"),
            ({"tcp": {}}, [{"container": 53, "transport": "udp"}], "health.tcp.port"),
            ({"http": {"path": "x"}}, port, "health.http.path"),
            ({"http": {"path": "/a b"}}, port, "health.http.path"),
            ({"http": {"headers": {"a b": "c"}}}, port, "health.http.headers"),
            ({"http": {"headers": {"A": "c\r\nX: y"}}}, port, "health.http.headers"),
            ({"http": {"status": [99]}}, port, "health.http.status[0]"),
            ({"http": {}, "interval": 0}, port, "health.interval"),
            ({"http": {}, "retries": 0}, port, "health.retries"),
            ({"htp": {}}, port, "health.htp"),
        ):
            with self.subTest(health=health):
                answer = self.api.post(
                    "/api/v1/tasks", json={"executable": "/bin/true", "ports": ports, "health": health}
                )
                self.assertProblem(answer, 400, "invalid")
                self.assertIn(path, [error["path"] for error in answer.json()["errors"]])

    def test_options_that_do_not_go_together_are_refused(self):
        for words, says in (
            (["--health-retries", "3"], "need something to probe"),
            (["--health-http", "/", "--health-tcp", "9"], "one kind of probe"),
            (["--health-exec", "true", "--health-tcp", "9"], "one kind of probe"),
            (["--health-tcp", "9", "--health-status", "200"], "--health-http"),
            (["--health-http", "health"], "a path such as /health"),
        ):
            refused = self.apollo("task", "run", *words, "--", "true")
            self.assertCode(refused, 2)
            self.assertSays(refused.err, says)


class HealthOfJobs(HealthTestCase):
    def run_job(self, name, mood, extra=""):
        path = self.scratch(f"{name}.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(
                textwrap.dedent(f"""\
                    name: {name}
                    update: {{progressDeadline: 3, minReady: 200ms}}
                    tasks:
                      - name: server
                        instances: 2
                        executable: /usr/bin/python3
                        command: ["{self.server}", "{self.mood(f"{name}-{mood}", mood)}"]
                        ports: [{{container: 80}}]
                        stopGrace: 1
                        health: {{http: {{path: /}}, interval: 100ms, startPeriod: 60}}
                    """)
            )
        self.assertCode(self.apollo("job", "run", "-f", path), 0)

    def job(self, name):
        return self.api.get(f"/api/v1/jobs/{name}").json()

    def test_a_version_that_is_not_healthy_replaces_nothing_and_is_reverted(self):
        name = self.unique("j")
        self.run_job(name, "200")

        def state():
            return self.job(name)["job"]["state"]

        eventually(lambda: state() == "running", "both instances are healthy")
        old = {instance["task"] for instance in self.job(name)["instances"]}
        self.run_job(name, "503")
        eventually(lambda: state() == "running" and self.job(name)["job"]["version"] == 3, "it is as it was")
        instances = self.job(name)["instances"]
        self.assertEqual({instance["task"] for instance in instances}, old)
        self.apollo("job", "stop", name)


class HealthOnOtherMachines(HealthTestCase):
    """Probes are made by the worker, and go on when it is started again."""

    own_platform = True
    weight = 2

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.platform = Manager(BINARY, tempfile.mkdtemp(prefix="m", dir=cls.directory), lease="30s").start()
        cls.worker = cls.platform.worker("one").start()

    def test_a_worker_probes_and_goes_on_when_it_was_killed(self):
        name = self.serve()
        self.await_health(name, "healthy")
        self.worker.kill9()
        self.worker.start()
        self.assertEqual(self.health(name)["state"], "healthy")
        self.mood(name, "404")
        record = self.platform.await_end(name)
        self.assertEqual(record["state"], "failed")
        self.assertSays(record["reason"], "unhealthy: GET :80/health answered 404 (2 times in a row)")

    def test_a_worker_runs_the_commands_of_checks(self):
        path = self.mood("there", "yes")
        health = {"exec": {"command": ["grep", "-q", "yes", path]}, "interval": 0.1, "retries": 2, "startPeriod": 20}
        task = self.api.submit("/bin/sleep", "1000", name=self.unique("c"), health=health)["name"]
        self.assertEqual(self.await_health(task, "healthy"), f"'grep -q yes {path}' ended well")
        self.mood("there", "no")
        record = self.platform.await_end(task)
        self.assertSays(record["reason"], "unhealthy: 'grep -q yes", "ended with exit code 1 (2 times in a row)")
