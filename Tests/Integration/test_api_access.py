"""Who may use the HTTP interface, and the document that describes it."""

import contextlib
import json
import re
import sqlite3

from harness import ApolloTestCase

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
                    # What takes a body says what is wrong with none, and no more.
                    self.assertEqual(answer.status, 200 if method == "GET" else 400)
                    continue
                self.assertProblem(answer, 401, "unauthenticated")
                self.assertIn("Bearer", answer.headers["WWW-Authenticate"])
        self.assertEqual(
            sorted(open_paths),
            [
                "/api/v1/ca",
                "/api/v1/join",
                "/api/v1/join/manager",
                "/api/v1/login",
                "/api/v1/openapi.json",
                "/api/v1/registry",
                "/api/v1/renew",
                "/healthz",
            ],
        )

    def test_no_token_but_the_right_one_is_taken(self):
        right = self.platform.token
        wrong = [
            "x",
            right[:-1],
            right[1:],
            right + "a",
            right.swapcase(),
            right[:-1] + ("a" if right[-1] != "a" else "b"),
            right * 50,
            " " + right[:-1],
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
        for value in (
            "",
            "Bearer",
            "Bearer ",
            token,
            f"Basic {token}",
            f"bearer:{token}",
            f"Bearer {token} {token}",
            "Bearer \xff",
        ):
            with self.subTest(value=value[:12]):
                answer = self.api.call("GET", "/api/v1/tasks", headers={"Authorization": value}, token=None)
                self.assertProblem(answer, 401, "unauthenticated")

    def test_the_scheme_is_known_in_any_case(self):
        for scheme in ("bearer", "BEARER"):
            answer = self.api.get(
                "/api/v1/tasks", headers={"Authorization": f"{scheme} {self.platform.token}"}, token=None
            )
            self.assertEqual(answer.status, 200)

    def test_two_authorization_fields_are_refused(self):
        token = self.platform.token.encode()
        received = self.api.raw(
            b"GET /api/v1/tasks HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer wrong\r\n"
            b"Authorization: Bearer " + token + b"\r\n\r\n"
        )
        self.assertRegex(received.split(b"\r\n")[0], rb"^HTTP/1.1 40[01] ")

    def test_a_wrong_method_tells_the_right_ones_before_it_asks_who(self):
        answer = self.api.call("PUT", "/api/v1/tasks", token=None)
        self.assertProblem(answer, 405, "invalid")


class Refusals(ApolloTestCase):
    # On a platform of its own: so many refusals a minute are recorded, and the tests above make more.
    def test_refused_changes_are_recorded_and_change_nothing(self):
        before = len(self.api.tasks())
        id = self.unique("request")
        self.api.post("/api/v1/tasks", json={"executable": "true"}, token="wrong", headers={"X-Request-Id": id})
        self.assertEqual(len(self.api.tasks()), before)
        self.api.post("/api/v1/tasks", json={"executable": "true"}, headers={"X-Request-Id": id + "-2"})
        with contextlib.closing(
            sqlite3.connect(f"file:{self.platform.data}/apollo.db?mode=ro", uri=True)
        ) as database:
            rows = database.execute(
                "SELECT principal, action, resource, outcome FROM audit WHERE request_id LIKE ? ORDER BY request_id",
                (id + "%",),
            )
            self.assertEqual(
                rows.fetchall(),
                [
                    ("anonymous", "createTask", "/api/v1/tasks", "denied"),
                    (self.api.tasks()[-1]["createdBy"], "createTask", "/api/v1/tasks", "succeeded"),
                ],
            )


class Document(ApolloTestCase):
    def setUp(self):
        self.document = self.api.get("/api/v1/openapi.json").json()

    def test_it_lists_every_route_there_is(self):
        found = {
            (method, path) for path, item in self.document["paths"].items() for method in METHODS if method in item
        }
        self.assertEqual(
            found,
            {
                ("post", "/api/v1/tasks"),
                ("get", "/api/v1/tasks"),
                ("get", "/api/v1/tasks/{task}"),
                ("delete", "/api/v1/tasks/{task}"),
                ("post", "/api/v1/tasks/{task}/stop"),
                ("get", "/api/v1/tasks/{task}/watch"),
                ("get", "/api/v1/tasks/{task}/logs"),
                ("get", "/api/v1/tasks/{task}/exec"),
                ("get", "/api/v1/tasks/{task}/usage"),
                ("get", "/api/v1/tasks/{task}/explain"),
                ("post", "/api/v1/jobs"),
                ("get", "/api/v1/jobs"),
                ("get", "/api/v1/jobs/{job}"),
                ("delete", "/api/v1/jobs/{job}"),
                ("post", "/api/v1/jobs/{job}/scale"),
                ("post", "/api/v1/jobs/{job}/revert"),
                ("post", "/api/v1/jobs/{job}/restart"),
                ("post", "/api/v1/jobs/{job}/stop"),
                ("post", "/api/v1/jobs/{job}/trigger"),
                ("post", "/api/v1/jobs/{job}/suspend"),
                ("post", "/api/v1/jobs/{job}/resume"),
                ("post", "/api/v1/job-plans"),
                ("get", "/api/v1/services"),
                ("get", "/api/v1/services/{service}"),
                ("get", "/api/v1/services/{service}/watch"),
                ("get", "/api/v1/volumes"),
                ("post", "/api/v1/volumes"),
                ("get", "/api/v1/volumes/{volume}"),
                ("delete", "/api/v1/volumes/{volume}"),
                ("post", "/api/v1/backup"),
                ("get", "/api/v1/ca"),
                ("post", "/api/v1/ca/rotate"),
                ("get", "/api/v1/certificates"),
                ("delete", "/api/v1/certificates/{serial}"),
                ("post", "/api/v1/join-tokens"),
                ("get", "/api/v1/join-tokens"),
                ("delete", "/api/v1/join-tokens/{token}"),
                ("post", "/api/v1/join"),
                ("post", "/api/v1/renew"),
                ("get", "/api/v1/secrets"),
                ("get", "/api/v1/secrets/{secret}"),
                ("put", "/api/v1/secrets/{secret}"),
                ("delete", "/api/v1/secrets/{secret}"),
                ("get", "/api/v1/secrets/{secret}/value"),
                ("post", "/api/v1/secret-keys/rotate"),
                ("get", "/api/v1/debug"),
                ("get", "/api/v1/events"),
                ("get", "/api/v1/nodes/{node}/metrics"),
                ("get", "/api/v1/access-keys"),
                ("post", "/api/v1/access-keys"),
                ("delete", "/api/v1/access-keys/{key}"),
                ("get", "/api/v1/objects"),
                ("get", "/api/v1/objects/quotas"),
                ("put", "/api/v1/objects/quotas/{kind}/{name}"),
                ("get", "/api/v1/images"),
                ("get", "/api/v1/images/quotas"),
                ("put", "/api/v1/images/quotas/{project}"),
                ("post", "/api/v1/images/collect"),
                ("get", "/api/v1/rebalance"),
                ("post", "/api/v1/rebalance"),
                ("get", "/api/v1/nodes"),
                ("get", "/api/v1/nodes/{node}"),
                ("delete", "/api/v1/nodes/{node}"),
                ("post", "/api/v1/nodes/{node}/cordon"),
                ("post", "/api/v1/nodes/{node}/uncordon"),
                ("post", "/api/v1/nodes/{node}/drain"),
                ("post", "/api/v1/nodes/{node}/labels"),
                ("get", "/api/v1/registry"),
                ("get", "/api/v1/managers"),
                ("delete", "/api/v1/managers/{manager}"),
                ("post", "/api/v1/join/manager"),
                ("get", "/healthz"),
                ("get", "/metrics"),
                ("get", "/api/v1/version"),
                ("get", "/api/v1/openapi.json"),
                ("post", "/api/v1/login"),
                ("post", "/api/v1/login/browser"),
                ("post", "/api/v1/logout"),
                ("get", "/api/v1/whoami"),
                ("post", "/api/v1/users"),
                ("get", "/api/v1/users"),
                ("get", "/api/v1/users/{user}"),
                ("delete", "/api/v1/users/{user}"),
                ("put", "/api/v1/users/{user}/password"),
                ("post", "/api/v1/users/{user}/disable"),
                ("post", "/api/v1/users/{user}/enable"),
                ("post", "/api/v1/roles"),
                ("get", "/api/v1/roles"),
                ("get", "/api/v1/roles/{role}"),
                ("delete", "/api/v1/roles/{role}"),
                ("put", "/api/v1/roles/{role}/members/{user}"),
                ("delete", "/api/v1/roles/{role}/members/{user}"),
                ("post", "/api/v1/grants"),
                ("get", "/api/v1/grants"),
                ("get", "/api/v1/grants/{grant}"),
                ("delete", "/api/v1/grants/{grant}"),
                ("post", "/api/v1/tokens"),
                ("get", "/api/v1/tokens"),
                ("delete", "/api/v1/tokens/{token}"),
                ("post", "/api/v1/projects"),
                ("get", "/api/v1/projects"),
                ("get", "/api/v1/projects/{name}"),
                ("delete", "/api/v1/projects/{name}"),
                ("get", "/api/v1/audit"),
            },
        )

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
        for path in (
            "/api/v1/tasks",
            f"/api/v1/tasks/{record['name']}",
            "/api/v1/nodes",
            "/healthz",
            "/metrics",
            "/api/v1/version",
            "/api/v1/openapi.json",
            f"/api/v1/tasks/{record['name']}/logs",
        ):
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
