"""The OpenAPI document and the running routes say the same: schemathesis calls each with inputs made from it."""

import os
import re
import subprocess

from harness import ApolloTestCase
from harness.tools import python_tools

# What may be refused and how: the routes' own statuses, and those of the server below them.
CONFIGURATION = """
# An output that is followed ends when its task does.
[parameters]
follow = false

# 414 and 431 too: what the server refuses before a route is looked for.
[checks]
negative_data_rejection.expected-statuses = ["4xx"]

# A method that HTTP does not know is a 501 (RFC 9110, section 9.1); so is QUERY, which the parser does not know yet.
[phases.coverage]
unexpected-methods = ["DELETE", "PATCH", "POST", "PUT", "TRACE"]
"""

# A schema cannot say that of an image and an executable there is one, nor which cursor a server gave out.
NOT_CHECKED = "positive_data_acceptance"


class Contract(ApolloTestCase):
    weight = 3

    # What one test makes of the platform is not what the next one expects.
    own_platform = True

    @classmethod
    def setUpClass(cls):
        cls.python = python_tools()
        super().setUpClass()

    def setUp(self):
        self.platform = self.make_platform().start()
        self.task = self.api.shell("echo out; echo err >&2", name="known")["name"]
        self.platform.await_end(self.task)
        job = {"name": "known", "tasks": [{"name": "t", "executable": "/bin/true", "instances": 0}]}
        self.assertEqual(self.api.post("/api/v1/jobs", json=job).status, 201)
        # From now on no programs of the host: nobody knows what their names would be.
        self.platform.terminate()
        self.platform.environment["APOLLO_PROCESS_ENABLED"] = "false"
        self.platform.restart()

    def operations(self):
        """Every operation: its id, and whether its answer has no end."""
        for path, item in self.api.get("/api/v1/openapi.json").json()["paths"].items():
            for method, operation in item.items():
                content = operation["responses"].get("200", {}).get("content", {})
                yield method, path, operation["operationId"], "text/event-stream" in content

    def run_schemathesis(self, configuration, *options):
        """Calls every operation whose answer has an end, and returns how often."""
        path = self.scratch("schemathesis.toml")
        with open(path, "w") as file:
            file.write(configuration)
        streams = [name for _, _, name, is_endless in self.operations() if is_endless]
        command = [
            os.path.join(os.path.dirname(self.python), "schemathesis"), "--config-file", path, "run",
            self.platform.address + "/api/v1/openapi.json", "-H", f"Authorization: Bearer {self.platform.token}",
            "--seed", "20", "--checks", "all", "--exclude-checks", NOT_CHECKED, "--continue-on-failure", "--no-shrink",
            "--request-timeout", "30", "--warnings", "off", *options,
            *(word for name in streams for word in ("--exclude-operation-id", name)),
        ]  # fmt: skip
        environment = {"PATH": os.environ["PATH"], "HOME": self.directory, "LANG": "C.UTF-8", "COLUMNS": "160"}
        done = subprocess.run(
            command, cwd=self.directory, env=environment, capture_output=True, text=True, timeout=400, check=False
        )
        failures = done.stdout[done.stdout.find("FAILURES") :]
        self.assertEqual(done.returncode, 0, f"{failures[-12000:]}\n{done.stderr[-2000:]}")
        self.assertTrue(self.platform.is_running)
        self.assertNotIn("a request failed", self.platform.log)
        return int(re.search(r"(\d+) generated", done.stdout).group(1))

    def test_every_route_keeps_what_the_document_says(self):
        # Right and wrong inputs of every kind.
        calls = self.run_schemathesis(CONFIGURATION, "--max-examples", "8", "--phases", "coverage,fuzzing")
        self.assertGreater(calls, 100)

    def test_what_is_there_is_answered_as_the_document_says(self):
        # Right inputs, about things that there are.
        node = self.api.get("/api/v1/nodes").json()["items"][0]["name"]
        known = {"task": self.task, "job": "known", "service": "known", "node": node}
        paths = "".join(f'"path.{name}" = "{value}"\n' for name, value in known.items())
        configuration = CONFIGURATION.replace("follow = false\n", "follow = false\n" + paths)
        # Nothing is deleted, so that it stays there.
        options = ("--max-examples", "4", "--phases", "fuzzing", "--mode", "positive", "--exclude-method", "DELETE")
        self.assertGreater(self.run_schemathesis(configuration, *options), 10)

    def test_streams_are_what_the_document_says(self):
        for method, path, name, is_endless in self.operations():
            if not is_endless:
                continue
            with self.subTest(name):
                path = re.sub(r"\{task\}", self.task, path)
                path = re.sub(r"\{service\}", "known", path)
                self.assertNotIn("{", path, "this test knows no such parameter yet")
                connection = self.api.connect()
                connection.request(method.upper(), path, headers=self.api.headers())
                answer = connection.getresponse()
                self.assertEqual(answer.status, 200)
                self.assertEqual(answer.headers["Content-Type"], "text/event-stream")
                self.assertRegex(answer.readline().decode(), r"^(event|data|id|retry)?:")
                connection.close()
                self.assertEqual(self.api.call(method.upper(), path, token=None).status, 401)
