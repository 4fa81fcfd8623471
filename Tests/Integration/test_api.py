"""The HTTP interface as its document describes it, and what it makes of bad input."""

import base64
import contextlib
import gzip
import json
import random
import re
import socket
import sqlite3
import threading

from harness import ApolloTestCase, eventually
from harness.api import Answer

METHODS = ("get", "post", "put", "patch", "delete")


def routes(document):
    """Every operation of the document: method, path with parameters filled in, the operation."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield method.upper(), re.sub(r"\{[^}]*\}", "anything", path), item[method]


class Authentication(ApolloTestCase):
    def setUp(self):
        self.document = self.api.get("/api/v1/openapi.json", token=None).json()

    def test_no_route_but_the_open_ones_answers_without_a_token(self):
        open_paths = []
        for method, path, operation in routes(self.document):
            with self.subTest(route=f"{method} {path}"):
                answer = self.api.call(method, path, token=None)
                if operation.get("security", self.document["security"]) == []:
                    open_paths.append(path)
                    self.assertEqual(answer.status, 200)
                    continue
                self.assertProblem(answer, 401, "unauthenticated")
                self.assertIn("Bearer", answer.headers["WWW-Authenticate"])
        self.assertEqual(sorted(open_paths), ["/api/v1/openapi.json", "/healthz"])

    def test_no_token_but_the_right_one_is_taken(self):
        right = self.platform.token
        wrong = [
            "x", right[:-1], right[1:], right + "a", right.swapcase(), right[:-1] + ("a" if right[-1] != "a" else "b"),
            right * 50, " " + right[:-1],
        ]
        for method, path, operation in routes(self.document):
            if operation.get("security") == []:
                continue
            for token in wrong:
                with self.subTest(route=f"{method} {path}", token=token[:10]):
                    answer = self.api.call(method, path, token=token)
                    self.assertProblem(answer, 401, "unauthenticated")
                    self.assertNotIn(right, answer.text)

    def test_other_schemes_and_broken_fields_are_401(self):
        token = self.platform.token
        for value in ("", "Bearer", "Bearer ", token, f"Basic {token}", f"bearer:{token}", f"Bearer {token} {token}", "Bearer \xff"):
            with self.subTest(value=value[:12]):
                answer = self.api.call("GET", "/api/v1/tasks", headers={"Authorization": value}, token=None)
                self.assertProblem(answer, 401, "unauthenticated")

    def test_the_scheme_is_known_in_any_case(self):
        for scheme in ("bearer", "BEARER"):
            answer = self.api.get("/api/v1/tasks", headers={"Authorization": f"{scheme} {self.platform.token}"}, token=None)
            self.assertEqual(answer.status, 200)

    def test_two_authorization_fields_are_refused(self):
        token = self.platform.token.encode()
        received = self.api.raw(
            b"GET /api/v1/tasks HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer wrong\r\n"
            b"Authorization: Bearer " + token + b"\r\n\r\n")
        self.assertRegex(received.split(b"\r\n")[0], rb"^HTTP/1.1 40[01] ")

    def test_a_wrong_method_tells_the_right_ones_before_it_asks_who(self):
        answer = self.api.call("PUT", "/api/v1/tasks", token=None)
        self.assertProblem(answer, 405, "invalid")

    def test_refused_changes_are_recorded_and_change_nothing(self):
        before = len(self.api.tasks())
        id = self.unique("request")
        self.api.post("/api/v1/tasks", json={"executable": "true"}, token="wrong", headers={"X-Request-Id": id})
        self.assertEqual(len(self.api.tasks()), before)
        self.api.post("/api/v1/tasks", json={"executable": "true"}, headers={"X-Request-Id": id + "-2"})
        with contextlib.closing(sqlite3.connect(f"file:{self.platform.data}/apollo.db?mode=ro", uri=True)) as database:
            rows = database.execute(
                "SELECT principal, action, resource, outcome FROM audit WHERE request_id LIKE ? ORDER BY request_id", (id + "%",))
            self.assertEqual(rows.fetchall(), [
                ("anonymous", "createTask", "/api/v1/tasks", "denied"),
                (self.api.tasks()[-1]["createdBy"], "createTask", "/api/v1/tasks", "succeeded"),
            ])


class Document(ApolloTestCase):
    def setUp(self):
        self.document = self.api.get("/api/v1/openapi.json").json()

    def test_it_lists_every_route_there_is(self):
        found = {(method, path) for path, item in self.document["paths"].items() for method in METHODS if method in item}
        self.assertEqual(found, {
            ("post", "/api/v1/tasks"), ("get", "/api/v1/tasks"), ("get", "/api/v1/tasks/{task}"),
            ("delete", "/api/v1/tasks/{task}"), ("post", "/api/v1/tasks/{task}/stop"),
            ("get", "/api/v1/tasks/{task}/watch"), ("get", "/api/v1/tasks/{task}/logs"), ("get", "/api/v1/nodes"),
            ("get", "/api/v1/nodes/{node}"), ("get", "/healthz"), ("get", "/metrics"), ("get", "/api/v1/version"),
            ("get", "/api/v1/openapi.json"),
        })

    def test_it_is_openapi_3_1_and_every_reference_leads_somewhere(self):
        self.assertRegex(self.document["openapi"], r"^3\.1\.")
        references = re.findall(r'"\$ref": "([^"]*)"', json.dumps(self.document))
        self.assertGreater(len(references), 5)
        for reference in set(references):
            place = self.document
            for step in reference.removeprefix("#/").split("/"):
                self.assertIn(step, place, reference)
                place = place[step]

    def test_operations_have_names_and_parameters_of_their_path(self):
        names = []
        for path, item in self.document["paths"].items():
            for method in METHODS:
                if method in item:
                    operation = item[method]
                    names.append(operation["operationId"])
                    declared = {p["name"] for p in operation.get("parameters", []) if p["in"] == "path"}
                    self.assertEqual(declared, set(re.findall(r"\{([^}]*)\}", path)))
        self.assertEqual(len(names), len(set(names)))

    def test_a_task_has_the_fields_that_the_document_promises(self):
        schema = self.document["components"]["schemas"]["TaskRecord"]
        record = self.platform.await_end(self.api.submit("/bin/true")["name"])
        self.assertLessEqual(set(schema["required"]), set(record))
        self.assertLessEqual(set(record), set(schema["properties"]))

    def test_every_get_answers_head_without_a_body(self):
        record = self.platform.await_end(self.api.submit("/bin/true")["name"])
        for path in ("/api/v1/tasks", f"/api/v1/tasks/{record['name']}", "/api/v1/nodes", "/healthz", "/metrics",
                     "/api/v1/version", "/api/v1/openapi.json", f"/api/v1/tasks/{record['name']}/logs"):
            with self.subTest(path=path):
                answer = self.api.call("HEAD", path)
                self.assertEqual((answer.status, answer.body), (200, b""))

    def test_other_methods_are_405_with_those_that_are_possible(self):
        for path, item in self.document["paths"].items():
            allowed = {method.upper() for method in METHODS if method in item}
            if "GET" in allowed:
                allowed.add("HEAD")
            target = re.sub(r"\{[^}]*\}", "anything", path)
            for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"):
                if method in allowed:
                    continue
                with self.subTest(route=f"{method} {target}"):
                    answer = self.api.call(method, target)
                    problem = self.assertProblem(answer, 405, "invalid")
                    self.assertIn(method, problem["detail"])
                    given = set(answer.headers["Allow"].split(", "))
                    self.assertLessEqual(allowed, given)
                    self.assertNotIn(method, given)

    def test_a_method_that_http_does_not_know_is_501(self):
        answer = self.api.call("FROBNICATE", "/api/v1/tasks")
        self.assertEqual(answer.status, 501)
        self.assertEqual(answer.headers["Content-Type"], "application/problem+json")

    def test_options_asks_for_the_methods(self):
        answer = self.api.call("OPTIONS", "/api/v1/tasks", token=None)
        self.assertIn(answer.status, (200, 204))
        self.assertLessEqual({"GET", "HEAD", "POST"}, set(answer.headers["Allow"].split(", ")))


class BadInput(ApolloTestCase):
    """Whatever is sent: 4xx, problem details, and the platform works on."""

    GOOD = {"executable": "/bin/true"}

    def tearDown(self):
        self.assertTrue(self.platform.is_running, self.platform.log)
        self.assertEqual(self.api.get("/healthz").text, "ok\n")

    def refused(self, body, *parts, status=400, kind="invalid", headers=None):
        before = {task["id"] for task in self.api.tasks()}
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = self.api.post("/api/v1/tasks", body=data, headers={"Content-Type": "application/json", **(headers or {})})
        problem = self.assertProblem(answer, status, kind, *parts)
        self.assertEqual({task["id"] for task in self.api.tasks()}, before)
        return problem

    def test_what_is_not_json_is_refused_with_the_place(self):
        for body in (b"", b"{", b"nonsense", b'{"executable": }', b'{"executable": "x"', b'{"executable": "x",}', b"[1, 2",
                     b'{"executable": "\x01"}', b'{"executable": "\xff\xfe"}', b"\xef\xbb\xbf{}", b'{"executable": "x"} more',
                     b"{'executable': 'x'}", b'{"executable": NaN}', b'{"a": 01}', b"\x00" * 100):
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
        self.assertEqual(problem["errors"], [
            {"path": "comand", "message": "there is no such field; did you mean 'command'?"},
            {"path": "resources.memory", "message": "must be a number of bytes, or a size such as 512Mi or 1.5Gi"},
        ])

    def test_keys_that_stand_twice_are_refused(self):
        self.refused(b'{"executable": "/bin/true", "executable": "/bin/false"}', "executable")

    def test_wrong_types_and_values_are_refused_with_their_field(self):
        for field, value, path in (
            ("executable", 1, "executable"), ("executable", "", "executable"), ("executable", "a\0b", "executable"),
            ("command", "x", "command"), ("command", [1], "command[0]"), ("command", ["a\0b"], "command[0]"),
            ("command", [None], "command[0]"), ("environment", [], "environment"), ("environment", {"A": 1}, "environment.A"),
            ("environment", {"A=B": "x"}, "environment"), ("environment", {"": "x"}, "environment"),
            ("workingDirectory", "relative", "workingDirectory"), ("user", "", "user"), ("name", "Nope", "name"),
            ("name", "", "name"), ("name", "x" * 64, "name"), ("mounts", [{"source": "/a"}], "mounts[0].target"),
            ("mounts", [{"source": "a", "target": "/b"}], "mounts[0].source"), ("ports", [{"container": 0}], "ports[0].container"),
            ("ports", [{"container": 70000}], "ports[0].container"), ("ports", [{"container": 80, "transport": "sctp"}], "ports[0].transport"),
            ("ports", [{"container": 80}, {"container": 80}], "ports[1].container"), ("resources", {"cpu": -1}, "resources.cpu"),
            ("resources", {"cpu": 1e308}, "resources.cpu"), ("resources", {"cpu": "1"}, "resources.cpu"),
            ("resources", {"memory": -5}, "resources.memory"), ("resources", {"memory": 1}, "resources.memory"),
            ("resources", {"memory": 2**70}, "resources.memory"), ("resources", {"memory": "64Zi"}, "resources.memory"),
            ("resources", {"processes": 0}, "resources.processes"), ("resources", {"processes": 1.5}, "resources.processes"),
            ("resources", {"gpus": -1}, "resources.gpus"), ("restart", {"mode": "sometimes"}, "restart.mode"),
            ("restart", {"attempts": -1}, "restart.attempts"), ("restart", {"wait": -1}, "restart.wait"),
            ("restart", {"factor": 0.5}, "restart.factor"), ("restart", {"wait": 100, "maximumWait": 1}, "restart.maximumWait"),
            ("timeout", 0, "timeout"), ("timeout", -1, "timeout"), ("timeout", "soon", "timeout"), ("timeout", 1e18, "timeout"),
            ("stopGrace", -1, "stopGrace"), ("stopGrace", 1e9, "stopGrace"), ("priority", 10_000, "priority"),
            ("priority", 0.5, "priority"), ("labels", {"a": 1}, "labels.a"), ("labels", {"a": "x" * 300}, "labels.a"),
            ("pull", "perhaps", "pull"), ("onDisconnect", "panic", "onDisconnect"), ("entrypoint", ["x"], "entrypoint"),
            ("image", "busybox", "executable"),
        ):
            with self.subTest(field=field, value=str(value)[:30]):
                problem = self.refused({**self.GOOD, field: value})
                paths = [error["path"] for error in problem["errors"]]
                self.assertTrue(any(found.startswith(path) for found in paths), f"{path} is not among {paths}")

    def test_too_many_of_everything_is_refused(self):
        for field, value in (
            ("command", ["x"] * 20_000), ("environment", {f"V{n}": "" for n in range(2000)}),
            ("mounts", [{"source": "/", "target": f"/{n}"} for n in range(200)]),
            ("ports", [{"container": n} for n in range(1, 200)]), ("labels", {f"l{n}": "" for n in range(200)}),
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
        for kind in ("text/plain", "application/x-www-form-urlencoded", "application/xml", "nonsense", "multipart/form-data; boundary=x"):
            with self.subTest(kind=kind):
                self.refused(body, "application/json", status=415, headers={"Content-Type": kind})
        for headers in ({}, {"Content-Type": "application/json; charset=utf-8"}, {"Content-Type": "Application/JSON"}):
            with self.subTest(headers=headers):
                self.assertEqual(self.api.post("/api/v1/tasks", body=body, headers=headers).status, 201)

    def test_an_encoded_body_is_refused_rather_than_misread(self):
        answer = self.api.post(
            "/api/v1/tasks", body=gzip.compress(json.dumps(self.GOOD).encode()),
            headers={"Content-Type": "application/json", "Content-Encoding": "gzip"})
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
        for path in ("/api/v1/tasks/..", "/api/v1/../v1/tasks", "/api/v1/tasks/%2e%2e", "/api/v1/tasks/%00", "/api/v1/tasks/%zz",
                     "/api/v1/tasks/%ff", "/api//v1/tasks", "//", "/api/v1/tasks/%2F", "/api/v1/nodes/%2e%2e%2fetc"):
            with self.subTest(path=path):
                answer = self.api.get(path)
                self.assertIn(answer.status, (400, 404))
                self.assertEqual(answer.headers["Content-Type"], "application/problem+json")

    def test_what_is_not_http_is_400(self):
        for data in (b"nonsense\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET  / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00",
                     b"GET /healthz HTTP/1.1\r\n\r\n", b"GET /healthz HTTP/1.1\r\nHost: x\r\nBad Name: y\r\n\r\n",
                     b"POST /api/v1/tasks HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
                     b"POST /api/v1/tasks HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                     b"POST /api/v1/tasks HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"):
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
        seed = json.dumps({
            "executable": "/bin/true", "command": ["a"], "environment": {"A": "b"}, "resources": {"cpu": 1, "memory": "64Mi"},
            "restart": {"mode": "never"}, "ports": [{"container": 80}], "labels": {"x": "y"}, "timeout": 5}).encode()
        connection = self.api.connect()
        for _ in range(300):
            data = bytearray(seed)
            for _ in range(dice.randint(1, 4)):
                place = dice.randrange(len(data))
                choice = dice.random()
                if choice < 0.4:
                    data[place] = dice.randrange(256)
                elif choice < 0.7:
                    del data[place:place + dice.randint(1, 8)]
                else:
                    data[place:place] = dice.choice([b"{", b"}", b"[", b'"', b"-", b"1e999", b"null", b"\\u0000", b",", b"\\ud800"])
            connection.request("POST", "/api/v1/tasks", bytes(data), self.api.headers({"Content-Type": "application/json"}))
            response = connection.getresponse()
            body = response.read()
            self.assertLess(response.status, 500, (bytes(data), body))
            self.assertIn(response.status, (201, 400, 409), (bytes(data), body))
        connection.close()

    def test_bad_query_parameters_are_named(self):
        record = self.api.submit("/bin/true")
        for path, name in (
            ("/api/v1/tasks?limit=0", "limit"), ("/api/v1/tasks?limit=1001", "limit"), ("/api/v1/tasks?limit=ten", "limit"),
            ("/api/v1/tasks?limit=1&limit=2", "limit"), ("/api/v1/tasks?state=sleeping", "state"), ("/api/v1/tasks?finished=yes", "finished"),
            ("/api/v1/tasks?cursor=nonsense", "cursor"), ("/api/v1/tasks?cursor=", "cursor"), ("/api/v1/tasks?colour=red", "colour"),
            ("/api/v1/tasks?project=Not%20A%20Name", "project"), (f"/api/v1/tasks/{record['id']}/logs?tail=-1", "tail"),
            (f"/api/v1/tasks/{record['id']}/logs?since=yesterday", "since"), (f"/api/v1/tasks/{record['id']}/logs?follow=1", "follow"),
            (f"/api/v1/tasks/{record['id']}/logs?attempt=0", "attempt"), (f"/api/v1/tasks/{record['id']}/logs?attempt=9999999999999999999", "attempt"),
            ("/api/v1/nodes?limit=1", "limit"), ("/api/v1/tasks?limit=%ff", "limit"),
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
        for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/stop"), ("GET", "/watch"), ("GET", "/logs"), ("GET", "/logs?follow=true")):
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
                answer = self.api.post(f"/api/v1/tasks/{record['id']}/stop", body=body, headers={"Content-Type": "application/json"})
                self.assertProblem(answer, 400, "invalid")
        self.assertEqual(self.api.task(record["id"])["state"], "running")
        self.assertEqual(self.api.post(f"/api/v1/tasks/{record['id']}/stop", json={"grace": 0}).status, 200)

    def test_a_request_that_is_cut_off_leaves_nothing_behind(self):
        before = len(self.api.tasks())
        head = (f"POST /api/v1/tasks HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.platform.token}\r\n"
                "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n").encode()
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


class States(ApolloTestCase):
    def test_a_running_task_cannot_be_deleted(self):
        record = self.api.submit("/bin/sleep", "1000")
        self.platform.await_state(record["id"], "running")
        self.assertProblem(self.api.delete(f"/api/v1/tasks/{record['id']}"), 409, "conflict", "the task is running")
        self.assertEqual(self.api.post(f"/api/v1/tasks/{record['id']}/stop").json()["state"], "stopping")
        self.platform.await_end(record["id"])
        answer = self.api.delete(f"/api/v1/tasks/{record['id']}")
        self.assertEqual((answer.status, answer.body), (204, b""))
        self.assertProblem(self.api.delete(f"/api/v1/tasks/{record['id']}"), 404, "not_found")

    def test_a_name_that_is_taken_is_409_with_its_field(self):
        name = self.unique("taken")
        first = self.api.submit("/bin/true", name=name)
        problem = self.assertProblem(
            self.api.post("/api/v1/tasks", json={"executable": "/bin/true", "name": name}), 409, "exists", first["id"])
        self.assertEqual([error["path"] for error in problem["errors"]], ["name"])

    def test_a_created_task_says_where_it_is(self):
        answer = self.api.post("/api/v1/tasks", json={"executable": "/bin/true"})
        self.assertEqual(answer.status, 201)
        self.assertEqual(answer.headers["Location"], f"/api/v1/tasks/{answer.json()['id']}")
        self.assertEqual(answer.headers["ETag"], f'"{answer.json()["revision"]}"')
        self.assertEqual(self.api.get(answer.headers["Location"]).status, 200)

    def test_what_has_not_changed_is_304(self):
        record = self.platform.await_end(self.api.submit("/bin/true")["id"])
        answer = self.api.get(f"/api/v1/tasks/{record['id']}")
        tag = answer.headers["ETag"]
        for value in (tag, f'"0", {tag}', "*", f"W/{tag}"):
            with self.subTest(value=value):
                again = self.api.get(f"/api/v1/tasks/{record['id']}", headers={"If-None-Match": value})
                self.assertEqual((again.status, again.body, again.headers["ETag"]), (304, b"", tag))
        self.assertEqual(self.api.get(f"/api/v1/tasks/{record['id']}", headers={"If-None-Match": '"0"'}).status, 200)

    def test_a_change_to_another_version_is_412(self):
        record = self.api.submit("/bin/sleep", "1000")
        record = self.platform.await_state(record["id"], "running")
        stale = f'"{record["revision"] - 1}"'
        for method, path in (("POST", "/stop"), ("DELETE", "")):
            answer = self.api.call(method, f"/api/v1/tasks/{record['id']}{path}", headers={"If-Match": stale})
            self.assertProblem(answer, 412, "conflict")
        self.assertEqual(self.api.task(record["id"])["state"], "running")
        answer = self.api.post(f"/api/v1/tasks/{record['id']}/stop", headers={"If-Match": f'"{record["revision"]}"'})
        self.assertEqual(answer.status, 200)
        for value in ("nonsense", '"', "W/"):
            answer = self.api.post(f"/api/v1/tasks/{record['id']}/stop", headers={"If-Match": value})
            self.assertIn(answer.status, (400, 412))

    def test_a_key_that_is_sent_again_gives_the_same_task(self):
        key = self.unique("key")
        first = self.api.submit("/bin/true", key=key)
        self.platform.await_end(first["id"])
        again = self.api.submit("/bin/false", key=key, name="other")
        self.assertEqual(again["id"], first["id"])
        self.assertEqual(again["state"], "completed")

    def test_a_key_sent_by_many_at_once_makes_one_task(self):
        key, found = self.unique("key"), []
        threads = [threading.Thread(target=lambda: found.append(self.api.submit("/bin/true", key=key)["id"])) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        self.assertEqual((len(found), len(set(found))), (16, 1))

    def test_keys_that_cannot_be_used_are_refused(self):
        for key in ("", "x" * 129, "with space", "tab\there"):
            with self.subTest(key=key[:10]):
                answer = self.api.post("/api/v1/tasks", json={"executable": "true"}, headers={"Idempotency-Key": key})
                self.assertProblem(answer, 400, "invalid", "Idempotency-Key")

    def test_a_trailing_slash_leads_to_the_route(self):
        answer = self.api.get("/api/v1/tasks/?limit=1")
        self.assertEqual((answer.status, answer.headers["Location"]), (308, "/api/v1/tasks?limit=1"))


class Lists(ApolloTestCase):
    weight = 3

    def test_250_tasks_are_paged_without_one_missing_or_twice(self):
        made = [self.api.submit("/bin/true", labels={"n": str(n)})["id"] for n in range(250)]
        for limit in (1000, 100, 37):
            with self.subTest(limit=limit):
                found, pages, cursor = [], 0, ""
                while True:
                    page = self.api.get(f"/api/v1/tasks?limit={limit}{cursor}").json()
                    self.assertLessEqual(len(page["items"]), limit)
                    found += [task["id"] for task in page["items"]]
                    pages += 1
                    if "nextCursor" not in page:
                        break
                    cursor = f"&cursor={page['nextCursor']}"
                self.assertEqual(found, made)
                self.assertEqual(pages, -(-250 // limit))

    def test_what_is_added_and_removed_meanwhile_moves_nothing(self):
        label = self.unique("project")
        made = [self.api.post(f"/api/v1/tasks?project={label}", json={"executable": "/bin/true"}).json()["id"] for _ in range(30)]
        for id in made:
            eventually(lambda: self.api.get(f"/api/v1/tasks/{id}?project={label}").json()["state"] == "completed", "it ends")
        first = self.api.get(f"/api/v1/tasks?project={label}&limit=10").json()
        for id in made[5:15]:
            self.assertEqual(self.api.delete(f"/api/v1/tasks/{id}?project={label}").status, 204)
        new = self.api.post(f"/api/v1/tasks?project={label}", json={"executable": "/bin/true"}).json()["id"]
        rest = self.api.get(f"/api/v1/tasks?project={label}&limit=1000&cursor={first['nextCursor']}").json()
        self.assertEqual([task["id"] for task in rest["items"]], made[15:] + [new])

    def test_filters_filter(self):
        done = self.platform.await_end(self.api.submit("/bin/true")["id"])["id"]
        failed = self.platform.await_end(self.api.submit("/bin/false")["id"])["id"]
        running = self.api.submit("/bin/sleep", "1000")["id"]
        self.platform.await_state(running, "running")
        ids = lambda query: {task["id"] for task in self.api.tasks(query + "&limit=1000")}
        self.assertEqual(ids("finished=false"), {running})
        self.assertLessEqual({done, failed}, ids("finished=true"))
        self.assertNotIn(running, ids("finished=true"))
        self.assertEqual(ids("state=running"), {running})
        self.assertEqual(ids("state=failed"), {failed})
        self.assertIn(done, ids("state=completed&finished=true"))
        self.assertEqual(ids("state=completed&finished=false"), set())
        self.assertEqual(ids("project=nowhere"), set())
        self.api.post(f"/api/v1/tasks/{running}/stop", json={"grace": 0})


class Streams(ApolloTestCase):
    def events(self, handle):
        """The events of a watch until it ends."""
        connection = self.api.connect()
        connection.request("GET", f"/api/v1/tasks/{handle}/watch", headers=self.api.headers())
        response = connection.getresponse()
        self.assertEqual((response.status, response.headers["Content-Type"]), (200, "text/event-stream"))
        text = response.read().decode()
        connection.close()
        found = []
        for block in text.split("\n\n"):
            fields = dict(line.partition(": ")[::2] for line in block.splitlines() if not line.startswith(":"))
            if fields:
                found.append((fields["event"], json.loads(fields["data"]), fields.get("id")))
        return found

    def test_a_watch_tells_every_state_until_the_end(self):
        gate = self.scratch("gate")
        record = self.api.shell(f"while [ ! -e {gate} ]; do sleep 0.02; done; exit 3")
        self.platform.await_state(record["id"], "running")
        threading.Timer(0.2, lambda: open(gate, "w").close()).start()
        events = self.events(record["id"])
        self.assertEqual({kind for kind, _, _ in events}, {"state"})
        self.assertEqual([data["state"] for _, data, _ in events], ["running", "failed"])
        revisions = [data["revision"] for _, data, _ in events]
        self.assertEqual(revisions, sorted(set(revisions)))
        self.assertEqual([id for _, _, id in events], [str(revision) for revision in revisions])
        self.assertEqual(events[-1][1], self.api.task(record["id"]))

    def test_a_watch_of_what_has_finished_tells_that_and_ends(self):
        record = self.platform.await_end(self.api.submit("/bin/true")["id"])
        self.assertEqual([data for _, data, _ in self.events(record["id"])], [record])

    def test_a_watch_of_what_waits_ends_when_it_is_stopped(self):
        record = self.api.submit("/bin/true", resources={"cpu": 4000})
        threading.Timer(0.2, lambda: self.api.post(f"/api/v1/tasks/{record['id']}/stop")).start()
        states = [data["state"] for _, data, _ in self.events(record["id"])]
        self.assertEqual((states[0], states[-1]), ("pending", "stopped"))

    def test_watchers_that_do_not_read_hold_nobody_up(self):
        record = self.api.shell("seq 1 300000; exec sleep 1000")
        deaf = []
        for _ in range(20):
            connection = socket.create_connection((self.api.host, self.api.port))
            path = random.choice(("watch", "logs?follow=true"))
            connection.sendall(f"GET /api/v1/tasks/{record['id']}/{path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.platform.token}\r\n\r\n".encode())
            deaf.append(connection)
        for _ in range(20):
            self.assertEqual(self.apollo("task", "run", "--", "echo", "hi").out, "hi\n")
        self.assertCode(self.apollo("task", "stop", "--grace", "0", record["name"]), 0)
        for connection in deaf:
            connection.close()

    def test_metrics_are_prometheus_text_and_count_requests(self):
        def count():
            answer = self.api.get("/metrics")
            self.assertEqual(answer.status, 200)
            self.assertRegex(answer.headers["Content-Type"], r"^text/plain; version=0\.0\.4")
            samples = parse_metrics(self, answer.text)
            found = [value for (name, labels), value in samples.items()
                     if name == "apollo_http_requests_total" and dict(labels).get("route") == "/api/v1/version"]
            return sum(found)

        before = count()
        for _ in range(7):
            self.api.get("/api/v1/version")
        self.assertEqual(count() - before, 7)

    def test_health_needs_no_token(self):
        answer = self.api.get("/healthz", token=None)
        self.assertEqual((answer.status, answer.text), (200, "ok\n"))

    def test_a_hundred_connections_at_once_are_answered(self):
        answers, connections = [], []
        for _ in range(100):
            connection = self.api.connect()
            connection.request("GET", "/api/v1/version", headers=self.api.headers())
            connections.append(connection)
        for connection in connections:
            answers.append(connection.getresponse().status)
            connection.close()
        self.assertEqual(answers, [200] * 100)


def parse_metrics(test, text):
    """The samples of Prometheus' text format 0.0.4: (name, labels) -> value. Fails on what is not of it."""
    samples, typed, helped = {}, {}, set()
    for line in text.splitlines():
        if line.startswith("# HELP "):
            name = line.split(" ")[2]
            test.assertNotIn(name, helped)
            helped.add(name)
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            test.assertIn(kind, ("counter", "gauge", "histogram", "summary", "untyped"))
            test.assertNotIn(name, typed)
            typed[name] = kind
        elif line and not line.startswith("#"):
            match = re.fullmatch(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)', line)
            test.assertIsNotNone(match, line)
            name, labels, value = match.groups()
            pairs = re.findall(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"', labels or "")
            test.assertEqual(",".join(f'{k}="{v}"' for k, v in pairs), (labels or "").rstrip(","), line)
            family = re.sub(r"_(bucket|sum|count)$", "", name) if name not in typed else name
            test.assertIn(family, typed, line)
            key = (name, tuple(pairs))
            test.assertNotIn(key, samples, f"{line} is there twice")
            samples[key] = float(value)
    test.assertTrue(text.endswith("\n"))
    return samples
