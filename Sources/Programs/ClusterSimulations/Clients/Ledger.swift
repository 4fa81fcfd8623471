import ClusterModel
import JobModel
import TaskDecisions

/// What clients asked for and were told: what the cluster has to answer for.
final class Ledger {
    final class Entry {
        let key: String
        let spec: TaskSpec
        var task: TaskID?
        var removalAsked = false
        /// Nothing is stored of it any more, rightly.
        var isGone = false

        init(key: String, spec: TaskSpec) {
            self.key = key
            self.spec = spec
        }
    }

    private(set) var entries: [Entry] = []
    private var numbers: [TaskID: Int] = [:]
    private var seen: Set<String> = []
    /// Entries that were acknowledged, and are stored as far as anybody knows.
    private(set) var owed: Set<Int> = []

    func add(_ spec: TaskSpec) -> Int {
        entries.append(Entry(key: "key-\(entries.count)", spec: spec))
        return entries.count - 1
    }

    func acknowledge(_ number: Int, _ task: TaskID) {
        entries[number].task = task
        numbers[task] = number
        owed.insert(number)
    }

    /// Whether no instance of its kind was seen before.
    func isFirst(_ job: JobID, _ instance: JobInstance) -> Bool {
        let kind = "\(job) \(instance.group) \(instance.version) \(instance.node ?? "")"
        return seen.insert(kind).inserted
    }

    func askRemoval(_ number: Int) { entries[number].removalAsked = true }

    /// Its row is deleted, after it was final.
    func deleted(_ task: TaskID) {
        guard let number = numbers[task] else { return }
        entries[number].isGone = true
        owed.remove(number)
    }

    /// A manager that starts has to know of all that is owed.
    func checkLoaded(_ core: TaskCore, _ world: World) {
        for number in owed.sorted() {
            let entry = entries[number]
            world.check(
                core.tasks[entry.task!] != nil, .taskLost,
                "\(entry.key) was acknowledged as \(entry.task!), and the new manager does not know it")
        }
    }
}
