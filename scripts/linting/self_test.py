"""Proof that every rule can fail, and that it leaves alone what is right."""

from linting.source import SwiftSource
from linting.tree import Tree, check

GROUND = "Sources/Ground/Gears/Gears.swift"
TESTS = "Tests/Ground/GearsTests/GearsTests.swift"


def target(name, path, *dependencies, type="regular", **more):
    depends = [{"byName": [name, None]} for name in dependencies]
    return {"name": name, "path": path, "type": type, "dependencies": depends, **more}


TARGETS = [
    target("CCurl", "Sources/System/CCurl", type="system", providers=[{"apt": [["libcurl4-openssl-dev"]]}]),
    target("Gears", "Sources/Ground/Gears"),
    target("Concurrency", "Sources/Ground/Concurrency"),
    target("Documents", "Sources/Ground/Documents"),
    target("HTTPClients", "Sources/Ground/HTTPClients", "CCurl"),
    target("TaskDecisions", "Sources/Orchestrator/TaskDecisions"),
    target("Splits", "Sources/MapReduce/Splits"),
    target("GearsTests", "Tests/Ground/GearsTests", "Gears", type="test"),
]
TESTS_OF_GEARS = "@testable import Gears\n"


def with_targets(*replaced):
    names = {t["name"] for t in replaced}
    return [t for t in TARGETS if t["name"] not in names] + list(replaced)


# rule, what is broken, the lines it is broken in, files, targets; and the same for what is right, with no lines.
CASES = [
    ("layers", "a lower layer imports a higher one", [1], {GROUND: "import TaskDecisions\n"},
     with_targets(target("Gears", "Sources/Ground/Gears", "TaskDecisions"))),
    ("layers", "a system imports another", [2],
     {"Sources/MapReduce/Splits/S.swift": "import Gears\npublic import TaskDecisions\n"},
     with_targets(target("Splits", "Sources/MapReduce/Splits", "TaskDecisions", "Gears"))),
    ("layers", "a source imports what is for tests", [1], {GROUND: "import Doubles\n"},
     TARGETS + [target("Doubles", "Tests/Support/Doubles")]),
    ("layers", "a test imports what is for tests", [], {TESTS: "import Doubles\n"},
     TARGETS + [target("Doubles", "Tests/Support/Doubles")]),
    ("layers", "a target in no layer", [1], {"Package.swift": 'name: "Stray"\n'},
     with_targets(target("Stray", "Sources/Elsewhere/Stray"))),
    ("layers", "a higher layer imports a lower one", [], {"Sources/MapReduce/Splits/S.swift": "import Gears\n"},
     with_targets(target("Splits", "Sources/MapReduce/Splits", "Gears"))),
    ("dependencies", "an import that Package.swift does not give", [3],
     {GROUND: "import Glibc\n\nimport Documents\n"}, TARGETS),
    ("dependencies", "a dependency never imported", [2],
     {"Package.swift": 'of("Gears"),\nmodule("Ground", "Gears", ["Documents"])\n', GROUND: "struct A {}\n"},
     with_targets(target("Gears", "Sources/Ground/Gears", "Documents"))),
    ("dependencies", "the import stands in a comment", [1],
     {"Package.swift": 'module("Ground", "Gears", ["Documents"])\n', GROUND: "// import Documents\n"},
     with_targets(target("Gears", "Sources/Ground/Gears", "Documents"))),
    ("dependencies", "a test that runs a program", [], {TESTS: TESTS_OF_GEARS},
     with_targets(target("GearsTests", "Tests/Ground/GearsTests", "Gears", "sample", type="test"))
     + [target("sample", "Tests/Support/sample", type="executable")]),
    ("dependencies", "both agree", [], {GROUND: "internal import struct Documents.Outline\n"},
     with_targets(target("Gears", "Sources/Ground/Gears", "Documents"))),
    ("dependencies", "a test of its module", [], {TESTS: TESTS_OF_GEARS}, TARGETS),
    ("c-library", "a second importer", [1], {GROUND: "import CCurl\n"}, TARGETS),
    ("c-library", "a test that goes past the module", [1], {TESTS: "import CCurl\n"}, TARGETS),
    ("c-library", "its types in the interface", [1],
     {"Sources/Ground/HTTPClients/C.swift": "public import CCurl\n"}, TARGETS),
    ("c-library", "a library without an owner", [1], {GROUND: "import CNew\n"},
     TARGETS + [target("CNew", "Sources/System/CNew", type="system")]),
    ("c-library", "the owner", [], {"Sources/Ground/HTTPClients/C.swift": "import CCurl\n"}, TARGETS),
    ("foundation", "Foundation", [2], {GROUND: "import Glibc\npublic import Foundation\n"}, TARGETS),
    ("foundation", "Dispatch", [1], {GROUND: "import Dispatch\n"}, TARGETS),
    ("foundation", "FoundationEssentials elsewhere", [1], {GROUND: "import FoundationEssentials\n"}, TARGETS),
    ("foundation", "FoundationEssentials where JSON is", [],
     {"Sources/Ground/Documents/D.swift": "import FoundationEssentials\n"}, TARGETS),
    ("module-name", "a type named like its module", [2], {GROUND: "\npublic final class Gears {}\n"}, TARGETS),
    ("module-name", "another type", [], {GROUND: "struct GearsBox {}\nenum A {\n    enum Gears {}\n}\n"}, TARGETS),
    ("pure", "a deciding module awaits", [1, 2],
     {"Sources/Orchestrator/TaskDecisions/C.swift": "func f() async {\n    await g()\n}\n"}, TARGETS),
    ("pure", "a deciding module decides", [],
     {"Sources/Orchestrator/TaskDecisions/C.swift": "// no await here\nfunc f() {}\n"}, TARGETS),
    ("packages", "a package that nobody installs", [1], {"scripts/dependencies": "build|make|make|why\n"}, TARGETS),
    ("packages", "a package in the table", [], {"scripts/dependencies": "build|libcurl4-openssl-dev||why\n"}, TARGETS),
    ("module-map", "a module that the map does not have", [1], {"ARCHITECTURE.md": "Gears\n"}, TARGETS[1:3]),
    ("module-map", "all of them", [], {"ARCHITECTURE.md": "| Gears, Concurrency | turn |\n"}, TARGETS[1:3]),
    ("unstructured-task", "every way to start one", [1, 2, 3, 4, 5],
     {GROUND: "Task { }\nTask.detached {}\n_ = Task(priority: .low) {}\nlet t = Task<Void, Never> {}\n"
      "Task.immediate { }\n"}, TARGETS),
    ("unstructured-task", "none of them", [],
     {GROUND: "Task.checkCancellation()\nTask.isCancelled\nwithTaskGroup(of: Int.self) { g in }\n"
      '"Task { }" // Task {\n',
      "Sources/Ground/Concurrency/C.swift": "Task {}\n", TESTS: TESTS_OF_GEARS + "Task {}\n"}, TARGETS),
    ("guarded-closure", "closures", [1, 2],
     {GROUND: "let a = Mutex<(@Sendable (String) -> Void)?>(nil)\nlet b = Mutex<(() -> Void)>({})\n"}, TARGETS),
    ("guarded-closure", "a list of them, and tuples", [],
     {GROUND: "let a = Mutex<[@Sendable (String) -> Void]>([])\nlet b = Mutex<(a: Int, b: Int)>((1, 2))\n"}, TARGETS),
    ("system-clock", "clocks", [1, 2, 3, 4],
     {GROUND: "ContinuousClock()\nlet now = Date()\nclock_gettime(CLOCK_REALTIME, &t)\ntime(nil)\n"}, TARGETS),
    ("system-clock", "a clock in a test", [2], {TESTS: TESTS_OF_GEARS + "SuspendingClock.now\n"}, TARGETS),
    ("system-clock", "the injected one", [],
     {GROUND: "environment.clock.now\nupDate()\nself.time(of: x)\nlet time: Timestamp\n"}, TARGETS),
    ("system-random", "random numbers", [1, 2, 3, 4, 5],
     {GROUND: "Int.random(in: 0..<2)\nUUID()\nlist.shuffled()\nlist.randomElement()\nrand()\n"}, TARGETS),
    ("system-random", "given ones", [],
     {GROUND: "Int.random(in: 0..<2, using: &g)\nlist.shuffled(using: &g)\nfunc random() {}\n"
      "environment.random.next()\n"}, TARGETS),
    ("sleeping", "sleeps", [2, 3, 4],
     {TESTS: TESTS_OF_GEARS + "try await Task.sleep(for: .seconds(1))\nusleep(10)\n"
      "Environment.live.clock.sleep(for: x)\n"}, TARGETS),
    ("sleeping", "a sleep in a source", [1], {GROUND: "sleep(1)\n"}, TARGETS),
    ("sleeping", "the injected clock", [],
     {GROUND: "try await clock.sleep(for: x)\nfunc sleep(until d: I) {}\ntry await sleep(until: d)\n"}, TARGETS),
    ("task-name", "a type named Task", [1, 2], {GROUND: "struct Task {}\n    typealias Task = Int\n"}, TARGETS),
    ("task-name", "other names", [], {GROUND: "struct TaskSpec {}\nlet x: Task<Int, Never>\n"}, TARGETS),
    ("names", "a type", [1], {GROUND: "enum StringUtils {}\n"}, TARGETS),
    ("names", "a file", [1], {"Sources/Ground/Gears/Helpers.swift": "\n"}, TARGETS),
    ("names", "a folder", [1], {"Sources/Ground/NetUtils/A.swift": "\n"}, TARGETS),
    ("names", "a file in small letters", [1], {"scripts/test_helpers.py": "\n"}, TARGETS),
    ("names", "words that only look alike", [],
     {"Sources/Ground/Gears/Utilisation.swift": "struct Utilisation {}\n"}, TARGETS),
    ("unfinished", "a mark", [2], {GROUND: "\n// TO" + "DO: more\n"}, TARGETS),
    ("unfinished", "a stub", [1], {GROUND: 'func f() { fatalError("not implemented") }\n'}, TARGETS),
    ("unfinished", "a placeholder", [1], {"Sources/Ground/Gears/Placeholder.swift": "\n"}, TARGETS),
    ("unfinished", "finished", [], {GROUND: 'fatalError("the loop ended")\n'}, TARGETS),
    ("file-length", "too long", [1], {GROUND: "\n" * 501}, TARGETS),
    ("file-length", "short", [], {GROUND: "\n" * 300}, TARGETS),
    ("swallowed-error", "try? and empty catches", [1, 2, 4],
     {GROUND: "let a = try? f()\ndo { try f() } catch {}\n\ndo { try f() } catch let error as E {\n}\n"}, TARGETS),
    ("swallowed-error", "explained", [],
     {GROUND: "let a = try? f()  // why\n// why\nlet b = try? f()\nx = 1\ndo { try f() } catch {\n    // why\n}\n"
      "do { try f() } catch { report(error) }\n", TESTS: TESTS_OF_GEARS + "try? f()\n"}, TARGETS),
    ("links", "to nowhere", [1, 2, 4],
     {"README.md": "[a](docs/no.md)\n[b](docs/yes.md#no-such)\n\n[c]: ../outside.md\n", "docs/yes.md": "# Yes\n"},
     TARGETS),
    ("links", "that lead somewhere", [],
     {"README.md": "# Top `it`\n"
      "[a](docs/yes.md) [b](docs/yes.md#so-it-is) [c](https://example.org/x) [d](#top-it) [e](docs)\n"
      "`[code](no.md)`\n```\n[code](no.md)\n```\n", "docs/yes.md": "## So, it is!\n"
      "[up](../README.md) [root](/docs/yes.md)\n"}, TARGETS),
    ("whitespace", "blanks, tabs, returns, no end", [1, 2, 3, 4], {GROUND: "a \n\tb\nc\r\nd"}, TARGETS),
    ("whitespace", "as it should be", [], {GROUND: "a\n    b\n", "Makefile": "all:\n\ttrue\n"}, TARGETS),
    ("line-length", "a long line in a script", [2], {"scripts/a": "#!/bin/sh\n: " + "x" * 119 + "\n"}, TARGETS),
    ("line-length", "long lines elsewhere", [], {GROUND: "// " + "x" * 200 + "\n", "docs/a.md": "x" * 200 + "\n"},
     TARGETS),
    ("personal-path", "on one machine", [1, 2],
     {"docs/a.md": "see /home" + "/ann/apollo/x\n/Users" + "/ann\n"}, TARGETS),
    ("personal-path", "everywhere", [],
     {"docs/a.md": "/usr/share and ~/apollo and /home/<you>/ and GET /users/ann\n"}, TARGETS),
    ("syntax", "scripts that cannot be read", [2, 2],
     {"scripts/a": "#!/usr/bin/env python3\nprint((\n", "scripts/b": "#!/bin/bash\nif true; done\n"}, TARGETS),
    ("syntax", "scripts that can", [],
     {"scripts/a": "#!/usr/bin/env python3\nprint()\n", "scripts/b": "#!/bin/bash\nif true; then :; fi\n"}, TARGETS),
    ("allow", "an example in Markdown", [], {"docs/a.md": "x  // lint:allow " + "task-name so\n"}, TARGETS),
    ("allow", "without a reason", [1], {GROUND: "// lint:allow " + "task-name\n"}, TARGETS),
    ("allow", "of no rule", [1], {GROUND: "// lint:allow " + "everything it is late\n"}, TARGETS),
    ("allow", "that covers nothing", [1],
     {GROUND: "let a = 1  // lint:allow " + "task-name it was one once\n"}, TARGETS),
    ("allow", "on the line or before it", [],
     {GROUND: "struct Task {}  // lint:allow " + "task-name a test of the name\n"
      "// lint:allow " + "task-name so\nenum Task {}\n"}, TARGETS),
    ("task-name", "allowed", [],
     {GROUND: "struct Task {}  // lint:allow " + "task-name a test of the name\n"}, TARGETS),
]

WARNINGS = [
    ("documentation", "a public type without a word", [2], {GROUND: "\npublic struct A {}\n"}),
    ("documentation", "with one", [], {GROUND: "/// Known.\n@frozen\npublic final class A {}\nstruct B {}\n"}),
    ("file-length", "long", [1], {GROUND: "\n" * 301}),
]

MASKING = [
    ('let a = "Task { }" // Task {', 'let a = "        "          '),
    (r'f("a\"b", c)', 'f("    ", c)'),
    (r'"x\(g("y", (1)))z" + h', '"  (g(" ", (1))) " + h'),
    ('#"a"b\\(c)"# + d', '#"       "# + d'),
    ('/* a /* b */ c */ d', "                  d"),
    ('"""\n  "x" Task {\n  """ e', '"""\n            \n  """ e'),
    ('"unfinished\nlet b = 1', '"          \nlet b = 1'),
]


def run(rules):
    """Runs all of it; prints what went wrong and a line of counts; returns the exit code."""
    failures, count = [], 0
    for rule, name, expected, files, targets in CASES:
        count += 1
        failures += difference(rules, rule, name, expected, files, targets, warnings=False)
    for rule, name, expected, files in WARNINGS:
        count += 1
        failures += difference(rules, rule, name, expected, files, TARGETS, warnings=True)
    for text, expected in MASKING:
        count += 1
        if SwiftSource(text).code != expected:
            failures.append(f"masking {text!r}: got {SwiftSource(text).code!r}, expected {expected!r}")
    proved = {case[0] for case in CASES + [(*w, None) for w in WARNINGS] if case[2]}
    for rule in rules:
        count += 1
        if rule not in proved:
            failures.append(f"no case proves that '{rule}' can fail")
    for failure in failures:
        print(f"self-test: {failure}")
    print(f"{count - len(failures)} passed, {len(failures)} failed")
    return 1 if failures else 0


def difference(rules, rule, name, expected, files, targets, warnings):
    found = [f for f in check(Tree({"Package.swift": "\n", **files}, targets), rules)
             if f.rule == rule and f.is_warning == warnings]
    if sorted(f.line for f in found) == expected:
        return []
    return [f"{rule}, {name}: expected lines {expected}, got {[str(f) for f in found]}"]
