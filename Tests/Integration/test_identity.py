"""Who asks, and what they may: users, tokens, roles, grants, projects, browsers, the audit; from outside."""

import http.client
import os
import urllib.parse

from harness import ApolloTestCase, eventually

PASSWORD = "four words in a row"


class IdentityCase(ApolloTestCase):
    def user(self, stem="user", *grants):
        """A user with what is granted, and an API that asks with a token of theirs."""
        name = self.unique(stem)
        answer = self.api.post("/api/v1/users", json={"name": name, "password": PASSWORD})
        self.assertEqual(answer.status, 201, repr(answer))
        for permission, resource in grants:
            self.grant(name, permission, resource)
        return name, self.as_user(name)

    def grant(self, name, permission, resource, by=None):
        answer = (by or self.api).post(
            "/api/v1/grants", json={"user": name, "permission": permission, "resource": resource}
        )
        if by is None:
            self.assertEqual(answer.status, 201, repr(answer))
        return answer

    def as_user(self, name, password=PASSWORD):
        answer = self.api.post("/api/v1/login", json={"user": name, "password": password}, token=None)
        self.assertEqual(answer.status, 201, repr(answer))
        api = self.platform.api
        api.token = answer.json()["token"]
        return api

    def records(self, query):
        return self.api.get(f"/api/v1/audit?{query}").json()["items"]


class TwoProjects(IdentityCase):
    def setUp(self):
        self.shop, self.bank = self.api.project(self.unique("shop")), self.api.project(self.unique("bank"))
        self.ann, self.as_ann = self.user(
            "ann", ("write", f"task://local/default/{self.shop}"), ("write", f"secret://local/default/{self.shop}")
        )
        self.bob, self.as_bob = self.user("bob", ("write", f"task://local/default/{self.bank}"))

    def test_a_user_sees_nothing_of_anothers_project_through_the_api(self):
        self.grant(self.ann, "manage", "job://local/default/" + self.shop)
        made = self.api.post(f"/api/v1/tasks?project={self.bank}", json={"executable": "/bin/true", "name": "hidden"})
        self.assertEqual(made.status, 201, repr(made))
        task = made.json()
        paths = (
            "/api/v1/tasks?",
            f"/api/v1/tasks/{task['name']}?",
            f"/api/v1/tasks/{task['id']}?",
            f"/api/v1/tasks/{task['id']}/logs?",
            f"/api/v1/tasks/{task['id']}/watch?",
            "/api/v1/secrets?",
            "/api/v1/events?",
            "/api/v1/whoami?",
        )
        for path in paths:
            with self.subTest(path=path):
                hidden = self.as_ann.get(f"{path}project={self.bank}")
                problem = self.assertProblem(hidden, 404, "not_found", f"no project '{self.bank}'")
                # A project that is not there looks the same.
                missing = self.as_ann.get(f"{path}project=nowhere-at-all").json()
                for fields in (problem, missing):
                    fields.pop("instance")
                self.assertEqual(problem, {**missing, "detail": missing["detail"].replace("nowhere-at-all", self.bank)})
        for method, path, body in (
            ("POST", "/api/v1/tasks", {"image": "busybox"}),
            ("DELETE", f"/api/v1/tasks/{task['id']}", None),
            ("POST", f"/api/v1/tasks/{task['id']}/stop", None),
        ):
            answer = self.as_ann.call(method, f"{path}?project={self.bank}", json=body)
            self.assertProblem(answer, 404, "not_found", "no project")
        # Nor by the way of a project that is hers.
        self.assertEqual(self.as_ann.get(f"/api/v1/tasks/{task['id']}?project={self.shop}").status, 404)
        self.assertEqual([p["name"] for p in self.as_ann.get("/api/v1/projects").json()["items"]], [self.shop])
        self.assertProblem(self.as_ann.get(f"/api/v1/projects/{self.bank}"), 404, "not_found")
        self.assertProblem(self.as_ann.delete(f"/api/v1/projects/{self.bank}"), 404, "not_found")
        for item in self.as_ann.get("/api/v1/grants").json()["items"]:
            self.assertNotIn(self.bank, item["resource"])
        self.assertEqual(self.as_bob.get(f"/api/v1/tasks/{task['id']}?project={self.bank}").status, 200)

    def test_in_a_project_of_his_own_what_a_user_may_not_is_told(self):
        answer = self.as_bob.get(f"/api/v1/secrets?project={self.bank}")
        self.assertProblem(answer, 403, "denied", f"user://local/{self.bob} may not", self.bank)

    def test_the_same_through_the_command_line(self):
        apollo = self.apollo
        env = {
            "APOLLO_DATA_DIRECTORY": "",
            "APOLLO_CONTEXTS": os.path.join(self.directory, self.unique("contexts") + "/contexts.yaml"),
        }
        where = f"--address {self.platform.address}"
        login = f"printf '%s' '{PASSWORD}' | apollo login {where} --password-stdin --user"
        for user, name in ((self.ann, "ann"), (self.bob, "bob")):
            outcome = apollo.shell(f"{login} {user} --name {name}", env=env)
            self.assertCode(outcome, 0)
        self.assertEqual(os.stat(env["APOLLO_CONTEXTS"]).st_mode & 0o777, 0o600)
        self.assertSays(apollo("whoami", env=env).out, f"user://local/{self.bob}", "the context 'bob'", "nothing")
        self.assertCode(apollo("project", "use", self.bank, env=env), 0)
        self.assertSays(apollo("context", "show", env=env).out, self.platform.address, self.bank)
        self.assertCode(apollo("task", "ps", env=env), 0)
        outcome = apollo("--context", "ann", "task", "ps", "--project", self.bank, env=env)
        self.assertCode(outcome, 66)
        self.assertSays(outcome.err, f"no project '{self.bank}'")
        outcome = apollo("--context", "ann", "project", "ls", "-o", "json", env=env)
        self.assertEqual([p["name"] for p in outcome.json()], [self.shop])
        outcome = apollo("user", "ls", env=env)
        self.assertCode(outcome, 77)
        self.assertCode(apollo("logout", env=env), 0)
        self.assertNotIn("bob", apollo("context", "ls", env=env).out)
        # The administrator's way is as it was.
        self.assertCode(apollo("task", "ps", "--project", self.bank), 0)

    def test_a_context_s_token_is_not_shown_to_another_platform(self):
        env = {
            "APOLLO_DATA_DIRECTORY": "",
            "APOLLO_CONTEXTS": os.path.join(self.directory, self.unique("contexts") + "/contexts.yaml"),
        }
        line = f"printf '%s' '{PASSWORD}' | apollo login --address {self.platform.address} --user {self.ann}"
        self.assertCode(self.apollo.shell(line, env=env), 0)
        outcome = self.apollo("whoami", "--address", "http://127.0.0.1:1", env=env)
        self.assertNotEqual(outcome.code, 0)
        self.assertNotIn("context", outcome.err)

    def test_whoever_makes_a_project_manages_it_and_lets_others_in(self):
        carl, as_carl = self.user("carl")
        self.assertProblem(as_carl.post("/api/v1/projects", json={"name": self.unique("x")}), 403, "denied")
        # Where he may not make any, a name that is taken tells nothing.
        self.assertProblem(as_carl.post("/api/v1/projects", json={"name": self.shop}), 403, "denied")
        self.grant(carl, "write", "role://local/default")
        name = self.unique("mine")
        answer = as_carl.post("/api/v1/projects", json={"name": name}, headers={"Idempotency-Key": name})
        self.assertEqual(answer.status, 201, repr(answer))
        again = as_carl.post("/api/v1/projects", json={"name": name}, headers={"Idempotency-Key": name})
        self.assertEqual(again.status, 201, repr(again))
        self.assertEqual(self.grant(self.ann, "read", f"task://local/default/{name}", by=as_carl).status, 201)
        self.assertEqual(self.as_ann.get(f"/api/v1/tasks?project={name}").status, 200)
        self.assertProblem(self.grant(carl, "read", f"task://local/default/{self.shop}", by=as_carl), 403, "denied")
        self.assertEqual(as_carl.delete(f"/api/v1/projects/{name}").status, 204)
        # What was granted in it went with it.
        self.api.project(name)
        self.assertProblem(self.as_ann.get(f"/api/v1/tasks?project={name}"), 404, "not_found")

    def test_a_project_that_holds_something_stays(self):
        task = self.api.post(f"/api/v1/tasks?project={self.shop}", json={"executable": "/bin/true"}).json()
        self.assertProblem(self.api.delete(f"/api/v1/projects/{self.shop}"), 409, "conflict", "a task")
        eventually(
            lambda: self.api.delete(f"/api/v1/tasks/{task['id']}?project={self.shop}").status == 204, "it is over"
        )
        self.assertEqual(self.api.delete(f"/api/v1/projects/{self.shop}").status, 204)
        self.assertProblem(self.api.delete("/api/v1/projects/default"), 409, "conflict")


class Tokens(IdentityCase):
    def test_a_token_that_is_revoked_expired_or_of_a_disabled_user_is_401(self):
        ann, as_ann = self.user("ann")
        self.assertEqual(as_ann.get("/api/v1/whoami").status, 200)
        self.api.post(f"/api/v1/users/{ann}/disable")
        self.assertProblem(as_ann.get("/api/v1/whoami"), 401, "unauthenticated", "disabled")
        self.assertProblem(
            self.api.post("/api/v1/login", json={"user": ann, "password": PASSWORD}, token=None), 401, "unauthenticated"
        )
        self.api.post(f"/api/v1/users/{ann}/enable")
        self.assertEqual(as_ann.get("/api/v1/whoami").status, 200)
        self.assertEqual(as_ann.post("/api/v1/logout").status, 204)
        self.assertProblem(as_ann.get("/api/v1/whoami"), 401, "unauthenticated", "not known")
        short = self.as_user(ann)
        short.token = short.post("/api/v1/tokens", json={"note": "short", "age": 1}).json()["token"]
        eventually(lambda: short.get("/api/v1/whoami").status == 401, "the token expires")
        self.assertProblem(short.get("/api/v1/whoami"), 401, "unauthenticated", "expired at")

    def test_the_secret_is_shown_once(self):
        _, as_ann = self.user("ann")
        made = as_ann.post("/api/v1/tokens", json={"note": "ci"}).json()
        self.assertRegex(made["token"], r"^apl_[A-Za-z0-9_-]{43}$")
        self.assertNotIn(made["token"], as_ann.get("/api/v1/tokens").text)
        with open(os.path.join(self.platform.data, "apollo.db"), "rb") as database:
            self.assertNotIn(made["token"].encode(), database.read())
        self.assertNotIn(made["token"], self.platform.log)

    def test_a_limited_token_does_no_more_and_makes_none_that_does(self):
        shop = self.api.project(self.unique("shop"))
        task = f"task://local/default/{shop}"
        _, as_ann = self.user("ann", ("manage", task))
        limited = self.platform.api
        limited.token = as_ann.post(
            "/api/v1/tokens", json={"note": "reader", "permission": "read", "resources": [task]}
        ).json()["token"]
        self.assertEqual(limited.get(f"/api/v1/tasks?project={shop}").status, 200)
        answer = limited.post(f"/api/v1/tasks?project={shop}", json={"image": "busybox"})
        self.assertProblem(answer, 403, "denied", "this token is not good for 'write'")
        self.assertProblem(limited.post("/api/v1/tokens", json={"note": "more"}), 403, "denied")
        self.assertProblem(limited.post("/api/v1/login/browser"), 403, "denied")
        writer = self.platform.api
        writer.token = as_ann.post(
            "/api/v1/tokens", json={"note": "writer", "permission": "write", "resources": [task], "age": 3600}
        ).json()["token"]
        for more in (
            {},
            {"permission": "manage", "resources": [task]},
            {"permission": "write", "resources": ["task://local"]},
            {"permission": "write", "resources": [task], "age": 7200},
        ):
            with self.subTest(more=more):
                answer = writer.post("/api/v1/tokens", json={"note": "more", "age": 60, **more})
                self.assertProblem(answer, 403, "denied")
        less = {"note": "less", "permission": "list", "resources": [task + "/web"], "age": 60}
        self.assertEqual(writer.post("/api/v1/tokens", json=less).status, 201)
        # It ends itself, and nothing else.
        own = as_ann.get("/api/v1/tokens").json()["items"]
        self.assertProblem(writer.delete(f"/api/v1/tokens/{own[0]['id']}"), 403, "denied")
        self.assertEqual(writer.post("/api/v1/logout").status, 204)

    def test_a_token_for_too_long_is_refused(self):
        answer = self.api.post("/api/v1/tokens", json={"note": "for ever", "age": 86400 * 366})
        self.assertProblem(answer, 400, "invalid", "expires")

    def test_a_stream_ends_when_its_token_does(self):
        shop = self.api.project(self.unique("shop"))
        _, as_ann = self.user("ann", ("read", f"task://local/default/{shop}"))
        connection = as_ann.connect(within=40)
        connection.request("GET", f"/api/v1/events?project={shop}", headers=as_ann.headers())
        response = connection.getresponse()
        self.assertEqual(response.status, 200)
        response.readline()
        as_ann.post("/api/v1/logout")
        # A sign of life is due every 15 seconds: the one after the end is not sent.
        try:
            while response.readline():
                pass
        except (http.client.IncompleteRead, ConnectionError):
            pass  # Broken off, as it should be; one that goes on runs into the time-out.
        connection.close()

    def test_a_service_has_tokens_and_no_password(self):
        name = self.unique("robot")
        answer = self.api.post("/api/v1/users", json={"name": name, "kind": "service", "password": PASSWORD})
        self.assertProblem(answer, 400, "invalid", "password")
        self.assertEqual(self.api.post("/api/v1/users", json={"name": name, "kind": "service"}).status, 201)
        robot = self.platform.api
        robot.token = self.api.post("/api/v1/tokens", json={"note": "its own", "user": name}).json()["token"]
        self.assertEqual(robot.get("/api/v1/whoami").json()["principal"], f"service://local/{name}")


class Escalation(IdentityCase):
    def test_nobody_grants_what_they_do_not_manage(self):
        shop = self.api.project(self.unique("shop"))
        task = f"task://local/default/{shop}"
        ann, as_ann = self.user("ann", ("write", task))
        self.assertProblem(self.grant(ann, "manage", task, by=as_ann), 403, "denied")
        self.grant(ann, "manage", task + "/web")
        self.assertEqual(self.grant(ann, "read", task + "/web/x", by=as_ann).status, 201)
        for resource in (task, task + "/web2", "task://local", "node://local"):
            with self.subTest(resource=resource):
                self.assertProblem(self.grant(ann, "list", resource, by=as_ann), 403, "denied")

    def test_nobody_lifts_what_is_denied_to_them(self):
        shop = self.api.project(self.unique("shop"))
        task = f"task://local/default/{shop}"
        ann, as_ann = self.user("ann", ("manage", task), ("deny", task + "/vault"))
        bob, _ = self.user("bob")
        denied = [g for g in as_ann.get("/api/v1/grants").json()["items"] if g["permission"] == "deny"]
        self.assertProblem(as_ann.delete(f"/api/v1/grants/{denied[0]['id']}"), 403, "denied")
        # Nor does an accomplice get it.
        self.assertProblem(self.grant(bob, "manage", task, by=as_ann), 403, "denied")
        self.assertEqual(self.grant(bob, "manage", task + "/web", by=as_ann).status, 201)

    def test_roles_passwords_and_tokens_of_others_are_no_way_around(self):
        boss, as_boss = self.user("boss")
        self.api.call("PUT", f"/api/v1/roles/administrators/members/{boss}")
        clerk, as_clerk = self.user("clerk", ("manage", "role://local"))
        for call in (
            ("PUT", f"/api/v1/roles/administrators/members/{clerk}", None),
            ("PUT", f"/api/v1/users/{boss}/password", {"password": PASSWORD + "!"}),
            ("POST", f"/api/v1/users/{boss}/disable", None),
            ("DELETE", f"/api/v1/users/{boss}", None),
            ("POST", "/api/v1/tokens", {"note": "his", "user": boss}),
            ("POST", "/api/v1/grants", {"user": clerk, "permission": "manage", "resource": "node://local"}),
        ):
            with self.subTest(call=call[:2]):
                answer = as_clerk.call(call[0], call[1], json=call[2])
                self.assertProblem(answer, 403, "denied")
        # Over those who hold no more than he does, he has power.
        dan, _ = self.user("dan")
        answer = as_clerk.call("PUT", f"/api/v1/users/{dan}/password", json={"password": PASSWORD + "!"})
        self.assertEqual(answer.status, 204, repr(answer))
        self.assertEqual(as_boss.get("/api/v1/users").status, 200)

    def test_the_last_administrator_stays(self):
        for name in [r["members"] for r in self.api.get("/api/v1/roles").json()["items"] if r["builtIn"]][0]:
            self.api.delete(f"/api/v1/users/{name}")
        boss, as_boss = self.user("boss")
        self.api.call("PUT", f"/api/v1/roles/administrators/members/{boss}")
        for method, path in (
            ("DELETE", f"/api/v1/roles/administrators/members/{boss}"),
            ("DELETE", f"/api/v1/users/{boss}"),
            ("POST", f"/api/v1/users/{boss}/disable"),
        ):
            answer = as_boss.call(method, path)
            self.assertProblem(answer, 409, "conflict", "no administrator")
        self.assertProblem(self.api.delete("/api/v1/users/admin"), 409, "conflict", "always there")
        self.assertProblem(self.grant("admin", "deny", "task://local", by=as_boss), 409, "conflict")
        self.assertEqual(self.api.delete(f"/api/v1/users/{boss}").status, 204)

    def test_versions_are_held_against_if_match(self):
        ann, _ = self.user("ann")
        tag = self.api.get(f"/api/v1/users/{ann}").headers["ETag"]
        self.assertEqual(self.api.post(f"/api/v1/users/{ann}/disable", headers={"If-Match": tag}).status, 200)
        answer = self.api.post(f"/api/v1/users/{ann}/enable", headers={"If-Match": tag})
        self.assertSays(self.assertProblem(answer, 412, "conflict")["hint"], "read it again")

    def tag(self, path):
        answer = self.api.get(path)
        tag = answer.headers["ETag"]
        self.assertEqual(self.api.get(path, headers={"If-None-Match": tag}).status, 304)
        return tag

    def test_a_role_is_another_version_with_other_members_or_grants(self):
        ann, _ = self.user("ann")
        name = self.unique("dev")
        role = f"/api/v1/roles/{name}"
        self.assertEqual(self.api.post("/api/v1/roles", json={"name": name}).status, 201)
        bare, user = self.tag(role), self.tag(f"/api/v1/users/{ann}")
        self.assertEqual(self.api.call("PUT", f"{role}/members/{ann}", headers={"If-Match": bare}).status, 204)
        # The user has a role more: that is another version of the user, too.
        self.assertNotEqual(self.tag(f"/api/v1/users/{ann}"), user)
        late = self.api.delete(f"{role}/members/{ann}", headers={"If-Match": bare})
        self.assertSays(self.assertProblem(late, 412, "conflict")["hint"], "read it again")
        joined = self.tag(role)
        body = {"role": name, "permission": "read", "resource": "task://local/default/default"}
        grant = self.api.post("/api/v1/grants", json=body).json()["id"]
        self.assertProblem(self.api.delete(role, headers={"If-Match": joined}), 412, "conflict")
        path = f"/api/v1/grants/{grant}"
        given = self.tag(path)
        self.assertProblem(self.api.delete(path, headers={"If-Match": '"1"'}), 412, "conflict")
        self.assertEqual(self.api.delete(path, headers={"If-Match": given}).status, 204)
        self.assertProblem(self.api.get(path), 404, "not_found")
        self.assertEqual(self.api.delete(role, headers={"If-Match": joined}).status, 204)

    def test_a_project_made_anew_is_not_the_one_that_was_seen(self):
        shop = self.api.project(self.unique("shop"))
        path = f"/api/v1/projects/{shop}"
        seen = self.tag(path)
        self.assertEqual(self.api.delete(path, headers={"If-Match": seen}).status, 204)
        self.api.project(shop)
        self.assertProblem(self.api.delete(path, headers={"If-Match": seen}), 412, "conflict")
        # Who may not is told just that.
        _, as_ann = self.user("ann", ("read", f"task://local/default/{shop}"))
        self.assertProblem(as_ann.delete(path, headers={"If-Match": seen}), 403, "denied")
        self.assertEqual(self.api.delete(path, headers={"If-Match": self.tag(path)}).status, 204)


class Guessing(IdentityCase):
    own_platform = True

    def setUp(self):
        type(self).platform = self.make_platform().start()

    def test_a_user_who_guesses_has_to_wait_and_is_recorded(self):
        ann, _ = self.user("ann")
        unknown = self.api.post("/api/v1/login", json={"user": "nobody-here", "password": PASSWORD}, token=None)
        answers = [
            self.api.post("/api/v1/login", json={"user": ann, "password": f"wrong number {n}"}, token=None)
            for n in range(8)
        ]
        wrong, limited = answers[0], answers[-1]
        self.assertProblem(wrong, 401, "unauthenticated", "the user or the password is wrong")
        self.assertEqual(unknown.json()["detail"], wrong.json()["detail"])
        self.assertProblem(limited, 429, "exhausted", "too many failed logins")
        self.assertGreaterEqual(int(limited.headers["Retry-After"]), 1)
        records = self.records("action=logIn&outcome=denied")
        self.assertGreaterEqual(len([r for r in records if r["resource"] == f"user://local/{ann}"]), 6)
        self.assertNotIn("wrong number", str(records))
        # Others are not kept from logging in.
        self.user("bob")
        # Once the time is over the right password is taken.
        eventually(
            lambda: self.api.post("/api/v1/login", json={"user": ann, "password": PASSWORD}, token=None).status == 201,
            "she may try again",
        )

    def test_what_was_acknowledged_is_there_after_a_kill(self):
        shop = self.api.project("shop")
        ann, as_ann = self.user("ann", ("write", f"task://local/default/{shop}"))
        gone, as_gone = self.user("gone")
        self.api.call("PUT", f"/api/v1/roles/administrators/members/{gone}")
        self.assertEqual(self.api.delete(f"/api/v1/users/{gone}").status, 204)
        self.platform.kill9()
        self.platform.restart()
        new = self.platform.api
        self.assertEqual(new.get(f"/api/v1/tasks?project={shop}", token=as_ann.token).status, 200)
        self.assertEqual(new.get("/api/v1/whoami", token=as_gone.token).status, 401)
        self.assertEqual([u["name"] for u in new.get("/api/v1/users").json()["items"]], [ann])

    def test_a_token_of_another_platform_is_foreign(self):
        other = self.make_platform().start()
        answer = self.api.get("/api/v1/tasks", token=other.token)
        self.assertProblem(answer, 401, "unauthenticated", "another platform")
        self.assertEqual(self.records("principal=anonymous")[0]["outcome"], "denied")
        self.assertEqual(other.terminate(), 0)


class Browsers(IdentityCase):
    def form(self, path, fields, **headers):
        fields_of_head = {"Content-Type": "application/x-www-form-urlencoded"}
        fields_of_head.update((name.replace("_", "-"), value) for name, value in headers.items())
        return self.api.call("POST", path, body=urllib.parse.urlencode(fields), headers=fields_of_head, token=None)

    def login(self, name, **fields):
        answer = self.form("/login", {"user": name, "password": PASSWORD, **fields})
        self.assertEqual(answer.status, 303, repr(answer))
        return answer

    def cookie(self, answer):
        return answer.headers["Set-Cookie"].split(";")[0]

    def test_a_form_logs_in_and_the_cookie_reads(self):
        ann, _ = self.user("ann")
        answer = self.login(ann, next="/tasks/web")
        self.assertEqual(answer.headers["Location"], "/tasks/web")
        line = answer.headers["Set-Cookie"]
        self.assertSays(line, "apollo_session=", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=")
        cookie = self.cookie(answer)
        me = self.api.get("/api/v1/whoami", token=None, headers={"Cookie": cookie})
        self.assertEqual(me.json()["principal"], f"user://local/{ann}")
        # It is no bearer token.
        self.assertEqual(self.api.get("/api/v1/whoami", token=cookie.split("=")[1]).status, 401)
        # To change something takes the form token, which another site does not know.
        field = "X-Apollo-Form-Token"
        for headers in ({}, {field: "guess"}, {field: "", "Sec-Fetch-Site": "same-origin"}):
            answer = self.api.post("/api/v1/logout", token=None, headers={"Cookie": cookie, **headers})
            self.assertProblem(answer, 403, "denied", "form token")
        self.assertEqual(self.form("/logout", {"form_token": "guess"}, Cookie=cookie).status, 403)
        self.assertEqual(self.api.get("/api/v1/whoami", token=None, headers={"Cookie": cookie}).status, 200)

    def test_a_login_takes_the_place_of_the_session_before_it(self):
        ann, _ = self.user("ann")
        first = self.cookie(self.login(ann))
        answer = self.form("/login", {"user": ann, "password": PASSWORD}, Cookie=first)
        second = self.cookie(answer)
        self.assertNotEqual(first, second)
        self.assertEqual(self.api.get("/api/v1/whoami", token=None, headers={"Cookie": first}).status, 401)
        self.assertEqual(self.api.get("/api/v1/whoami", token=None, headers={"Cookie": second}).status, 200)

    def test_other_sites_and_injected_fields_lead_nowhere(self):
        ann, _ = self.user("ann")
        answer = self.form("/login", {"user": ann, "password": PASSWORD}, Sec_Fetch_Site="cross-site")
        self.assertEqual(answer.headers["Location"], "/login?failed=site")
        self.assertIsNone(answer.headers["Set-Cookie"])
        answer = self.form("/login", {"user": ann, "password": PASSWORD}, Origin="http://evil.example")
        self.assertIsNone(answer.headers["Set-Cookie"])
        for path in ("//evil.example", "http://evil.example", "/\\evil.example", "/x\r\nSet-Cookie: a=b", "/x y"):
            self.assertEqual(self.login(ann, next=path).headers["Location"], "/")
        answer = self.form("/login", {"user": ann + "\r\nX: y", "password": "x" * 20})
        self.assertEqual(answer.headers["Location"], "/login?failed=wrong")
        answer = self.form("/login", {"user": ann, "password": "x" * 10_000})
        self.assertProblem(answer, 413, "invalid")
        cookie = self.cookie(self.login(ann))
        for line in (f"{cookie}; apollo_session=x", f"{cookie}x", cookie[:-1], "apollo_session=apl_\x00"[:-1]):
            answer = self.api.get("/api/v1/whoami", token=None, headers={"Cookie": line})
            self.assertProblem(answer, 401, "unauthenticated")

    def upgrade(self, path, **headers):
        """The status of a WebSocket's handshake, as a browser's page begins it."""
        connection = http.client.HTTPConnection(self.platform.address.removeprefix("http://"), timeout=60)
        try:
            fields = {
                "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
                "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
            }
            fields.update((name.replace("_", "-"), value) for name, value in headers.items())
            connection.request("GET", path, headers=fields)
            return connection.getresponse().status
        finally:
            connection.close()

    def test_a_page_reads_a_log_over_a_websocket_and_a_page_of_another_site_does_not(self):
        ann, _ = self.user("ann", ("read", "task://local/default/default"))
        task = self.api.shell("echo hello")
        path = f"/api/v1/tasks/{task['id']}/logs"
        cookie = self.cookie(self.login(ann))
        own = self.platform.address
        for headers, status in (
            ({"Origin": own}, 101),
            ({"Origin": own, "Sec_Fetch_Site": "same-origin"}, 101),
            ({"Origin": "http://evil.example"}, 403),
            # Another port of this machine gets the cookie, too: browsers take it for the same site.
            ({"Origin": "http://127.0.0.1:1"}, 403),
            ({"Origin": "http://127.0.0.1:1", "Sec_Fetch_Site": "same-site"}, 403),
            ({"Origin": "null"}, 403),
        ):
            with self.subTest(headers=headers):
                self.assertEqual(self.upgrade(path, Cookie=cookie, **headers), status)
        self.assertEqual(self.upgrade(path, Origin=own), 401)
        # Programs have no origin, and send what no site can have a browser send.
        self.assertEqual(self.upgrade(path, Authorization=f"Bearer {self.platform.token}"), 101)
        _, as_bob = self.user("bob")
        self.assertEqual(self.upgrade(path, Authorization=f"Bearer {as_bob.token}"), 404)

    def test_a_link_logs_in_once(self):
        link = self.apollo("login", "--browser")
        self.assertCode(link, 0)
        path = link.out.strip().removeprefix(self.platform.address)
        answer = self.api.get(path, token=None)
        self.assertEqual((answer.status, answer.headers["Location"]), (303, "/"))
        me = self.api.get("/api/v1/whoami", token=None, headers={"Cookie": self.cookie(answer)})
        self.assertEqual(me.json()["principal"], "user://local/admin")
        self.assertEqual(self.api.get(path, token=None).headers["Location"], "/login?failed=link")
        self.assertEqual(
            [(r["outcome"], r["action"]) for r in self.records("action=logInBrowserOnce")],
            [("denied", "logInBrowserOnce"), ("succeeded", "logInBrowserOnce")],
        )

    def test_a_new_password_ends_sessions_and_not_tokens(self):
        ann, as_ann = self.user("ann")
        cookie = self.cookie(self.login(ann))
        made = as_ann.post("/api/v1/tokens", json={"note": "ci"}).json()["token"]
        body = {"password": PASSWORD + " and more", "current": PASSWORD}
        path = f"/api/v1/users/{ann}/password"
        for wrong, status, kind in (
            ({**body, "current": "something else"}, 401, "unauthenticated"),
            ({"password": "long enough"}, 403, "denied"),
            ({**body, "password": "short"}, 400, "invalid"),
        ):
            self.assertProblem(as_ann.call("PUT", path, json=wrong), status, kind)
        self.assertEqual(as_ann.call("PUT", path, json=body).status, 204)
        self.assertEqual(self.api.get("/api/v1/whoami", token=None, headers={"Cookie": cookie}).status, 401)
        self.assertEqual(self.api.get("/api/v1/whoami", token=made).status, 200)
        self.assertEqual(as_ann.get("/api/v1/whoami").status, 200)


class Audit(IdentityCase):
    def test_records_are_found_by_who_what_on_what_how_and_when_page_by_page(self):
        ann, as_ann = self.user("ann")
        for _ in range(3):
            as_ann.post("/api/v1/projects", json={"name": "never"})
        as_ann.post("/api/v1/tokens", json={"note": "ci"})
        found = self.records(f"principal={ann}&action=createProject&outcome=denied")
        self.assertEqual(len(found), 3)
        self.assertEqual({r["resource"] for r in found}, {"role://local/default/never"})
        made = self.records(f"principal={ann}&resource=user://local/{ann}&action=createToken")
        self.assertEqual([r["outcome"] for r in made], ["succeeded"])
        pages, cursor = [], ""
        while True:
            page = self.api.get(f"/api/v1/audit?principal={ann}&limit=2{cursor}").json()
            pages += [r["requestID"] for r in page["items"]]
            if "nextCursor" not in page:
                break
            cursor = "&cursor=" + page["nextCursor"]
        self.assertEqual(len(pages), len(set(pages)))
        self.assertEqual(len(pages), 5)
        self.assertEqual(self.records(f"principal={ann}&until=2020-01-01T00:00:00Z"), [])
        self.assertProblem(as_ann.get("/api/v1/audit"), 403, "denied", "node://local")
        outcome = self.apollo("audit", "--user", ann, "--outcome", "denied", "--since", "1h", "-o", "json")
        self.assertEqual(len(outcome.json()), 3)

    def test_refused_reads_are_recorded_too_and_do_not_flood(self):
        before = len(self.records("principal=anonymous&limit=1000"))
        for _ in range(300):
            self.api.get("/api/v1/tasks", token="apl_" + "A" * 43)
        after = self.records("principal=anonymous&limit=1000")
        self.assertGreater(len(after), before)
        self.assertLess(len(after) - before, 150)
