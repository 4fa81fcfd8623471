"""Passwords that a person types: not shown, not kept, and the terminal is as it was whatever is pressed."""

import contextlib
import os
import termios

from harness import ApolloTestCase

PASSWORD = "fünf words in a row"


class Terminal:
    """A terminal with a command at it."""

    def __init__(self, apollo, *words):
        self.leader, self.follower = os.openpty()
        self.before = termios.tcgetattr(self.follower)
        self.shown = b""
        self.process = apollo.start(*words, stdin=self.follower, stdout=self.follower, stderr=self.follower)

    def answer(self, prompt, keys):
        """Waits for the prompt, which comes when nothing is echoed any more, and types."""
        shown = b""
        while not shown.endswith(b"(not shown): "):
            shown += os.read(self.leader, 4096)
        assert prompt.encode() in shown, shown
        self.shown += shown
        os.write(self.leader, keys.encode() if isinstance(keys, str) else keys)

    def end(self):
        """The exit code, and whether the terminal is as it was."""
        code = self.process.wait(60)
        after = termios.tcgetattr(self.follower)
        os.close(self.follower)
        with contextlib.suppress(OSError):  # The terminal is gone when its last user is.
            while piece := os.read(self.leader, 4096):
                self.shown += piece
        os.close(self.leader)
        return code, after == self.before


class TypedPasswords(ApolloTestCase):
    def user(self):
        name = self.unique("ann")
        answer = self.api.post("/api/v1/users", json={"name": name, "password": PASSWORD})
        self.assertEqual(answer.status, 201, repr(answer))
        return name

    def password_of(self, name, password):
        return self.api.post("/api/v1/login", json={"user": name, "password": password}, token=None).status == 201

    def login(self, name, keys):
        terminal = Terminal(self.apollo, "login", "--user", name, "--address", self.platform.address)
        terminal.answer("", keys)
        return terminal, *terminal.end()

    def test_a_password_is_not_shown_and_slips_are_taken_back(self):
        name = self.user()
        # A wrong beginning, all of it taken back; a letter of two bytes, taken back; then the right one.
        terminal, code, is_as_before = self.login(name, "wrong\x15fünö\x7ff words in a row\n")
        self.assertEqual((code, is_as_before), (0, True), terminal.shown)
        for part in ("words", "wrong", "f\u00fcn"):
            self.assertNotIn(part.encode(), terminal.shown)

    def test_an_interrupt_leaves_the_terminal_as_it_was(self):
        name = self.user()
        for key in ("\x03", "\x1c"):
            terminal, code, is_as_before = self.login(name, "four wor" + key)
            self.assertEqual((code, is_as_before), (130, True), terminal.shown)
            self.assertNotIn(b"four wor", terminal.shown)
            self.assertIn(b"interrupted", terminal.shown)

    def test_a_new_password_is_typed_twice_and_both_are_the_same(self):
        name = self.unique("bob")
        for again, code in (("another four words\n", 65), (PASSWORD + "\n", 0)):
            terminal = Terminal(self.apollo, "user", "create", name)
            terminal.answer(f"Password for {name}", PASSWORD + "\n")
            terminal.answer("The same again", again)
            self.assertEqual(terminal.end(), (code, True), terminal.shown)
            for part in (b"row", b"another"):
                self.assertNotIn(part, terminal.shown)
            if code:
                self.assertIn(b"the two passwords differ", terminal.shown)
                self.assertEqual(self.api.get(f"/api/v1/users/{name}").status, 404)
        self.assertTrue(self.password_of(name, PASSWORD))
