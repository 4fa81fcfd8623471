"""Where tasks go: constraints, preferences, labels, and the explanation of what waits."""

from harness import ApolloTestCase


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

    def test_labels_are_shown(self):
        self.assertSays(self.apollo("node", "ls").out, "LABELS", "disk=ssd,zone=a")

    def test_a_condition_that_is_none_is_refused(self):
        for words in (["--constraint", "=a"], ["--constraint", "a="], ["--prefer", "a=b:101"]):
            refused = self.apollo("task", "run", *words, "--", "true")
            self.assertCode(refused, 2)
            self.assertSays(refused.err, words[0], words[1])
