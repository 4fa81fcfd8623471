"""What the HTTP interface makes of bad input: 4xx that name the cause, and nothing half-made."""

import base64
import gzip
import json
import random
import socket

from harness import ApolloTestCase
from harness.api import Answer


class BadInput(ApolloTestCase):
    """Whatever is sent: 4xx, problem details, and the platform works on."""

    GOOD = {"executable": "/bin/true"}

    def tearDown(self):
        self.assertTrue(self.platform.is_running, self.platform.log)
        self.assertEqual(self.api.get("/healthz").text, "ok\n")

    def refused(self, body, *parts, status=400, kind="invalid", headers=None):
        before = {task["id"] for task in self.api.tasks()}
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = self.api.post(
            "/api/v1/tasks", body=data, headers={"Content-Type": "application/json", **(headers or {})}
        )
        problem = self.assertProblem(answer, status, kind, *parts)
        self.assertEqual({task["id"] for task in self.api.tasks()}, before)
        return problem

    def test_what_is_not_json_is_refused_with_the_place(self):
        for body in (
            b"",
            b"{",
            b"nonsense",
            b'{"executable": }',
            b'{"executable": "x"',
            b'{"executable": "x",}',
            b"[1, 2",
            b'{"executable": "\x01"}',
            b'{"executable": "\xff\xfe"}',
            b"\xef\xbb\xbf{}",
            b'{"executable": "x"} more',
            b"{'executable': 'x'}",
            b'{"executable": NaN}',
            b'{"a": 01}',
            b"\x00" * 100,
        ):
            with self.subTest(body=body[:30]):
                self.refused(body)

    def test_json_of_another_shape_is_refused(self):
        for body in (b"null", b"[]", b'"text"', b"1", b"true", b"{}"):
            with self.subTest(body=body):
                self.refused(body)

    def test_depth_without_end_is_refused(self):
        self.refused(b'{"executable": ' + b"[" * 100_000)
        self.refused(b'{"a":' * 50_000)

    def test_a_field_that_does_not_exist_is_named_with_the_one_that_was_meant(self):
        problem = self.refused({**self.GOOD, "comand": ["x"], "resources": {"memroy": "64Mi"}}, "command", "memory")
        self.assertEqual([error["path"] for error in problem["errors"]], ["comand", "resources.memroy"])

    def test_the_example_of_the_manual_is_answered_as_it_says(self):
        problem = self.refused({"image": "busybox", "comand": ["true"], "resources": {"memory": "lots"}})
        self.assertEqual(problem["detail"], "2 things are wrong in the request body")
        self.assertEqual(
            problem["errors"],
            [
                {"path": "comand", "message": "there is no such field; did you mean 'command'?"},
                {
                    "path": "resources.memory",
                    "message": "must be a number of bytes, or a size such as 512Mi or 1.5Gi",
                },
            ],
        )

    def test_keys_that_stand_twice_are_refused(self):
        self.refused(b'{"executable": "/bin/true", "executable": "/bin/false"}', "executable")

    def test_wrong_types_and_values_are_refused_with_their_field(self):
        for field, value, path in (
            ("executable", 1, "executable"),
            ("executable", "", "executable"),
            ("executable", "a\0b", "executable"),
            ("command", "x", "command"),
            ("command", [1], "command[0]"),
            ("command", ["a\0b"], "command[0]"),
            ("command", [None], "command[0]"),
            ("environment", [], "environment"),
            ("environment", {"A": 1}, "environment.A"),
            ("environment", {"A=B": "x"}, "environment"),
            ("environment", {"": "x"}, "environment"),
            ("workingDirectory", "relative", "workingDirectory"),
            ("user", "", "user"),
            ("name", "Nope", "name"),
            ("name", "", "name"),
            ("name", "x" * 64, "name"),
            ("mounts", [{"source": "/a"}], "mounts[0].target"),
            ("mounts", [{"source": "a", "target": "/b"}], "mounts[0].source"),
            ("ports", [{"container": 0}], "ports[0].container"),
            ("ports", [{"container": 70000}], "ports[0].container"),
            ("ports", [{"container": 80, "transport": "sctp"}], "ports[0].transport"),
            ("ports", [{"container": 80}, {"container": 80}], "ports[1].container"),
            ("resources", {"cpu": -1}, "resources.cpu"),
            ("resources", {"cpu": 1e308}, "resources.cpu"),
            ("resources", {"cpu": "1"}, "resources.cpu"),
            ("resources", {"memory": -5}, "resources.memory"),
            ("resources", {"memory": 1}, "resources.memory"),
            ("resources", {"memory": 2**70}, "resources.memory"),
            ("resources", {"memory": "64Zi"}, "resources.memory"),
            ("resources", {"processes": 0}, "resources.processes"),
            ("resources", {"processes": 1.5}, "resources.processes"),
            ("resources", {"gpus": -1}, "resources.gpus"),
            ("restart", {"mode": "sometimes"}, "restart.mode"),
            ("restart", {"attempts": -1}, "restart.attempts"),
            ("restart", {"wait": -1}, "restart.wait"),
            ("restart", {"factor": 0.5}, "restart.factor"),
            ("restart", {"wait": 100, "maximumWait": 1}, "restart.maximumWait"),
            ("timeout", 0, "timeout"),
            ("timeout", -1, "timeout"),
            ("timeout", "soon", "timeout"),
            ("timeout", 1e18, "timeout"),
            ("stopGrace", -1, "stopGrace"),
            ("stopGrace", 1e9, "stopGrace"),
            ("priority", 10_000, "priority"),
            ("priority", 0.5, "priority"),
            ("labels", {"a": 1}, "labels.a"),
            ("labels", {"a": "x" * 300}, "labels.a"),
            ("pull", "perhaps", "pull"),
            ("onDisconnect", "panic", "onDisconnect"),
            ("entrypoint", ["x"], "entrypoint"),
            ("image", "busybox", "executable"),
        ):
            with self.subTest(field=field, value=str(value)[:30]):
                problem = self.refused({**self.GOOD, field: value})
                paths = [error["path"] for error in problem["errors"]]
                self.assertTrue(any(found.startswith(path) for found in paths), f"{path} is not among {paths}")

    def test_too_many_of_everything_is_refused(self):
        for field, value in (
            ("command", ["x"] * 20_000),
            ("environment", {f"V{n}": "" for n in range(2000)}),
            ("mounts", [{"source": "/", "target": f"/{n}"} for n in range(200)]),
            ("ports", [{"container": n} for n in range(1, 200)]),
            ("labels", {f"l{n}": "" for n in range(200)}),
        ):
            with self.subTest(field=field):
                self.refused({**self.GOOD, field: value}, field)

    def test_many_faults_are_told_up_to_a_bound(self):
        problem = self.refused({**self.GOOD, **{f"field{n}": n for n in range(500)}})
        self.assertLessEqual(len(problem["errors"]), 32)

    def test_a_body_of_ten_megabytes_is_413(self):
        body = b'{"executable": "' + b"x" * (10 << 20) + b'"}'
        answer = self.post_large({"Content-Length": str(len(body))}, body)
        self.assertProblem(answer, 413, "invalid", "1Mi")

    def test_a_chunked_body_of_ten_megabytes_is_413_too(self):
        chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
        answer = self.post_large({"Transfer-Encoding": "chunked"}, chunk * 160 + b"0\r\n\r\n")
        self.assertProblem(answer, 413, "invalid", "1Mi")

    def post_large(self, headers, body):
        """Sends a body that the server may stop reading, and reads the answer all the same."""
        connection = self.api.connect()
        connection.putrequest("POST", "/api/v1/tasks")
        for name, value in self.api.headers({"Content-Type": "application/json", **headers}).items():
            connection.putheader(name, value)
        connection.endheaders()
        try:
            connection.send(body)
        except (BrokenPipeError, ConnectionResetError):
            pass
        response = connection.getresponse()
        answer = Answer(response.status, response.headers, response.read())
        connection.close()
        return answer

    def test_a_length_that_is_absurd_is_refused_before_anything_is_read(self):
        self.assertProblem(self.post_large({"Content-Length": str(10**17)}, b"{"), 413, "invalid", "1Mi")
        for length in (str(1 << 62), "9" * 40, "-1", "1e3", "0x10", "5, 5"):
            with self.subTest(length=length):
                self.assertEqual(self.post_large({"Content-Length": length}, b"{").status, 400)

    def test_another_content_type_is_415_and_none_is_read_as_json(self):
        body = json.dumps(self.GOOD).encode()
        for kind in (
            "text/plain",
            "application/x-www-form-urlencoded",
            "application/xml",
            "nonsense",
            "multipart/form-data; boundary=x",
        ):
            with self.subTest(kind=kind):
                self.refused(body, "application/json", status=415, headers={"Content-Type": kind})
        for headers in (
            {},
            {"Content-Type": "application/json; charset=utf-8"},
            {"Content-Type": "Application/JSON"},
        ):
            with self.subTest(headers=headers):
                self.assertEqual(self.api.post("/api/v1/tasks", body=body, headers=headers).status, 201)

    def test_an_encoded_body_is_refused_rather_than_misread(self):
        answer = self.api.post(
            "/api/v1/tasks",
            body=gzip.compress(json.dumps(self.GOOD).encode()),
            headers={"Content-Type": "application/json", "Content-Encoding": "gzip"},
        )
        self.assertIn(answer.status, (400, 415))

    def test_headers_of_a_megabyte_are_431(self):
        received = self.api.raw(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Large: " + b"x" * (1 << 20) + b"\r\n\r\n")
        self.assertRegex(received.split(b"\r\n")[0], rb"^HTTP/1.1 431 ")
        received = self.api.raw(b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + b"X-Many: x\r\n" * 90_000 + b"\r\n")
        self.assertRegex(received.split(b"\r\n")[0], rb"^HTTP/1.1 431 ")

    def test_an_address_of_a_megabyte_is_414(self):
        received = self.api.raw(b"GET /" + b"x" * (1 << 20) + b" HTTP/1.1\r\nHost: x\r\n\r\n")
        self.assertRegex(received.split(b"\r\n")[0], rb"^HTTP/1.1 (414|431) ")
        self.assertIn(self.api.get("/api/v1/tasks/" + "x" * 4000).status, (400, 404, 414))

    def test_paths_that_lead_elsewhere_are_refused(self):
        for path in (
            "/api/v1/tasks/..",
            "/api/v1/../v1/tasks",
            "/api/v1/tasks/%2e%2e",
            "/api/v1/tasks/%00",
            "/api/v1/tasks/%zz",
            "/api/v1/tasks/%ff",
            "/api//v1/tasks",
            "//",
            "/api/v1/tasks/%2F",
            "/api/v1/nodes/%2e%2e%2fetc",
        ):
            with self.subTest(path=path):
                answer = self.api.get(path)
                self.assertIn(answer.status, (400, 404))
                self.assertEqual(answer.headers["Content-Type"], "application/problem+json")

    def test_what_is_not_http_is_400(self):
        for data in (
            b"nonsense\r\n\r\n",
            b"GET / HTTP/9.9\r\n\r\n",
            b"GET  / HTTP/1.1\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00",
            b"GET /healthz HTTP/1.1\r\n\r\n",
            b"GET /healthz HTTP/1.1\r\nHost: x\r\nBad Name: y\r\n\r\n",
            b"POST /api/v1/tasks HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
            b"POST /api/v1/tasks HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"0\r\n\r\n",
            b"POST /api/v1/tasks HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        ):
            with self.subTest(data=data[:40]):
                received = self.api.raw(data)
                self.assertRegex(received.split(b"\r\n")[0], rb"^HTTP/1.1 (400|401|505) ")

    def test_random_bytes_do_no_harm(self):
        dice = random.Random(7)
        for _ in range(100):
            data = dice.randbytes(dice.randint(1, 400))
            if dice.random() < 0.5:
                data = b"POST /api/v1/tasks HTTP/1.1\r\nHost: x\r\n" + data
            received = self.api.raw(data)
            if received:
                self.assertRegex(received.split(b"\r\n")[0], rb"^HTTP/1.1 [45]0[0-9] ")
                self.assertNotRegex(received.split(b"\r\n")[0], rb"^HTTP/1.1 50[0-4] ")

    def test_mutations_of_a_good_request_are_never_a_fault_of_the_server(self):
        dice = random.Random(11)
        seed = json.dumps(
            {
                "executable": "/bin/true",
                "command": ["a"],
                "environment": {"A": "b"},
                "resources": {"cpu": 1, "memory": "64Mi"},
                "restart": {"mode": "never"},
                "ports": [{"container": 80}],
                "labels": {"x": "y"},
                "timeout": 5,
            }
        ).encode()
        connection = self.api.connect()
        for _ in range(300):
            data = bytearray(seed)
            for _ in range(dice.randint(1, 4)):
                place = dice.randrange(len(data))
                choice = dice.random()
                if choice < 0.4:
                    data[place] = dice.randrange(256)
                elif choice < 0.7:
                    del data[place : place + dice.randint(1, 8)]
                else:
                    data[place:place] = dice.choice(
                        [b"{", b"}", b"[", b'"', b"-", b"1e999", b"null", b"\\u0000", b",", b"\\ud800"]
                    )
            connection.request(
                "POST", "/api/v1/tasks", bytes(data), self.api.headers({"Content-Type": "application/json"})
            )
            response = connection.getresponse()
            body = response.read()
            self.assertLess(response.status, 500, (bytes(data), body))
            self.assertIn(response.status, (201, 400, 409), (bytes(data), body))
        connection.close()

    def test_bad_query_parameters_are_named(self):
        record = self.api.submit("/bin/true")
        for path, name in (
            ("/api/v1/tasks?limit=0", "limit"),
            ("/api/v1/tasks?limit=1001", "limit"),
            ("/api/v1/tasks?limit=ten", "limit"),
            ("/api/v1/tasks?limit=1&limit=2", "limit"),
            ("/api/v1/tasks?state=sleeping", "state"),
            ("/api/v1/tasks?finished=yes", "finished"),
            ("/api/v1/tasks?cursor=nonsense", "cursor"),
            ("/api/v1/tasks?cursor=", "cursor"),
            ("/api/v1/tasks?colour=red", "colour"),
            ("/api/v1/tasks?project=Not%20A%20Name", "project"),
            (f"/api/v1/tasks/{record['id']}/logs?tail=-1", "tail"),
            (f"/api/v1/tasks/{record['id']}/logs?since=yesterday", "since"),
            (f"/api/v1/tasks/{record['id']}/logs?follow=1", "follow"),
            (f"/api/v1/tasks/{record['id']}/logs?attempt=0", "attempt"),
            (f"/api/v1/tasks/{record['id']}/logs?attempt=9999999999999999999", "attempt"),
            ("/api/v1/nodes?limit=1", "limit"),
            ("/api/v1/tasks?limit=%ff", "limit"),
        ):
            with self.subTest(path=path):
                answer = self.api.get(path)
                problem = self.assertProblem(answer, 400, "invalid")
                self.assertIn(name, json.dumps(problem))

    def test_a_cursor_of_someone_elses_making_is_refused(self):
        for parts in (["../../etc"], [1], {}, ["a", "b"], ["0" * 20] * 3, []):
            cursor = base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")
            with self.subTest(parts=parts):
                self.assertProblem(self.api.get(f"/api/v1/tasks?cursor={cursor}"), 400, "invalid", "cursor")

    def test_unknown_ids_are_404_everywhere(self):
        for method, path in (
            ("GET", ""),
            ("DELETE", ""),
            ("POST", "/stop"),
            ("GET", "/watch"),
            ("GET", "/logs"),
            ("GET", "/logs?follow=true"),
        ):
            for handle in ("nobody", "00000000000000000000", "%20", "%E2%98%83", "x" * 500, "-", "a%00b"[:3]):
                with self.subTest(route=f"{method} {path}", handle=handle):
                    answer = self.api.call(method, f"/api/v1/tasks/{handle}{path}")
                    self.assertIn(answer.status, (400, 404), repr(answer))
                    self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
        self.assertProblem(self.api.get("/api/v1/nodes/nobody"), 404, "not_found", "no node 'nobody'")
        self.assertProblem(self.api.get("/api/v1/nothing"), 404, "not_found", "/api/v1/nothing")

    def test_bad_stop_requests_are_refused_and_stop_nothing(self):
        record = self.api.submit("/bin/sleep", "1000")
        self.platform.await_state(record["name"], "running")
        for body in (b"{", b'{"grace": -1}', b'{"grace": "never"}', b'{"grce": 1}', b"[]", b'{"grace": 1e300}'):
            with self.subTest(body=body):
                answer = self.api.post(
                    f"/api/v1/tasks/{record['id']}/stop", body=body, headers={"Content-Type": "application/json"}
                )
                self.assertProblem(answer, 400, "invalid")
        self.assertEqual(self.api.task(record["id"])["state"], "running")
        self.assertEqual(self.api.post(f"/api/v1/tasks/{record['id']}/stop", json={"grace": 0}).status, 200)

    def test_a_request_that_is_cut_off_leaves_nothing_behind(self):
        before = len(self.api.tasks())
        head = (
            f"POST /api/v1/tasks HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.platform.token}\r\n"
            "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
        ).encode()
        for _ in range(20):
            with socket.create_connection((self.api.host, self.api.port)) as connection:
                connection.sendall(head + b'{"executable"')
        self.assertEqual(len(self.api.tasks()), before)

    def test_request_ids_that_make_no_sense_are_replaced(self):
        for given, kept in (("abc-1.2_3", True), ("x" * 64, True), ("x" * 65, False), ("a b", False), ("a;b", False)):
            with self.subTest(given=given[:12]):
                answer = self.api.get("/api/v1/nothing", headers={"X-Request-Id": given})
                self.assertEqual(answer.headers["X-Request-Id"] == given, kept)
                self.assertEqual(answer.json()["instance"], answer.headers["X-Request-Id"])

    def test_executables_switched_off_are_denied_with_the_setting(self):
        platform = self.make_platform("--no-processes").start()
        answer = platform.api.post("/api/v1/tasks", json=self.GOOD)
        self.assertProblem(answer, 403, "denied", "process.enabled", "executable")
        outcome = platform.apollo("task", "run", "--", "true")
        self.assertCode(outcome, 77)
        self.assertIn("process.enabled", outcome.err)
        platform.terminate()
