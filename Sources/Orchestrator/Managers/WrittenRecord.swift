import ClusterModel
import Synchronization

/// The JSON of a record on its way to the store, written by whoever submits the task: the one who stores, and for whom all wait, has
/// less to do. Where he comes first he writes it himself.
final class WrittenRecord: Sendable {
    private let record: TaskRecord
    private let bytes = Mutex<[UInt8]?>(nil)

    init(_ record: TaskRecord) { self.record = record }

    func write() {
        let json = RecordCoding.encode(record)
        bytes.withLock { $0 = json }
    }

    /// The JSON of this state of the task; nil for another, and while it is not written.
    func json(of state: TaskRecord) -> [UInt8]? {
        guard state.id == record.id, state.revision == record.revision else { return nil }
        return bytes.withLock { $0 }
    }
}
