"""The program of the benchmarks, as far as that can be looked at without taking figures."""

import json
import os
import subprocess
import unittest

from harness import ApolloTestCase
from harness.case import BINARY

BENCH = os.path.join(os.path.dirname(BINARY), "apollo-bench")


@unittest.skipUnless(os.access(BENCH, os.X_OK), "apollo-bench is not built (swift build)")
class Benchmarks(ApolloTestCase):
    own_platform = True

    def bench(self, *arguments, code=0):
        done = subprocess.run([BENCH, *arguments], capture_output=True, text=True, timeout=300, check=False)
        self.assertEqual(done.returncode, code, f"{' '.join(arguments)}\n{done.stdout}{done.stderr}")
        return done

    def test_the_list_names_every_suite_and_the_speed_of_the_simulation(self):
        rows = [line.split() for line in self.bench("--list").stdout.splitlines()]
        suites = {row[0] for row in rows[1:]}
        self.assertEqual(
            suites, {"http", "rpc", "task", "dispatch", "schedule", "simulate", "objects", "images"})
        self.assertIn(["simulate", "hours-per-second"], [row[:2] for row in rows])
        self.assertEqual(len(self.bench("simulate", "--list").stdout.splitlines()), 2)

    def test_the_speed_of_the_simulation_is_a_case_like_all_others(self):
        said = self.bench(
            "simulate", "--case", "hours-per-second", "--runs", "2", "--format", "json", "--seeds", "2",
            "--hours", "0.1").stdout
        (line,) = said.splitlines()
        figure = json.loads(line)
        self.assertEqual(
            [figure[key] for key in ("suite", "case", "better", "runs", "peer", "ratio")],
            ["simulate", "hours-per-second", "higher", 2, None, None])
        least, most = figure["spread"]
        self.assertTrue(0 < least <= figure["ours"] <= most, line)
        self.assertIn("2 seeds of 0.1 h", figure["note"])

    def test_seeds_and_hours_look_for_faults_and_are_the_same_run_each_time(self):
        def facts():
            lines = self.bench("simulate", "--seeds", "2", "--hours", "0.1").stdout.splitlines()
            self.assertIn("2 runs of 0.1 virtual hours in ", lines[0])
            self.assertEqual(lines[2], "no rule was broken")
            return lines[1]

        first = facts()
        self.assertIn("200 submissions, ", first)
        self.assertIn("fingerprint ", first)
        self.assertEqual(first, facts())

    def test_a_planted_bug_is_told_with_what_happened_last(self):
        said = self.bench("simulate", "--planted", "frees-twice", "--hours", "0.3").stdout
        self.assertIn("a rule was broken", said)
        self.assertRegex(said, r"seed \d+: .*\(at ")
        self.assertRegex(said, r"to see it again: apollo-bench simulate --seed \d+ --hours 0.3 --planted frees-twice")

    def test_one_seed_and_a_case_do_not_go_together(self):
        done = self.bench("simulate", "--seed", "3", "--runs", "2", code=2)
        self.assertIn("do not go with the measurement of a case", done.stderr)
        self.assertIn("no case 'hours'", self.bench("simulate", "--case", "hours", code=2).stderr)
