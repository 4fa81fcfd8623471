"""The pages, in headless Chromium as a person uses them."""

import re
import unittest

from harness import ApolloTestCase, eventually
from harness.browser import CHROMIUM, Browser

PASSWORD = "correct horse battery"


@unittest.skipUnless(CHROMIUM, "there is no chromium: apt-get install chromium")
class Pages(ApolloTestCase):
    weight = 2

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.browser = Browser()
        cls.platform.api.post("/api/v1/users", json={"name": "ada", "password": PASSWORD})
        cls.platform.apollo("project", "create", "hers")
        cls.platform.apollo("grant", "add", "ada", "manage", "task://local/default/hers")
        cls.platform.apollo("task", "run", "--project", "default", "--name", "not-hers", "--", "true")

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        super().tearDownClass()

    def leave(self):
        # The page before would ask on without its cookie; the answer takes the next one's away, or leads to a login.
        self.browser.call("Page.navigate", url="about:blank")
        self.browser.until("location.href === 'about:blank'")
        self.browser.call("Network.clearBrowserCookies")

    def log_in(self):
        link = self.apollo("login", "--browser").out.strip()
        self.leave()
        self.browser.problems.clear()
        self.browser.requests.clear()
        self.browser.open(link)
        self.browser.until("document.querySelector('.tiles')")

    def log_in_as_ada(self, password=PASSWORD):
        self.leave()
        self.browser.open(self.platform.address + "/")
        self.browser.until("document.querySelector('#password')")
        self.browser.evaluate(
            f"document.querySelector('#user').value = 'ada'; document.querySelector('#password').value = '{password}';"
            "document.querySelector('form.login').requestSubmit()"
        )

    def test_a_task_appears_and_ends_while_one_looks(self):
        self.log_in()
        name = self.unique("seen")
        self.apollo("task", "run", "-d", "--name", name, "--", "sleep", "1000")
        row = f"[...document.querySelectorAll('tr')].find(r => r.innerText.includes('{name}'))"
        self.browser.until(f"{row}?.innerText.includes('running')")
        self.apollo("task", "stop", "--grace", "0", name)
        self.browser.until(f"{row}?.innerText.includes('stopped')")
        self.assertEqual(self.browser.problems, [])
        hosts = {re.match(r"https?://([^/]+)", url).group(1) for url in self.browser.requests if url.startswith("http")}
        self.assertEqual(hosts, {self.platform.address.split("//")[1]})

    def test_the_output_of_a_task_comes_as_it_is_written(self):
        self.log_in()
        name = self.unique("output")
        self.apollo("task", "run", "-d", "--name", name, "--", "sh", "-c", "echo '<b>first</b>'; exec sleep 1000")
        self.browser.open(f"{self.platform.address}/tasks/default/{name}")
        self.browser.until("document.querySelector('pre.logs').innerText.includes('<b>first</b>')")
        self.apollo("task", "stop", "--grace", "0", name)
        self.browser.until("document.querySelector('dl.facts').innerText.includes('stopped')")

    def test_what_waits_is_explained(self):
        self.log_in()
        name = self.unique("large")
        self.apollo("task", "run", "-d", "--name", name, "--memory", "900Gi", "--", "true")
        self.browser.open(f"{self.platform.address}/tasks/default/{name}")
        self.assertSays(self.browser.text(), "pending", "too small: memory", "What would help", "ask for less memory")
        self.apollo("task", "stop", name)

    def run_job(self, job, seconds, instances=2):
        body = {
            "name": job,
            "tasks": [{"name": "t", "instances": instances, "executable": "/bin/sleep", "command": [str(seconds)]}],
        }
        self.assertIn(self.api.post("/api/v1/jobs", json=body).status, (200, 201))

    def send(self, verb, **fields):
        """Fills in the form of a button and sends it, as a person would."""
        form = f"document.querySelector('form[data-post*=\\'/{verb}?\\']')"
        for name, value in fields.items():
            self.browser.evaluate(f"{form}.querySelector('[name={name}]').value = '{value}'")
        self.browser.evaluate(f"{form}.requestSubmit()")

    def test_a_job_is_seen_scaled_taken_back_and_stopped(self):
        self.log_in()
        job = self.unique("web")
        self.run_job(job, 1000)
        row = f"[...document.querySelectorAll('[data-live=jobs] tr')].find(r => r.innerText.includes('{job}'))"
        self.browser.until(f"{row}?.innerText.includes('2/2')")
        self.browser.open(f"{self.platform.address}/jobs/default/{job}")
        instances = "document.querySelectorAll('[data-live=instances] tbody tr').length"
        self.browser.until(f"{instances} === 2")
        self.send("scale", instances=1)
        self.browser.until(f"{instances} === 1")
        self.run_job(job, 2000, 1)
        self.browser.until("document.querySelector('[data-live=facts]').innerText.includes('1 of 1 are ready')")
        self.browser.until("document.querySelectorAll('[data-live=versions] tbody tr').length === 3")
        # Whoever looks at an old page changes nothing.
        self.browser.evaluate("document.querySelector('form[data-post*=\\'/scale?\\']').dataset.revision = '1'")
        self.send("scale", instances=4)
        self.browser.until("document.querySelector('#said').innerText.includes('changed')")
        self.browser.open(f"{self.platform.address}/jobs/default/{job}")
        self.send("revert")
        self.browser.until("document.querySelectorAll('[data-live=versions] tbody tr').length === 4")
        self.send("restart")
        self.browser.until("document.querySelectorAll('[data-live=versions] tbody tr').length === 5")
        self.send("stop")
        self.browser.until("document.querySelector('[data-live=facts]').innerText.includes('stopped')")
        self.assertEqual([text for text in self.browser.problems if "412" not in text], [])
        self.assertCode(self.apollo("job", "rm", job), 0)

    def test_a_cron_job_shows_its_runs_and_runs_now(self):
        self.log_in()
        job = self.unique("nightly")
        body = {
            "name": job, "type": "cron", "cron": {"schedule": "0 3 1 1 *", "timeZone": "Europe/Berlin"},
            "tasks": [{"name": "t", "executable": "/bin/true"}],
        }
        self.assertEqual(self.api.post("/api/v1/jobs", json=body).status, 201)
        self.browser.open(f"{self.platform.address}/jobs/default/{job}")
        self.assertSays(self.browser.text(), "0 3 1 1 *, Europe/Berlin", "scheduled", "It did not run yet")
        self.send("trigger")
        self.browser.until("document.querySelector('[data-live=runs]').innerText.includes('completed')")
        self.send("suspend")
        self.browser.until("document.querySelector('[data-live=facts]').innerText.includes('suspended')")
        self.apollo("job", "stop", job)
        self.apollo("job", "rm", job)

    def test_who_may_only_look_has_no_buttons(self):
        job = self.unique("looked-at")
        self.api.post(
            "/api/v1/jobs?project=hers",
            json={"name": job, "tasks": [{"name": "t", "executable": "/bin/sleep", "command": ["1000"]}]},
        )
        self.platform.apollo("grant", "add", "ada", "read", "job://local/default/hers")
        self.log_in_as_ada()
        self.browser.until("document.querySelector('.tiles')")
        self.browser.open(f"{self.platform.address}/jobs/hers/{job}")
        self.browser.until("document.querySelector('[data-live=instances] tbody tr')")
        self.assertEqual(self.browser.evaluate("document.querySelectorAll('form[data-post]').length"), 0)
        self.apollo("job", "stop", "--project", "hers", job)
        self.apollo("job", "rm", "--project", "hers", job)

    def test_what_a_node_is_busy_with_is_renewed_while_nothing_happens(self):
        self.log_in()
        (node,) = self.api.get("/api/v1/nodes").json()["items"]
        self.browser.open(f"{self.platform.address}/nodes/{node['name']}")
        asked = "[...document.querySelectorAll('dt')].find(d => d.innerText === 'As of')?.nextElementSibling"
        self.browser.until(f"{asked}?.querySelector('time')")
        first = self.browser.evaluate(f"{asked}.querySelector('time').dateTime")
        self.browser.until(f"{asked}.querySelector('time').dateTime > '{first}'")
        self.assertEqual(self.browser.problems, [])

    def test_volumes_are_seen_on_the_pages_of_their_node_and_of_their_tasks(self):
        volume, task = self.unique("disk"), self.unique("keeper")
        words = ["task", "run", "-d", "--name", task, "--volume", volume, "--", "sleep", "1000"]
        self.assertCode(self.apollo(*words), 0)
        self.platform.await_state(task, "running")
        self.log_in()
        (node,) = self.api.get("/api/v1/nodes").json()["items"]
        self.browser.open(f"{self.platform.address}/nodes/{node['name']}")
        row = f"[...document.querySelectorAll('tr')].find(r => r.innerText.includes('{volume}'))"
        self.browser.until(f"{row}?.innerText.includes('{task}')")
        self.browser.open(f"{self.platform.address}/tasks/default/{task}")
        self.browser.until(f"document.querySelector('main')?.innerText.includes('{volume} on {node['name']}')")
        self.assertCode(self.apollo("task", "stop", "--grace", "0", task), 0)
        self.browser.open(f"{self.platform.address}/nodes/{node['name']}")
        self.browser.until(f"{row}?.innerText.includes('no task')")
        self.assertEqual(self.browser.problems, [])

    def test_filter_keys_and_theme(self):
        self.log_in()
        names = [self.unique("needle"), self.unique("hay")]
        for name in names:
            self.apollo("task", "run", "--name", name, "--", "true")
        self.browser.until(f"document.body.innerText.includes('{names[1]}')")
        self.browser.press("/")
        self.browser.until("document.activeElement.id === 'filter'")
        self.browser.call("Input.insertText", text=names[0])
        self.browser.until(f"!document.querySelector('[data-live=tasks]').innerText.includes('{names[1]}')")
        self.assertIn(names[0], self.browser.evaluate("document.querySelector('[data-live=tasks]').innerText"))
        self.browser.evaluate("document.activeElement.blur()")
        self.browser.press("j")
        self.browser.until(f"document.activeElement.innerText === '{names[0]}'")
        self.browser.press("t")
        theme = self.browser.evaluate("document.documentElement.dataset.theme")
        self.browser.open(self.platform.address + "/")
        self.browser.until(f"document.documentElement.dataset.theme === '{theme}'")
        self.browser.press("?")
        self.browser.until("document.querySelector('#help').open")

    def test_a_user_sees_the_own_project_and_nothing_else(self):
        self.log_in_as_ada()
        self.browser.until("document.querySelector('.tiles')")
        self.assertSays(self.browser.text(), "Project hers", "ada")
        self.assertNotIn("not-hers", self.browser.text())
        options = "[...document.querySelectorAll('#project option')].map(o => o.value).join()"
        self.assertEqual(self.browser.evaluate(options), "hers")
        for path in ("/tasks/default/not-hers", "/?project=default", "/nodes/any"):
            self.browser.open(self.platform.address + path)
            self.assertSays(self.browser.text(), "Not found")

    def test_a_wrong_password_is_refused_and_a_session_ends(self):
        self.log_in_as_ada("wrong and wrong")
        self.browser.until("document.querySelector('#failure')")
        self.assertSays(self.browser.text(), "do not go together")
        self.log_in()
        self.browser.evaluate("document.querySelector('form[action=\"/logout\"]').requestSubmit()")
        self.browser.until("document.querySelector('#password')")
        self.browser.open(self.platform.address + "/tasks/default/not-hers")
        self.browser.until("document.querySelector('input[name=next]')?.value === '/tasks/default/not-hers'")

    def test_a_platform_that_is_gone_is_told(self):
        self.log_in()
        self.platform.kill9()
        self.browser.until("!document.querySelector('#banner').hidden")
        self.platform.restart()

    def test_what_guards_the_pages_is_sent(self):
        answer = self.api.get("/login")
        policy = answer.headers["Content-Security-Policy"]
        self.assertSays(policy, "default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'")
        self.assertNotIn("unsafe", policy)
        path = re.search(r'href="(/assets/style[^"]+)"', answer.text).group(1)
        self.assertIn("immutable", self.api.get(path).headers["Cache-Control"])
        hostile = self.api.get("/?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E").text
        self.assertNotIn("<script>alert", hostile)
        eventually(lambda: self.api.get("/assets/style.0000000000000000.css").status == 404, "an old file is gone")
