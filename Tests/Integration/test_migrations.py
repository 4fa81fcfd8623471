"""Databases of older and newer versions."""

import json
import os
import sqlite3

from harness import ApolloTestCase
from harness.case import ROOT

FIXTURES = os.path.join(ROOT, "Tests", "Fixtures", "databases")


def schema(path):
    """What a database is made of: every object but the record of its migrations, and which steps were applied."""
    with sqlite3.connect(path) as database:
        objects = set(database.execute("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL"))
        steps = set(database.execute("SELECT component, version, name, checksum FROM schema_migrations"))
    return objects, steps


class Migrations(ApolloTestCase):
    own_platform = True

    def from_text(self, platform, name):
        os.makedirs(platform.data, mode=0o700)
        path = os.path.join(platform.data, "apollo.db")
        with open(os.path.join(FIXTURES, name)) as file, sqlite3.connect(path) as database:
            database.executescript(file.read())
        database.close()
        os.chmod(path, 0o600)
        return path

    def test_every_stored_database_is_brought_up_to_date_and_everything_is_found(self):
        fresh = self.make_platform(data=os.path.join(self.make_platform().scratch, "fresh")).start()
        self.assertEqual(fresh.terminate(), 0)
        expected = schema(os.path.join(fresh.data, "apollo.db"))
        names = sorted(os.listdir(FIXTURES))
        self.assertTrue(names)
        for name in names:
            # They were finished when the version was young; they must not be forgotten for their age.
            platform = self.make_platform(
                data=os.path.join(fresh.scratch, name), env={"APOLLO_TASKS_RETENTION": "30000d"})
            path = self.from_text(platform, name)
            platform.start()
            tasks = json.loads(platform.apollo("task", "ps", "--all", "--output", "json").out)
            self.assertEqual(
                {task["name"]: task["state"] for task in tasks}, {"done": "completed", "wrong": "failed"}, name
            )
            self.assertEqual(platform.terminate(), 0)
            # Whatever components there are: none was forgotten, and each came to what it is when it is made anew.
            self.assertEqual(schema(path), expected, name)

    def test_a_newer_database_is_refused_in_one_line_and_left_as_it_is(self):
        platform = self.make_platform().start()
        self.assertEqual(platform.terminate(), 0)
        path = os.path.join(platform.data, "apollo.db")
        components = {step[0] for step in schema(path)[1]}
        for component in components:
            with sqlite3.connect(path) as database:
                database.execute(
                    "INSERT INTO schema_migrations VALUES (?, 999, 'of tomorrow', '0', 0)", [component])
            database.close()
            outcome = platform.apollo("up", "--data", platform.data, "--port", "0")
            self.assertCode(outcome, 69)
            self.assertSays(outcome.err, "999", component, "hint: ")
            with sqlite3.connect(path) as database:
                database.execute("DELETE FROM schema_migrations WHERE version = 999")
            database.close()
        platform.start()
