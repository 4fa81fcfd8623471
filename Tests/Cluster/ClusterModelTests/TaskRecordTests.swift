import Core
import Documents
import Testing

@testable import ClusterModel

@Suite("Records of tasks")
struct TaskRecordTests {
    private static let record = TaskRecord(
        id: TaskID(time: Timestamp(microseconds: 0), random: 1), name: "one", project: "default",
        spec: TaskSpec(executable: "/bin/true"), reason: "new", createdAt: Timestamp(microseconds: 0),
        createdBy: "user://local/admin")

    @Test func `everything of a record is stored`() {
        let fields = Mirror(reflecting: Self.record.fields).children.count
        #expect(TaskRecord.Fields.CodingKeys.allCases.count == fields)
    }

    @Test func `a record is read as it was written, its revision too`() throws {
        var record = Self.record
        record.revision = 12
        record.state = .running
        var writer = JSONWriter()
        record.write(to: &writer)
        let read: TaskRecord = try JSONReader.decode(from: writer.bytes)
        #expect(read == record)
        #expect(read.revision == 12)
        #expect(Set([read, record]).count == 1)
    }

    @Test func `a change of a copy changes nothing else`() {
        var (record, copy) = (Self.record, Self.record)
        copy.reason = "another"
        copy.attempts.append(
            Attempt(
                id: AttemptID(time: Timestamp(microseconds: 0), random: 1), number: 1,
                node: NodeID(time: Timestamp(microseconds: 0), random: 1), epoch: 1,
                createdAt: Timestamp(microseconds: 0)))
        #expect(record == Self.record)
        #expect(record.reason == "new" && record.attempts.isEmpty)
        record.reason = "another"
        #expect(record != copy)
        record.attempts = copy.attempts
        #expect(record == copy)
        record.revision += 1
        #expect(record != copy)
    }

    @Test func `a copy of a record shares what was asked until one of them changes it`() {
        var copy = Self.record
        #expect(copy.sharedSpec.box === Self.record.sharedSpec.box)
        copy.spec.priority = 7
        #expect(Self.record.spec.priority == 0)
        #expect(copy.spec.priority == 7)
        #expect(copy != Self.record)
    }
}
