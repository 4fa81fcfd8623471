"""Rules about modules: who imports whom, and what Package.swift says of it."""

import re

from linting import design

IMPORT = re.compile(
    r"^[ \t]*(?:@\w+(?:\([^)\n]*\))?[ \t]+)*(?:(public|package|internal|fileprivate|private)[ \t]+)?"
    r"import[ \t]+(?:(?:struct|class|enum|protocol|typealias|func|var|let|actor)[ \t]+)?([A-Za-z_]\w*)",
    re.MULTILINE)


def imports(tree, path):
    """Yields (line, access, module) for every import of a file."""
    source = tree.swift(path)
    for match in IMPORT.finditer(source.code):
        yield source.line_of(match.start(2)), match.group(1), match.group(2)


def layer_of(path):
    """The folder that is the layer of a file under Sources or Tests, or None."""
    parts = path.split("/")
    return parts[1] if len(parts) > 2 and parts[0] in ("Sources", "Tests") else None


def declared(target):
    return {(d.get("byName") or d.get("target") or [None])[0] for d in target["dependencies"]} - {None}


def manifest_line(tree, name):
    """The line of Package.swift that makes the target `name`."""
    text = tree.text("Package.swift") if "Package.swift" in tree.paths else ""
    of_tests = re.escape(name[: -len("Tests")]) if name.endswith("Tests") else None
    made = [rf'(?:module\(\s*"\w+",|(?:program|library)\(|name:)\s*("{re.escape(name)}")']
    if of_tests:
        made.append(rf'tests\(\s*"\w+",\s*("{of_tests}")')
    for pattern in made:
        if match := re.search(pattern, text):
            return text.count("\n", 0, match.start(1)) + 1
    return 1


def layers(tree):
    """A module imports from its own layer and lower ones: System, Ground, Cluster, the systems, Programs. The systems
    never import each other."""
    home = {target["name"]: layer_of(target["path"] + "/") for target in tree.targets}
    of_tests = {target["name"] for target in tree.targets if target["path"].startswith("Tests/")}
    for target in tree.targets:
        folder = home[target["name"]]
        if folder is None or folder not in design.LAYERS:
            if target["type"] != "test" and not target["path"].startswith("Fuzz"):
                yield ("Package.swift", manifest_line(tree, target["name"]),
                       f"{target['name']} lies in {target['path']}, which is in no layer (scripts/linting/design.py)")
            continue
        for path in tree.files_of(target):
            for line, _, name in imports(tree, path):
                other = home.get(name)
                if other is None or other == folder or other not in design.LAYERS:
                    continue
                if path.startswith("Sources/") and name in of_tests:
                    yield path, line, f"{name} is for tests: sources must not import it"
                elif design.LAYERS[other] > design.LAYERS[folder]:
                    yield path, line, f"{folder} is below {other} and must not import {name}"
                elif folder in design.SYSTEMS and other in design.SYSTEMS:
                    yield path, line, f"{folder} and {other} are systems: they meet in Cluster, not in {name}"


def dependencies(tree):
    """What a target imports and what Package.swift says it depends on are the same: nothing missing, nothing
    unused."""
    local = {target["name"] for target in tree.targets}
    programs = {target["name"] for target in tree.targets if target["type"] == "executable"}
    for target in tree.targets:
        files = tree.files_of(target)
        if not files or target["type"] == "system":
            continue
        says, does = declared(target), {}
        for path in files:
            for line, _, name in imports(tree, path):
                if name in local and name != target["name"]:
                    does.setdefault(name, (path, line))
        for name in sorted(does.keys() - says):
            yield (*does[name], f"{target['name']} imports {name}, which Package.swift does not give it")
        for name in sorted(says - does.keys()):
            if name in local - programs:  # a test that runs a program depends on it without an import
                yield ("Package.swift", manifest_line(tree, target["name"]),
                       f"{target['name']} depends on {name} and never imports it")


def c_library(tree):
    """A C library has one importing module (scripts/linting/design.py names it), and no C type in its interface."""
    for path in tree.swift_files("Sources", "Tests", "Fuzz"):
        module = tree.module_of(path)
        for line, access, name in imports(tree, path):
            owners = design.C_LIBRARIES.get(name)
            if owners is None:
                if any(t["name"] == name and t["path"].startswith("Sources/System/") for t in tree.targets):
                    yield path, line, f"{name} has no owner in scripts/linting/design.py"
                continue
            if module not in owners:
                yield path, line, f"only {', '.join(sorted(owners))} may import {name}; call that instead"
            elif access in ("public", "package"):
                yield path, line, f"the types of {name} stay inside {module}: import it without '{access}'"


def foundation(tree):
    """Nobody imports Foundation; FoundationEssentials is for the modules that read and write JSON."""
    for path in tree.swift_files("Sources", "Tests", "Fuzz"):
        for line, _, name in imports(tree, path):
            if name in ("Foundation", "FoundationNetworking", "FoundationXML", "FoundationInternationalization"):
                yield (path, line, f"{name} makes the binary tens of megabytes larger; take the standard library, "
                       "Glibc or, for JSON, Documents")
            elif name == "Dispatch":
                yield path, line, "threads and timers come from Concurrency and EventLoops, not from Dispatch"
            elif name == "FoundationEssentials" and path.startswith("Sources/"):
                if tree.module_of(path) not in design.FOUNDATION_ESSENTIALS:
                    yield path, line, f"only {', '.join(sorted(design.FOUNDATION_ESSENTIALS))} may import {name}"


def module_name(tree):
    """A module is never named like a type in it: `Module.Type` could not be written any more."""
    for target in tree.targets:
        if target["type"] == "test":
            continue
        wanted = re.compile(
            rf"^(?!\s).*\b(?:struct|class|enum|actor|protocol|typealias)\s+{re.escape(target['name'])}\b", re.MULTILINE)
        for path in tree.files_of(target):
            source = tree.swift(path)
            for match in wanted.finditer(source.code):
                yield path, source.line_of(match.start()), f"a type in module {target['name']} has the module's name"


def pure(tree):
    """A module that decides does nothing else: no await, no async, no C library, no clock."""
    effects = re.compile(r"\b(await|async|Mutex|Atomic|Glibc)\b")
    for path in tree.swift_files("Sources"):
        if tree.module_of(path) in design.PURE:
            source = tree.swift(path)
            for match in effects.finditer(source.code):
                yield (path, source.line_of(match.start()),
                       f"{tree.module_of(path)} only decides; '{match.group()}' belongs in the service around it")


def packages(tree):
    """Every Debian package that Package.swift names is in scripts/dependencies."""
    if "scripts/dependencies" not in tree.paths:
        return
    table = re.findall(r"^[a-z,]+\|([a-z0-9.+-]+)\|", tree.text("scripts/dependencies"), re.MULTILINE)
    for target in tree.targets:
        for provider in target.get("providers") or []:
            for package in (name for names in provider.get("apt", []) for name in names):
                if package not in table:
                    yield ("Package.swift", manifest_line(tree, target["name"]),
                           f"{package} is not in the table of scripts/dependencies")


def module_map(tree):
    """Every module of Sources is in the map of ARCHITECTURE.md."""
    if "ARCHITECTURE.md" not in tree.paths:
        return
    page = tree.text("ARCHITECTURE.md")
    for target in tree.targets:
        name = target["name"]
        if target["path"].startswith("Sources/") and not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", page):
            yield "ARCHITECTURE.md", 1, f"the map does not have {name} ({target['path']})"


RULES = {
    "layers": layers,
    "dependencies": dependencies,
    "c-library": c_library,
    "foundation": foundation,
    "module-name": module_name,
    "pure": pure,
    "packages": packages,
    "module-map": module_map,
}
