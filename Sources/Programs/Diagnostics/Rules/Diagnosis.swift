import DockerRuntimes

/// Says what facts about a machine mean for Apollo. It looks at nothing itself.
public enum Diagnosis {
    /// One finding a check at least, in the order in which people want to read them.
    public static func findings(of facts: MachineFacts) -> [Finding] {
        var findings: [Finding] = []
        func add<Fact>(_ check: String, _ fact: Fact?, _ judge: (Fact) -> [Finding]) {
            findings += fact.map(judge) ?? [late(check)]
        }
        add("platform", facts.platform) { platform($0, version: facts.version) }
        add("data", facts.data) { data($0, user: facts.user) }
        if facts.hasDatabaseServer { add("database", facts.database, database) }
        if facts.hasBusServer { add("bus", facts.bus, bus) }
        add("disk", facts.disk, disk)
        add("engine", facts.engine) { engine($0, user: facts.user) }
        add("oci", facts.oci) {
            oci($0, isEnabled: facts.isOCIEnabled, hasEngine: facts.engine?.engine != nil)
        }
        add("tools", facts.missingTools, tools)
        add("cgroups", facts.cgroups) { cgroups($0, user: facts.user) }
        add("kvm", facts.virtualisation) { virtualisation($0) }
        add("kernel", facts.kernel, kernel)
        add("network", facts.loopback) {
            // What containers need is of interest where they can be run.
            network(loopback: $0, forwards: facts.engine?.engine == nil ? nil : facts.forwardsPackets)
        }
        add("ports", facts.ports) { ports($0, platform: facts.platform) }
        add("clock", facts.clock, clock)
        add("limits", facts.limits, limits)
        if let certificate = facts.certificate {
            findings += self.certificate(certificate, at: facts.clock?.now)
        }
        add("libraries", facts.libraries, libraries)
        guard facts.user == 0 else { return findings }
        return findings.map { finding in
            var finding = finding
            // Root needs no sudo, and may not have it.
            if let fix = finding.fix, fix.hasPrefix("sudo ") { finding.fix = String(fix.dropFirst(5)) }
            return finding
        }
    }

    /// A check whose probe did not come back.
    private static func late(_ check: String) -> Finding {
        Finding(
            check, .warning, "not known: looking at it took too long",
            meaning: "The machine is overloaded, or what was asked hangs.",
            fix: "apollo doctor --check \(check)")
    }

    /// How many findings there are of each level, for the last line.
    public static func summary(of findings: [Finding]) -> String {
        func count(_ level: Finding.Level) -> Int { findings.count { $0.level == level } }
        func text(_ number: Int, _ one: String, _ many: String) -> String {
            number == 0 ? "no \(many)" : number == 1 ? "1 \(one)" : "\(number) \(many)"
        }
        return
            "\(text(count(.problem), "problem", "problems")), \(text(count(.warning), "warning", "warnings")), "
            + "\(count(.ok)) ok"
    }
}
