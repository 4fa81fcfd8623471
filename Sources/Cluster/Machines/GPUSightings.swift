import ClusterModel

/// Decides what is believed of a machine's GPUs, look after look.
struct GPUSightings: Hashable {
    /// A driver that is busy or being renewed does not answer for a moment: only so many looks in a row without an answer say that
    /// there are none.
    static let patience = 3

    /// The GPUs that there are, as far as is known.
    private(set) var gpus: [GPU] = []
    /// What they were busy with at the last look; empty where that had no answer.
    private(set) var metrics: [GPUMetrics] = []
    private var failures = 0
    private var isFirst = true
    private var said: String?

    /// What a look has changed.
    struct Outcome: Hashable {
        /// Whether there are others than before.
        var hasChanged: Bool
        /// What is to be said of it in the log; nil for nothing new.
        var note: String?
    }

    mutating func take(_ look: Result<GPUReport, GPUFailure>) -> Outcome {
        defer { isFirst = false }
        switch look {
        case .success(let report):
            failures = 0
            metrics = report.metrics
            let fault =
                report.faults == 0
                ? nil : "nvidia-smi wrote \(report.faults) lines that say nothing of a GPU; they are left out"
            let news = say(fault)
            return change(to: report.gpus, news)
        case .failure(let failure):
            failures += 1
            metrics = []
            let isOver = isFirst || failures >= Self.patience
            let text = isOver ? "the GPUs of this machine are not used: \(failure.reason)" : nil
            let news = text.flatMap { say($0) }
            return isOver ? change(to: [], news) : Outcome(hasChanged: false)
        }
    }

    private mutating func change(to found: [GPU], _ news: String?) -> Outcome {
        guard found != gpus else { return Outcome(hasChanged: false, note: news) }
        let notes = [news, isFirst ? nil : Self.difference(gpus, found)].compactMap(\.self)
        gpus = found
        return Outcome(hasChanged: true, note: notes.isEmpty ? nil : notes.joined(separator: "; "))
    }

    /// The same is not said look after look.
    private mutating func say(_ text: String?) -> String? {
        defer { said = text }
        return text == said ? nil : text
    }

    private static func difference(_ before: [GPU], _ after: [GPU]) -> String {
        func names(_ gpus: [GPU]) -> String {
            gpus.map { "GPU \($0.index) (\($0.uuid))" }.joined(separator: ", ")
        }
        let gone = before.filter { gpu in !after.contains { $0.uuid == gpu.uuid } }
        let new = after.filter { gpu in !before.contains { $0.uuid == gpu.uuid } }
        let parts = [
            gone.isEmpty ? nil : "\(names(gone)) of this machine: not there any more",
            new.isEmpty ? nil : "\(names(new)) of this machine: there now",
        ].compactMap(\.self)
        return parts.isEmpty ? "GPUs of this machine have other numbers now" : parts.joined(separator: "; ")
    }
}
