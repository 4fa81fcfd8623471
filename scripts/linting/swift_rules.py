"""Rules about what stands in a Swift file."""

import os
import re

from linting import design

TYPE = r"(?:struct|class|enum|actor|protocol|typealias)"


def matches(tree, paths, pattern, text=lambda source: source.code):
    """Yields (path, line, match) for every place in the files where the pattern matches the code."""
    pattern = re.compile(pattern, re.MULTILINE)
    for path in paths:
        source = tree.swift(path)
        for match in pattern.finditer(text(source)):
            yield path, source.line_of(match.start()), match


def escape(rule, pattern, message, folders):
    """A rule that only the modules of design.ESCAPES[rule] may break."""

    def check(tree):
        paths = [p for p in tree.swift_files(*folders) if tree.module_of(p) not in design.ESCAPES[rule]]
        for path, line, match in matches(tree, paths, pattern):
            if not takes_generator(tree.swift(path).code, match):
                yield path, line, f"'{' '.join(match.group().split())}': {message}"

    return check


def takes_generator(code, match):
    """Whether a call is given its random numbers: `shuffled(using: &source)`."""
    end = code.find(")", match.end())
    return "using:" in code[match.start() : end + 1]


unstructured_task = escape(
    "unstructured-task", r"\bTask\s*(?:<[^>\n]*>\s*)?(?:\.\s*(?:detached|immediate\w*|init)\b|\{|\()",
    "nobody awaits it, and it leaves the simulator; use a task group or a service's run()", ("Sources",))
unstructured_task.__doc__ = "No unstructured tasks outside Ground's Concurrency and EventLoops."

system_clock = escape(
    "system-clock",
    r"\b(?:ContinuousClock|SuspendingClock|DispatchTime)\b|\bDate\s*\(|\bDate\.now\b"
    r"|(?<![\w.])(?:clock_gettime|gettimeofday)\b|(?<![\w.])time\s*\(\s*(?:nil|&)",
    "time comes in through Environment (clock, wallClock)", ("Sources", "Tests"))
system_clock.__doc__ = "No clock of the system outside Ground: time comes in through Environment."

system_random = escape(
    "system-random",
    r"\.random\s*\(|\.randomElement\s*\(|\.shuffled?\s*\(|\bSystemRandomNumberGenerator\b|\bUUID\s*\("
    r"|(?<![\w.])(?<!func )(?:arc4random\w*|rand|rand_r|srand|random|drand48|getrandom|getentropy)\s*\(",
    "random numbers and ids come in through Environment (random, identifier)", ("Sources", "Tests"))
system_random.__doc__ = "No random numbers of the system outside Ground: they come in through Environment."

guarded_closure = escape(
    "guarded-closure", r"\bMutex\s*<\s*\([^<>\n]*->[^<>\n]*\)\s*\??\s*>",
    "a closure is wrapped once more each time it is read there (Swift 6.3); guard a list of them", ("Sources", "Tests"))
guarded_closure.__doc__ = "No closure that is itself what a lock guards: each read wraps it once more."

sleeping = escape(
    "sleeping",
    r"\bTask\s*\.\s*sleep\b|\bThread\s*\.\s*sleep\b"
    r"|(?<![\w.])(?<!func )(?:sleep|usleep|nanosleep)\s*\((?!\s*(?:for|until)\s*:)"
    r"|(?:\.live\.clock|\bLiveClock\s*\(\s*\))\s*\.\s*sleep\b",
    "wait for what should happen, with a deadline; in sources by environment.clock", ("Sources", "Tests"))
sleeping.__doc__ = "No sleeps: sources wait on the injected clock, tests wait for the event itself."


def task_name(tree):
    """No type of ours is named Task: it would shadow Swift's."""
    for path, line, _ in matches(tree, tree.swift_files(), rf"\b{TYPE}\s+Task\b"):
        yield path, line, "a type named Task shadows Swift's: TaskSpec, TaskRecord, TaskID"


def names(tree):
    """Nothing is named Utils or Helpers: a name says what a thing is."""
    vague = r"(?:Util(?:s|ity|ities)?|Helpers?)"
    for path in tree.paths:
        for part in path.split("/"):
            named = rf"(?:[\w-]*[a-z0-9_-])?{vague}(?:\+\w+)?(?:\.\w+)?"
            if re.fullmatch(named, part, re.IGNORECASE):
                yield path, 1, f"'{part}' does not say what is in it"
                break
    for path, line, match in matches(tree, tree.swift_files(), rf"\b{TYPE}\s+(\w*{vague})\b"):
        yield path, line, f"'{match.group(1)}' does not say what it is"


def unfinished(tree):
    """Nothing is left for later in the code: no marks, no stubs, no placeholders."""
    marks = re.compile(r"\b(TO[D]O|FIX[M]E|XX[X]|HAC[K])\b")
    for path in tree.ending(".swift", ".c", ".h", ".py", ".sh", "Makefile"):
        for number, line in enumerate(tree.text(path).split("\n"), 1):
            if match := marks.search(line):
                yield path, number, f"'{match.group()}': finish it, or name it in an issue"
    stub = r"\b(?:fatalError|preconditionFailure)\s*\(\s*\"(?:not (?:yet )?implemented|unimplemented|to be done)"
    for path, line, _ in matches(tree, tree.swift_files(), stub, text=lambda source: source.text):
        yield path, line, "a stub: build it, or leave it out"
    for path in tree.swift_files():
        if os.path.basename(path) == "Placeholder.swift":
            yield path, 1, "the module has its first file: the placeholder can go"


def file_length(tree):
    """A file is one idea: over 300 lines it is warned of, over 500 refused."""
    for path in tree.ending(".swift", ".c", ".h"):
        if path.endswith(".pb.swift"):
            continue  # made of a .proto file, which is what people read
        count = tree.text(path).count("\n")
        if count > design.LINES_REFUSED:
            yield path, 1, f"{count} lines: split it (at most {design.LINES_REFUSED})"
        elif count > design.LINES_WARNED:
            yield path, 1, f"{count} lines: is it still one idea? (at best under {design.LINES_WARNED})", "warning"


def swallowed_error(tree):
    """An error that is dropped (`try?`, an empty catch) says why, on its line or the one before."""
    for path, line, match in matches(tree, tree.swift_files("Sources", "Fuzz"), r"\btry\?|\bcatch\b[^{}\n]*\{\s*\}"):
        if "CancellationError" in match.group():
            continue  # ending where one was asked to end is no error
        source = tree.swift(path)
        last = line + match.group().count("\n")
        if not any(number in source.comments for number in range(line - 1, last + 1)):
            what = "try?" if match.group() == "try?" else "an empty catch"
            yield path, line, f"{what} drops an error: say in a comment why that is right, or handle it"


def documentation(tree):
    """A public type says in a comment what it is."""
    modifiers = r"(?:(?:@\w+(?:\([^)\n]*\))?|final|indirect|nonisolated)\s+)*"
    declaration = rf"^{modifiers}public\s+{modifiers}(?:struct|class|enum|actor|protocol)\s+(\w+)"
    for path, line, match in matches(tree, tree.swift_files("Sources"), declaration):
        lines = tree.swift(path).lines
        above = line - 2
        while above >= 0 and lines[above].lstrip().startswith("@"):
            above -= 1
        if above < 0 or not lines[above].lstrip().startswith("///"):
            yield path, line, f"public type '{match.group(1)}' has no documentation comment", "warning"


RULES = {
    "unstructured-task": unstructured_task,
    "system-clock": system_clock,
    "system-random": system_random,
    "guarded-closure": guarded_closure,
    "sleeping": sleeping,
    "task-name": task_name,
    "names": names,
    "unfinished": unfinished,
    "file-length": file_length,
    "swallowed-error": swallowed_error,
    "documentation": documentation,
}
