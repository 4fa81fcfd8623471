import ClusterModel
import Core
import Simulation

/// What one client does with one task, drawn beforehand.
struct Story: Sendable {
    static let label = "key"

    var key: String
    var name: String?
    var spec: TaskSpec
    /// Whether it asks again after a refusal that may pass.
    var isPatient: Bool
    /// Whether it asks for the same again later, as someone does who lost the answer.
    var repeats: Bool
    var watches: Bool
    /// How long after the acknowledgement it asks for the end; nil if it does not.
    var stopsAfter: Duration?
    var stopGrace: Duration?
    var asksToStopTwice: Bool
    /// Whether it removes the task once that is finished.
    var removes: Bool

    static func draw(_ key: String, _ random: SimulatedRandom) -> Story {
        Story(
            key: key, name: random.chance(0.2) ? random.pick(["web", "database", "cache"]) : nil,
            spec: drawSpec(key, random), isPatient: random.chance(0.8),
            repeats: random.chance(0.3), watches: random.chance(0.6),
            stopsAfter: random.chance(0.4) ? random.duration(in: .zero ... .seconds(20)) : nil,
            stopGrace: random.chance(0.3) ? random.duration(in: .zero ... .seconds(3)) : nil,
            asksToStopTwice: random.chance(0.3), removes: random.chance(0.3))
    }

    private static func drawSpec(_ key: String, _ random: SimulatedRandom) -> TaskSpec {
        var spec = TaskSpec(executable: "/bin/work")
        if random.chance(0.5) {
            spec.executable = nil
            spec.image = "work:1"
        }
        spec.command = Behaviour.draw(random).command
        spec.labels = [label: key]
        spec.resources.cpuMillis = random.pick([nil, 100, 500, 1000, 2500, random.chance(0.2) ? 9000 : 3000])
        spec.resources.memory = random.pick([nil, nil, .mebibytes(512), .gibibytes(2)])
        spec.resources.gpus = random.chance(0.1) ? 1 : nil
        spec.priority = random.pick([0, 0, 0, 5, -5])
        spec.stopGrace = Seconds(random.pick([0, 1, 3]))
        spec.timeout = random.chance(0.2) ? Seconds(random.pick([0.5, 3, 10])) : nil
        spec.restart = RestartPolicy(
            mode: random.pick([.never, .never, .onFailure, .always, .unlessStopped]),
            attempts: random.pick([nil, 1, 3]),
            wait: Seconds(random.pick([0.5, 2, random.chance(0.2) ? 0 : 1])),
            maximumWait: Seconds(random.pick([5, 20])))
        return spec
    }
}
