"""Where tasks go: constraints, preferences, labels, and the explanation of what waits."""

import os

from harness import ApolloTestCase, eventually


class Placement(ApolloTestCase):
    @classmethod
    def setUpClass(cls):
        cls.make_directory()
        cls.platform = cls.make_platform(env={"APOLLO_NODE_LABELS": "zone=a,disk=ssd"}).start()

    def test_a_task_goes_where_its_constraints_hold(self):
        done = self.apollo("task", "run", "--constraint", "zone=a,b", "--constraint", "disk", "--", "echo", "placed")
        self.assertEqual(done.out, "placed\n")
        self.assertEqual(self.apollo("task", "run", "--prefer", "zone=b:100", "--", "echo", "rather").out, "rather\n")

    def test_what_waits_is_explained_with_what_would_help(self):
        name = self.unique("far")
        self.apollo("task", "run", "-d", "--name", name, "--constraint", "zone!=a", "--", "true")
        self.assertSays(self.apollo("task", "ps").out, name, "pending", "is not 'zone != a': zone is 'a'")
        text = self.apollo("task", "explain", name).out
        self.assertSays(text, "Of 1 node, none would take", "1 is not 'zone != a'", "drop the constraint")
        told = self.api.get(f"/api/v1/tasks/{name}/explain").json()
        self.assertEqual((told["nodes"], told["possible"]), (1, 0))
        self.assertEqual(told["obstacles"], [{"nodes": 1, "reason": "is not 'zone != a'"}])
        self.apollo("task", "stop", name)
        self.assertNotIn("What would help", self.apollo("task", "explain", name).out)

    def test_what_stands_behind_the_first_thing_in_the_way_is_explained_too(self):
        name = self.unique("far")
        wants = ("--constraint", "zone!=a", "--constraint", "disk=tape", "--cpu", "4000")
        self.apollo("task", "run", "-d", "--name", name, *wants, "--", "true")
        told = self.api.get(f"/api/v1/tasks/{name}/explain").json()
        self.assertEqual([obstacle["reason"] for obstacle in told["obstacles"]], ["is not 'zone != a'"])
        self.assertEqual({one["reason"] for one in told["besides"]}, {"is not 'disk = tape'", "is too small: CPU"})
        text = self.apollo("task", "explain", name).out
        self.assertSays(
            text, "1 is not 'zone != a'\nApart from that\n", "1 is too small: CPU",
            "and then: ask for less CPU", "and then: drop the constraint 'disk = tape'",
        )
        self.apollo("task", "stop", name)

    def test_a_task_of_a_higher_priority_takes_the_room_and_gives_it_back(self):
        cpu = str(self.api.get("/api/v1/nodes").json()["items"][0]["capacity"]["cpuMillis"] / 1000)
        low, high, small = self.unique("low"), self.unique("high"), self.unique("small")
        latch = self.scratch("latch")
        open(latch, "w").close()
        # Who is asked to end does so once the file is gone.
        held = f"trap 'while [ -e {latch} ]; do sleep 0.1; done; exit 0' TERM; echo up; while :; do sleep 0.1; done"
        self.apollo("task", "run", "-d", "--name", low, "--cpu", cpu, "--stop-grace", "600", "--", "sh", "-c", held)
        self.platform.await_output(low, "up")
        self.apollo("task", "run", "-d", "--name", high, "--cpu", cpu, "--priority", "10", "--", "sleep", "1000")
        said = "preempting 1 task of lower priority on node"
        eventually(lambda: said in self.api.task(high)["reason"], "the preemptor to say what it waits for")
        self.assertSays(self.apollo("task", "explain", high).out, said)
        self.apollo("task", "run", "-d", "--name", small, "--cpu", "0.1", "--", "true")
        self.assertSays(self.api.task(small)["reason"], "waiting for room", "kept for a higher priority")
        os.unlink(latch)
        self.platform.await_state(high, "running")
        record = self.platform.await_state(low, "pending")
        self.assertSays(record["reason"], f"preempted by '{high}', whose priority is 10, not 0; waiting for room")
        self.apollo("task", "stop", "--grace", "0", high)
        record = self.platform.await_state(low, "running")
        self.assertEqual([attempt.get("outcome") for attempt in record["attempts"]], ["preempted", None])
        self.apollo("task", "stop", "--grace", "0", low)
        self.platform.await_state(small, "completed")

    def test_those_of_a_group_keep_apart_and_go_evenly(self):
        group, names = self.unique("web"), [self.unique("apart") for _ in range(2)]
        for name in names:
            options = ["--group", group, "--apart", "--spread", "zone:1", "--restart", "never"]
            self.assertCode(
                self.apollo("task", "run", "-d", "--name", name, *options, "--", "sleep", "1000"), 0
            )
        self.assertSays(self.apollo("task", "status", names[1]).out, "pending", f"has one of {group} already")
        self.assertSays(self.apollo("task", "explain", names[1]).out, f"1 has one of {group} already", "share one")
        spec = self.api.get(f"/api/v1/tasks/{names[0]}").json()["spec"]
        self.assertEqual((spec["spread"], spec["apart"]), ({"over": "zone", "maximumSkew": 1}, True))
        self.apollo("task", "stop", "--grace", "0", *names)

    def test_a_group_needs_a_use_and_keeping_apart_a_group(self):
        for words, said in ((["--group", "a"], "'spread' and 'apart'"), (["--apart"], "needs a 'group'")):
            refused = self.apollo("task", "run", *words, "--", "true")
            self.assertCode(refused, 65)
            self.assertSays(refused.err, said)
        self.assertCode(self.apollo("task", "run", "--group", "a", "--spread", "zone:0", "--", "true"), 2)

    def test_labels_are_shown(self):
        self.assertSays(self.apollo("node", "ls").out, "LABELS", "disk=ssd,zone=a")

    def test_a_condition_that_is_none_is_refused(self):
        for words in (["--constraint", "=a"], ["--constraint", "a="], ["--prefer", "a=b:101"]):
            refused = self.apollo("task", "run", *words, "--", "true")
            self.assertCode(refused, 2)
            self.assertSays(refused.err, words[0], words[1])
