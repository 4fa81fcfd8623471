"""What the platform has acknowledged about people and their rights is there after it is killed, and nothing by half."""

import contextlib
import random
import threading

from harness import ApolloTestCase

PASSWORD = "four words in a row"


class KilledIdentity(ApolloTestCase):
    """Commands come without a pause from several clients; the platform is killed in the middle, again and again."""

    own_platform = True
    weight = 2
    CLIENTS = 4

    def setUp(self):
        type(self).platform = self.make_platform().start()

    def test_what_was_acknowledged_is_there_and_what_was_revoked_stays_so(self):
        platform = self.platform
        clients = [Client(number) for number in range(self.CLIENTS)]
        numbers = random.Random(7)
        for _ in range(3):
            stop = threading.Event()
            threads = [threading.Thread(target=client.work, args=(platform.api, stop)) for client in clients]
            goals = [client.done + numbers.randint(5, 12) for client in clients]
            for thread in threads:
                thread.start()
            # Not after a time but after so many answers; each client is then in the middle of something.
            for client, goal in zip(clients, goals):
                client.await_done(goal)
            platform.kill9()
            stop.set()
            for thread in threads:
                thread.join()
            platform.restart()
            for client in clients:
                client.check(self, platform.api)
        self.assertEqual(platform.terminate(), 0)


class Client:
    """Makes users, tokens, roles, grants and projects, and takes them away; remembers what was acknowledged, and of the
    one command without an answer that it may have been carried out or not."""

    def __init__(self, number):
        self.number = number
        self.serial = 0
        self.done = 0
        self.changed = threading.Condition()
        # What each path must answer: True for there, False for gone. Left out where nobody knows.
        self.there = {}
        self.tokens = {}
        self.audited = []

    def await_done(self, goal):
        with self.changed:
            assert self.changed.wait_for(lambda: self.done >= goal, 60), f"client {self.number} does not get on"

    def work(self, api, stop):
        with contextlib.suppress(OSError, EOFError, ValueError):  # The platform is gone.
            while not stop.is_set():
                self.round(api)

    def call(self, api, method, path, body=None):
        request = f"crash-{self.number}-{self.serial}"
        self.serial += 1
        answer = api.call(method, path, json=body, headers={"X-Request-Id": request})
        assert answer.status < 300, (method, path, repr(answer))
        with self.changed:
            self.done += 1
            self.changed.notify_all()
        self.audited.append(request)
        return answer

    def set(self, path, is_there):
        self.there[path] = is_there

    def making(self, api, method, path, body, made):
        self.there.pop(made, None)
        answer = self.call(api, method, path, body)
        self.set(made, True)
        return answer

    def removing(self, api, path):
        self.there.pop(path, None)
        self.call(api, "DELETE", path)
        self.set(path, False)

    def round(self, api):
        name = f"c{self.number}-{self.serial}"
        user, role, project = (f"/api/v1/{kind}/{name}" for kind in ("users", "roles", "projects"))
        self.making(api, "POST", "/api/v1/users", {"name": name, "kind": "service"}, user)
        self.making(api, "POST", "/api/v1/projects", {"name": name}, project)
        self.making(api, "POST", "/api/v1/roles", {"name": name}, role)
        self.call(api, "PUT", f"{role}/members/{name}")
        body = {"role": name, "permission": "read", "resource": f"task://local/default/{name}"}
        grant = self.call(api, "POST", "/api/v1/grants", body).json()["id"]
        self.set(f"/api/v1/grants/{grant}", True)
        made = self.call(api, "POST", "/api/v1/tokens", {"note": "one", "user": name}).json()
        self.tokens[made["token"]] = True
        second = self.call(api, "POST", "/api/v1/tokens", {"note": "two", "user": name}).json()
        self.tokens[second["token"]] = None
        self.call(api, "DELETE", f"/api/v1/tokens/{second['id']}")
        self.tokens[second["token"]] = False
        if self.serial % 3 == 0:
            # With a user go tokens, and with a project what is granted in it: all or nothing.
            self.tokens[made["token"]] = None
            self.removing(api, user)
            self.tokens[made["token"]] = False
            self.there.pop(f"/api/v1/grants/{grant}")
            self.removing(api, project)
            self.set(f"/api/v1/grants/{grant}", False)

    def check(self, test, api):
        for path, is_there in self.there.items():
            test.assertEqual(api.get(path).status, 200 if is_there else 404, path)
        for token, is_good in self.tokens.items():
            if is_good is not None:
                test.assertEqual(api.get("/api/v1/whoami", token=token).status, 200 if is_good else 401)
        records, cursor = set(), ""
        while cursor is not None:
            page = api.get(f"/api/v1/audit?limit=1000{cursor}").json()
            records |= {record["requestID"] for record in page["items"]}
            cursor = f"&cursor={page['nextCursor']}" if "nextCursor" in page else None
        test.assertEqual([request for request in self.audited if request not in records], [])
        # Nothing by half: a grant is on a project that is there, and what a role holds is there, too.
        projects = {item["name"] for item in self.all(api, "projects")}
        users = {item["name"] for item in self.all(api, "users")}
        for grant in self.all(api, "grants"):
            parts = grant["resource"].split("/")
            if len(parts) > 4 and parts[3] == "default":
                test.assertIn(parts[4], projects)
        for role in self.all(api, "roles"):
            test.assertLessEqual(set(role["members"]), users)

    @staticmethod
    def all(api, kind):
        return api.get(f"/api/v1/{kind}?limit=1000").json()["items"]
