"""`GET /metrics` as Prometheus' own library reads it."""

import collections
import json
import math
import subprocess

from harness import ApolloTestCase
from harness.tools import python_tools

# Prints the families of the text on its input.
READER = """
import json, sys
from prometheus_client.parser import text_string_to_metric_families
print(json.dumps([
    {"name": family.name, "type": family.type, "help": family.documentation,
     "samples": [[sample.name, sample.labels, repr(sample.value)] for sample in family.samples]}
    for family in text_string_to_metric_families(sys.stdin.read())]))
"""


class Exposition(ApolloTestCase):
    @classmethod
    def setUpClass(cls):
        cls.python = python_tools()
        super().setUpClass()

    def scrape(self):
        # Something of each kind has happened: a change, a refusal, a task with its commits.
        self.platform.await_end(self.api.shell("true")["name"])
        self.assertEqual(self.api.get("/api/v1/tasks/nobody").status, 404)
        answer = self.api.get("/metrics")
        self.assertEqual(answer.status, 200, repr(answer))
        return answer.body.decode()

    def families(self, text):
        done = subprocess.run(
            [self.python, "-c", READER], input=text, capture_output=True, text=True, timeout=60, check=False
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_every_family_says_what_it_is_once(self):
        text = self.scrape()
        told = collections.Counter(
            (line.split()[1], line.split()[2]) for line in text.splitlines() if line.startswith("# ")
        )
        families = self.families(text)
        self.assertGreater(len(families), 20)
        for family in families:
            name = family["name"] + ("_total" if family["type"] == "counter" else "")
            with self.subTest(name):
                self.assertEqual((told["HELP", name], told["TYPE", name]), (1, 1))
                self.assertIn(family["type"], ("counter", "gauge", "histogram"))
                self.assertTrue(family["help"])
                self.assertRegex(name, r"\A(apollo|process)_[a-z0-9_]*[a-z0-9]\Z")
                # A family of labels that nothing has happened to may be empty.
                for sample, labels, value in family["samples"]:
                    self.assertTrue(sample.startswith(family["name"]), sample)
                    self.assertFalse(math.isnan(float(value)), sample)
                    self.assertLessEqual(len(labels), 4)
        self.assertEqual(len(told), 2 * len(families), "what is told of stands there")

    def test_counters_end_in_total_and_nothing_else_does(self):
        text = self.scrape()
        for line in text.splitlines():
            if line.startswith("# TYPE "):
                _, _, name, kind = line.split()
                self.assertEqual(name.endswith("_total"), kind == "counter", line)

    def test_no_series_stands_twice_and_counters_only_grow(self):
        def counters(families):
            series = collections.Counter()
            found = {}
            for family in families:
                for name, labels, value in family["samples"]:
                    key = (name, *sorted(labels.items()))
                    series[key] += 1
                    if family["type"] == "counter":
                        found[key] = float(value)
            self.assertEqual([key for key, count in series.items() if count > 1], [])
            return found

        before = counters(self.families(self.scrape()))
        after = counters(self.families(self.scrape()))
        for key, value in before.items():
            self.assertGreaterEqual(after[key], value, key)

    def test_histograms_add_up(self):
        histograms = [one for one in self.families(self.scrape()) if one["type"] == "histogram"]
        self.assertTrue(histograms)
        for family in histograms:
            buckets, counts = collections.defaultdict(list), {}
            for name, labels, value in family["samples"]:
                key = tuple(sorted((label, text) for label, text in labels.items() if label != "le"))
                if name.endswith("_bucket"):
                    buckets[key].append((float(labels["le"]), float(value)))
                elif name.endswith("_count"):
                    counts[key] = float(value)
            self.assertEqual(set(buckets), set(counts), family["name"])
            for key, rows in buckets.items():
                with self.subTest(family["name"], labels=key):
                    self.assertEqual(rows, sorted(rows))
                    self.assertEqual([value for _, value in rows], sorted(value for _, value in rows))
                    self.assertEqual(rows[-1], (math.inf, counts[key]))
